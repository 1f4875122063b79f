package dev.longhaul.batch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How fast the workers may go.
final class Brake {
  void look() {}

  double factor() {
    return 1;
  }

  @Nullable String reason() {
    return null;
  }

  boolean blocksOthers() {
    return false;
  }

  Duration pauseAfter(Duration batch) {
    return Duration.ZERO;
  }
}
