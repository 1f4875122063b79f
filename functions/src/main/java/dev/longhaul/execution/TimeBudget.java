package dev.longhaul.execution;

import com.amazonaws.services.lambda.runtime.Context;
import java.time.Duration;

/// What is left of the function's time. Wraps Lambda's own count, the only one that the deadline
/// goes by.
record TimeBudget(Context context) {
  /// Enough to record where things stand and to send one message.
  private static final Duration TO_WIND_UP = Duration.ofSeconds(10);

  /// Whether no further step should be begun.
  boolean isSpent() {
    return context.getRemainingTimeInMillis() < TO_WIND_UP.toMillis();
  }
}
