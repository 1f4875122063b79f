package dev.longhaul.metrics;

import java.util.Map;
import java.util.TreeMap;

/// How many migrations need a person, as the sweep sees it: by target, and in all.
public final class Gauges {
  /// @param inError migrations in ERROR
  /// @param withoutProgress migrations that ought to get on and do not
  public record Reading(long inError, long withoutProgress) {
    Reading plus(Reading other) {
      return new Reading(inError + other.inError, withoutProgress + other.withoutProgress);
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

  /// Zeros as well, so that an alarm sees its end.
  ///
  /// @param isComplete whether every target was read, without which the sum would say less than
  ///   there is
  public void write(boolean isComplete) {
    byTarget.forEach(
        (target, reading) ->
            write(Map.of(Meter.FUNCTION, function, Meter.TARGET, target), reading));
    if (isComplete) {
      byTarget.values().stream()
          .reduce(Reading::plus)
          .ifPresent(sum -> write(Map.of(Meter.FUNCTION, function), sum));
    }
  }

  private static void write(Map<String, String> dimensions, Reading reading) {
    new EmbeddedLine(new TreeMap<>(dimensions))
        .with(Metric.MIGRATIONS_IN_ERROR, reading.inError())
        .with(Metric.MIGRATIONS_WITHOUT_PROGRESS, reading.withoutProgress())
        .write();
  }
}
