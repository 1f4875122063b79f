package dev.longhaul.testing.lambda;

import java.util.List;

/// What became of an invocation.
public sealed interface Answer {
  /// When it was known, by [System#nanoTime].
  long at();

  record Success(String body, long at) implements Answer {}

  /// As the caller sees it; also where the function could not even be made.
  record FunctionError(String errorType, String errorMessage, List<String> stackTrace, long at)
      implements Answer {}

  /// The process has ended without an answer.
  ///
  /// @param exitCode 128 and the signal's number after a signal
  record Ended(int exitCode, long at) implements Answer {}

  /// The deadline has passed without an answer, and the process has been killed for it.
  record TimedOut(long at) implements Answer {}

  /// The JSON of a success.
  ///
  /// @throws AssertionError with what it was instead
  default String body() {
    if (this instanceof Success(String body, long at)) {
      return body;
    }
    throw new AssertionError("no success: " + this);
  }

  /// @throws AssertionError with what it was instead
  default FunctionError functionError() {
    if (this instanceof FunctionError error) {
      return error;
    }
    throw new AssertionError("no function error: " + this);
  }
}
