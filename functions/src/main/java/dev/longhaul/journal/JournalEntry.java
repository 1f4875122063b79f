package dev.longhaul.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Placeholder;
import dev.longhaul.migration.StatementKind;
import dev.longhaul.migration.StatementKind.Data;
import dev.longhaul.migration.StatementKind.Definition;
import dev.longhaul.migration.StatementKind.OutsideTransaction;
import dev.longhaul.migration.StatementKind.Setting;
import dev.longhaul.migration.StatementKind.TransactionControl;
import dev.longhaul.migration.StatementKind.Unverifiable;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the journal knows of one migration.
///
/// @param attempt how often it has been claimed
/// @param failedAttempts how many of the attempts since it was last triggered have failed
/// @param meta a copy, free to be changed
/// @param stopRequested PAUSED or CANCELLED, asked for while it runs
/// @param notBefore no executor may claim it earlier
public record JournalEntry(
    Migration migration,
    String checksum,
    MigrationStatus status,
    Direction direction,
    int attempt,
    int failedAttempts,
    ObjectNode meta,
    Steps steps,
    @Nullable MigrationStatus stopRequested,
    @Nullable Backend backend,
    Run run,
    @Nullable Instant notBefore,
    Times times) {

  /// @param inDoubt the first step not done refuses a transaction and has been begun, so it may or
  ///   may not have happened, or half of it has
  /// @param outsideTransaction numbers, from 1, of statements that the server has refused to run
  ///   inside a transaction
  public record Steps(int done, int total, boolean inDoubt, Set<Integer> outsideTransaction) {
    public Steps {
      outsideTransaction = Set.copyOf(outsideTransaction);
    }
  }

  /// The server process of the live attempt. A process id alone may be taken by another one later.
  public record Backend(int pid, Instant start) {}

  /// How its attempts go in the functions.
  ///
  /// @param detachedAt when the executor of the live attempt left the statement to the server
  /// @param progress of the statement that runs, at the last look
  /// @param lambdaMillis time of the functions spent on the migration so far, as Lambda bills it
  /// @param batchRun counts the walks through its table from the beginning
  public record Run(
      @Nullable Instant detachedAt,
      @Nullable ObjectNode progress,
      long lambdaMillis,
      int batchRun) {}

  public record Times(
      Instant created, @Nullable Instant started, @Nullable Instant finished, Instant changed) {}

  public boolean isDetached() {
    return run.detachedAt() != null;
  }

  public String name() {
    return migration.name();
  }

  /// The statements of the script that runs, or that ran last.
  public List<String> statements() {
    return migration.statements(direction);
  }

  /// Whether certainly nothing of the forwards script is in the database. A script that may run in
  /// a transaction is there as a whole or not at all; of a first statement that refuses one and
  /// leaves nothing to verify, like a procedure that commits, nobody knows once it has been tried,
  /// and of one that runs in batches some may be there. What is FINISHED without a step was
  /// skipped, and so will its rollback be.
  public boolean nothingIsApplied() {
    return direction == Direction.FORWARDS
        && status != MigrationStatus.FINISHED
        && steps.done() == 0
        && !steps.inDoubt()
        && (attempt == 0 || !(isUnverifiable(1) || isFirstStatementBatched()));
  }

  /// Whether something of it is in the database, or may come there at this moment.
  public boolean mayBeApplied() {
    return switch (status) {
      case SCHEDULED, ROLLED_BACK -> false;
      case IN_PROGRESS, FINISHED -> true;
      case STARTED, ERROR, PAUSED, CANCELLED -> !nothingIsApplied();
    };
  }

  private boolean isFirstStatementBatched() {
    return migration.batch() != null && Placeholder.isIn(statements().getFirst());
  }

  /// Whether nothing but a person can tell what has become of the statement that may or may not
  /// have happened.
  public boolean isDoubtForAPerson() {
    return steps.inDoubt()
        && (isUnverifiable(steps.done() + 1)
            // Of what may be verified, the catalog does not tell in every state.
            || (status == MigrationStatus.ERROR && Meta.isOutcomeUnknown(meta)));
  }

  private boolean isUnverifiable(int number) {
    return switch (StatementKind.of(statements().get(number - 1))) {
      case Unverifiable unverifiable -> true;
      case OutsideTransaction verifiable -> false;
      case Data data -> steps.outsideTransaction().contains(number);
      case Definition definition -> steps.outsideTransaction().contains(number);
      case Setting setting -> false;
      case TransactionControl control -> false;
    };
  }
}
