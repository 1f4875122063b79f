package dev.longhaul.health;

/// From which values on a signal is no longer good. A limit of infinity is never reached.
public record Limit(double degraded, double bad, double critical) {
  /// The signal is not even read.
  public static final Limit OFF =
      new Limit(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

  public Limit {
    if (!(0 < degraded && degraded <= bad && bad <= critical)) {
      throw new IllegalArgumentException("limits must be positive and must not fall");
    }
  }

  boolean isOff() {
    return Double.isInfinite(degraded);
  }

  Level level(double value) {
    if (value >= critical) {
      return Level.CRITICAL;
    }
    if (value >= bad) {
      return Level.BAD;
    }
    return value >= degraded ? Level.DEGRADED : Level.GOOD;
  }

  /// The limit that has been reached.
  double reached(Level level) {
    return switch (level) {
      case GOOD, BLIND -> Double.NaN;
      case DEGRADED -> degraded;
      case BAD -> bad;
      case CRITICAL -> critical;
    };
  }
}
