package dev.longhaul.migration;

import java.time.Duration;

/// What an attempt ended with. The executor translates it to a transition in one place.
public sealed interface Outcome {
  /// The journal says it already: recorded with the work, in its transaction.
  record Recorded(MigrationStatus status) implements Outcome {}

  /// The migration will not get further by itself.
  record Failed(ErrorDetails error) implements Outcome {}

  /// Worth another attempt after `delay`; spends one of `max_attempts`.
  record Retry(ErrorDetails error, Duration delay) implements Outcome {}

  /// Has to let something else pass first; looks again later, at no cost.
  record Wait(String reason) implements Outcome {}

  /// The time of the function is up between two steps; goes on in a new attempt, at no cost.
  record Continue() implements Outcome {}

  /// It takes longer than the executor may stay: the server goes on with it alone, and a later
  /// executor reads how it has ended.
  record Detached() implements Outcome {}

  /// Another session is at it: of an executor that lives, or of one that has left or is gone.
  record InFlight() implements Outcome {}

  /// A person asked for it to stop, and it did. As what, the journal knows: it is what was asked
  /// last.
  record Stopped() implements Outcome {}

  /// The connection is gone and with it the answer. The server may still be at work: a later look
  /// finds out, once the session's lock is free.
  record Unknown(String reason) implements Outcome {}

  /// Another attempt has taken over, or a person has ended it; nothing is left to do here.
  record ClaimLost() implements Outcome {}
}
