package dev.longhaul.execution;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before a failed attempt is repeated: 1 s, doubling to 5 min, each with a jitter
/// of half of it either way, so that migrations that met at a lock do not meet there again.
record Backoff(RandomGenerator random) {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int MOST_DOUBLINGS = 20;

  /// @param failures how many attempts have failed before the one that this delay follows
  Duration after(int failures) {
    long doubled = FIRST.toMillis() << Math.min(failures, MOST_DOUBLINGS);
    long millis = Math.min(doubled, LONGEST.toMillis());
    return Duration.ofMillis((long) (millis * random.nextDouble(0.5, 1.5)));
  }
}
