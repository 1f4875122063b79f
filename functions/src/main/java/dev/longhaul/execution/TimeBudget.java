package dev.longhaul.execution;

import com.amazonaws.services.lambda.runtime.Context;
import java.time.Duration;

/// What is left of the function's time. Wraps Lambda's own count, the only one that the deadline
/// goes by.
///
/// @param given what was left when the invocation began
record TimeBudget(Context context, Duration given) {
  /// Enough to leave a statement to the server, to record where things stand, and to send a
  /// message.
  static final Duration TO_WIND_UP = Duration.ofSeconds(20);

  /// Enough to record where things stand, and to send a message.
  private static final Duration TO_RECORD = Duration.ofSeconds(10);

  TimeBudget(Context context) {
    this(context, Duration.ofMillis(context.getRemainingTimeInMillis()));
  }

  /// What may still be spent on work; zero if nothing.
  Duration left() {
    return leftBefore(TO_WIND_UP);
  }

  /// What may be spent on removing what a statement has left that took all of the time.
  Duration leftToRepair() {
    return leftBefore(TO_RECORD);
  }

  private Duration leftBefore(Duration end) {
    Duration left = Duration.ofMillis(context.getRemainingTimeInMillis()).minus(end);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /// Whether no further step should be begun.
  boolean isSpent() {
    return left().isZero();
  }

  /// How long the invocation has taken so far.
  Duration spent() {
    return given.minusMillis(context.getRemainingTimeInMillis());
  }
}
