package dev.longhaul.health;

/// How a database is, from best to worst.
public enum Level {
  GOOD,

  /// The work should take less.
  DEGRADED,

  /// The work should take much less, at once.
  BAD,

  /// The work should stop.
  CRITICAL,

  /// Nobody knows, so the work should stop as well.
  BLIND
}
