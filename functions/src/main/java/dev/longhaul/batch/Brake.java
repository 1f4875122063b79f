package dev.longhaul.batch;

import dev.longhaul.health.HealthCheck;
import dev.longhaul.health.HealthLimits;
import dev.longhaul.health.Pace;
import dev.longhaul.health.Reading;
import dev.longhaul.metrics.Meter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How fast the workers may go: what the database's health says, read by one thread and heeded by
/// all.
final class Brake {
  private final HealthCheck health;
  private final HealthLimits limits;
  private final Meter meter;
  private volatile Pace pace = Pace.begin();
  private long lastLook = System.nanoTime();

  /// @param limits of the target
  Brake(HealthCheck health, HealthLimits limits, Meter meter) {
    this.health = health;
    this.limits = limits;
    this.meter = meter;
  }

  /// From the next look on.
  ///
  /// @param override the migration's own limits
  void set(HealthLimits override) {
    health.change(limits.merge(override));
  }

  /// Reads the health anew.
  ///
  /// @return whether a session of others waits for one of our locks
  boolean look() {
    Reading reading = health.read();
    count();
    pace = pace.next(reading);
    return reading.blocksOthers();
  }

  /// The share of the time that the pace has held back since the last look.
  private void count() {
    long now = System.nanoTime();
    @Nullable String cause = pace.cause();
    if (cause != null) {
      meter.throttled(cause, Duration.ofNanos((long) ((now - lastLook) * (1 - pace.factor()))));
    }
    lastLook = now;
  }

  double factor() {
    return pace.factor();
  }

  boolean isStopped() {
    return pace.isStopped();
  }

  boolean isBeginning() {
    return pace.isBeginning();
  }

  /// Whether others need the database, or may.
  boolean isHeld() {
    return pace.factor() < 1;
  }

  @Nullable String reason() {
    return pace.reason();
  }

  Duration pauseAfter(Duration batch) {
    // A stop is waited for before the next batch.
    return pace.isStopped() ? Duration.ZERO : pace.pauseAfter(batch);
  }
}
