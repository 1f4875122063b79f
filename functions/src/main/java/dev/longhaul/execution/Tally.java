package dev.longhaul.execution;

import dev.longhaul.journal.JournalEntry;
import dev.longhaul.metrics.Meter;
import dev.longhaul.metrics.Metric;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Outcome;

/// What of an attempt is counted.
record Tally(Meter meter) {
  /// A migration is begun with its first statement; what goes on where an earlier attempt has left
  /// it, or tries again what has failed, is none.
  ///
  /// @param seen before it was claimed
  void claimed(JournalEntry seen) {
    if (seen.status() == MigrationStatus.STARTED
        && seen.failedAttempts() == 0
        && seen.steps().done() == 0
        && !seen.steps().inDoubt()
        && seen.run().progress() == null) {
      meter.add(Metric.MIGRATIONS_STARTED, 1);
    }
  }

  void ended(Outcome outcome) {
    switch (outcome) {
      case Outcome.Recorded(MigrationStatus status) -> now(status);
      case Outcome.Failed(var error) -> meter.add(Metric.MIGRATIONS_FAILED, 1);
      case Outcome.Retry(var error, var delay) -> meter.add(Metric.MIGRATIONS_RETRIED, 1);
      // Whoever looks at it later counts how it has ended.
      case Outcome.Detached() -> {}
      case Outcome.InFlight() -> {}
      case Outcome.Unknown(String reason) -> {}
      // No end.
      case Outcome.Wait(String reason) -> {}
      case Outcome.Continue() -> {}
      case Outcome.Stopped() -> {}
      case Outcome.ClaimLost() -> {}
    }
  }

  /// The server has recorded the end of an attempt that no executor was there to see.
  void foundEnded(JournalEntry entry) {
    if (entry.status() != MigrationStatus.STARTED || entry.failedAttempts() > 0) {
      now(entry.status());
    }
  }

  private void now(MigrationStatus status) {
    switch (status) {
      case FINISHED, ROLLED_BACK -> meter.add(Metric.MIGRATIONS_FINISHED, 1);
      case ERROR -> meter.add(Metric.MIGRATIONS_FAILED, 1);
      // Back in the queue after a failure.
      case STARTED -> meter.add(Metric.MIGRATIONS_RETRIED, 1);
      case SCHEDULED, IN_PROGRESS, PAUSED, CANCELLED -> {}
    }
  }
}
