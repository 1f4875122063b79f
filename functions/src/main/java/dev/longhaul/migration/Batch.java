package dev.longhaul.migration;

import dev.longhaul.health.HealthLimits;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How the statements of a migration that hold the [Placeholder] walk their table.
///
/// @param table as written, resolved by the session's search path
/// @param key names of columns, as written, by whose order the table is walked
/// @param size rows of the first batch; from there the size adapts
/// @param target how long a batch should take
/// @param parallelism how many workers walk at once, each on a connection of its own
/// @param stripes into how many passes a window of keys is cut; [#AUTO] to measure it, 1 for none
/// @param skipsBadRows passes over a row that the statement fails at, and records it, instead of
///   ending in ERROR
/// @param untilEmpty a query for how many rows are left; the walk is repeated until it answers 0.
///   Null for one walk
/// @param health limits of this migration over those of its target
public record Batch(
    String table,
    List<String> key,
    int size,
    Duration target,
    int parallelism,
    int stripes,
    boolean skipsBadRows,
    @Nullable String untilEmpty,
    HealthLimits health) {

  public static final int DEFAULT_SIZE = 1000;
  public static final Duration DEFAULT_TARGET = Duration.ofMillis(500);
  public static final int AUTO = 0;

  /// In rows. More in one transaction gains nothing, and keeps row locks for long.
  public static final int LARGEST_SIZE = 100_000;

  public static final int MOST_WORKERS = 16;
  public static final int MOST_STRIPES = 64;

  public Batch {
    key = List.copyOf(key);
  }
}
