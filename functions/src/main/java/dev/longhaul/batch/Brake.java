package dev.longhaul.batch;

import dev.longhaul.health.HealthCheck;
import dev.longhaul.health.Pace;
import dev.longhaul.health.Reading;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How fast the workers may go: what the database's health says, read by one thread and heeded by
/// all.
final class Brake {
  private final HealthCheck health;
  private volatile Pace pace = Pace.full();

  Brake(HealthCheck health) {
    this.health = health;
  }

  /// Reads the health anew.
  ///
  /// @return whether a session of others waits for one of our locks
  boolean look() {
    Reading reading = health.read();
    pace = pace.next(reading);
    return reading.blocksOthers();
  }

  double factor() {
    return pace.factor();
  }

  boolean isStopped() {
    return pace.isStopped();
  }

  @Nullable String reason() {
    return pace.reason();
  }

  Duration pauseAfter(Duration batch) {
    // A stop is waited for before the next batch.
    return pace.isStopped() ? Duration.ZERO : pace.pauseAfter(batch);
  }
}
