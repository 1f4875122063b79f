package dev.longhaul.metrics;

import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Adds up what one invocation does at one target, and writes it as a few lines: one at its end,
/// and one every minute while it goes on, since log lines are paid for. Several threads may add.
public final class Meter {
  private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);

  static final String FUNCTION = "FunctionName";
  static final String TARGET = "Target";
  static final String REASON = "Reason";

  private final Map<String, String> dimensions = new LinkedHashMap<>();
  private Map<Metric, Long> sums = new EnumMap<>(Metric.class);
  private Map<String, Double> throttled = new TreeMap<>();
  private @Nullable Sample batches;
  private long lastWritten = System.nanoTime();

  /// @param target the name of one that is configured: each new name makes metrics that cost money
  public Meter(String function, String target) {
    dimensions.put(FUNCTION, function);
    dimensions.put(TARGET, target);
  }

  public synchronized void add(Metric metric, long value) {
    if (value > 0) {
      sums.merge(metric, value, Long::sum);
    }
  }

  public synchronized void batch(long rows, Duration time) {
    add(Metric.ROWS_PROCESSED, rows);
    if (batches == null) {
      batches = new Sample();
    }
    batches.add(time.toNanos() / 1e6);
  }

  /// @param cause the name of a signal of the database's health, of which there are few
  public synchronized void throttled(String cause, Duration time) {
    throttled.merge(cause, time.toNanos() / 1e9, Double::sum);
  }

  /// Writes if the last time is a minute ago.
  public synchronized void writeIfDue() {
    if (System.nanoTime() - lastWritten >= LONGEST_SILENCE.toNanos()) {
      write();
    }
  }

  /// Writes what has come together since the last time; nothing if that is nothing.
  public synchronized void write() {
    lastWritten = System.nanoTime();
    if (!sums.isEmpty() || batches != null) {
      EmbeddedLine line = new EmbeddedLine(dimensions);
      sums.forEach(line::with);
      if (batches != null) {
        line.with(Metric.BATCH_DURATION, batches.values());
      }
      line.write();
    }
    throttled.forEach(
        (reason, seconds) -> {
          Map<String, String> withReason = new LinkedHashMap<>(dimensions);
          withReason.put(REASON, reason);
          new EmbeddedLine(withReason).with(Metric.THROTTLED_SECONDS, seconds).write();
        });
    sums = new EnumMap<>(Metric.class);
    throttled = new TreeMap<>();
    batches = null;
  }
}
