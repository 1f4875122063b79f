package dev.longhaul.metrics;

import java.util.Map;
import java.util.TreeMap;

/// How many migrations need a person, and how many events the bus has not taken, as the sweep sees
/// it: by target, and in all.
public final class Gauges {
  /// @param inError migrations in ERROR
  /// @param withoutProgress migrations that ought to get on and do not
  /// @param events those that are not published yet
  /// @param oldestEventSeconds how long ago the oldest of these happened; 0 where there is none
  public record Reading(long inError, long withoutProgress, long events, long oldestEventSeconds) {
    Reading plus(Reading other) {
      return new Reading(
          inError + other.inError,
          withoutProgress + other.withoutProgress,
          events + other.events,
          Math.max(oldestEventSeconds, other.oldestEventSeconds));
    }
  }

  private final String function;
  private final Map<String, Reading> byTarget = new TreeMap<>();

  public Gauges(String function) {
    this.function = function;
  }

  public void read(String target, Reading reading) {
    byTarget.put(target, reading);
  }

  /// Zeros as well, so that an alarm sees its end. Events only in all: each set of dimensions is a
  /// metric that is paid for, and the log says which target's they are.
  ///
  /// @param isComplete whether every target was read, without which the sum would say less than
  ///   there is
  public void write(boolean isComplete) {
    byTarget.forEach(
        (target, reading) ->
            line(Map.of(Meter.FUNCTION, function, Meter.TARGET, target), reading).write());
    if (isComplete) {
      byTarget.values().stream()
          .reduce(Reading::plus)
          .ifPresent(
              sum ->
                  line(Map.of(Meter.FUNCTION, function), sum)
                      .with(Metric.EVENTS_UNPUBLISHED, sum.events())
                      .with(Metric.OLDEST_EVENT, sum.oldestEventSeconds())
                      .write());
    }
  }

  private static EmbeddedLine line(Map<String, String> dimensions, Reading reading) {
    return new EmbeddedLine(new TreeMap<>(dimensions))
        .with(Metric.MIGRATIONS_IN_ERROR, reading.inError())
        .with(Metric.MIGRATIONS_WITHOUT_PROGRESS, reading.withoutProgress());
  }
}
