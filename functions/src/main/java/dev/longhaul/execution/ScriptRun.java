package dev.longhaul.execution;

import dev.longhaul.database.SqlState;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Outcome;
import dev.longhaul.migration.StatementKind;
import dev.longhaul.migration.StatementKind.OutsideTransaction;
import dev.longhaul.migration.StatementKind.Unverifiable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One attempt at a script on PostgreSQL. A script that may run in a transaction is one
/// [ServerUnit]; any other runs step by step, each step with its checkpoint.
final class ScriptRun {
  private final Attempt attempt;
  private final Connection connection;
  private final TimeBudget time;
  private final Duration retryDelay;

  ScriptRun(Attempt attempt, TimeBudget time, Backoff backoff) {
    this.attempt = attempt;
    this.connection = attempt.connection().connection();
    this.time = time;
    this.retryDelay = backoff.after(attempt.entry().failedAttempts());
  }

  Outcome run() {
    JournalEntry entry = attempt.entry();
    if (entry.failedAttempts() >= entry.migration().maxAttempts()) {
      return new Outcome.Failed(
          Errors.ours(
              "%d attempts have ended without a trace: the function or the server died each time"
                  .formatted(entry.failedAttempts()),
              entry,
              Math.min(entry.steps().done(), entry.statements().size() - 1),
              Advice.after("XX000", entry)));
    }
    try {
      repeatSettings(entry);
      Optional<JournalEntry> now = Optional.of(entry);
      Outcome outcome = null;
      while (outcome == null) {
        outcome = now.isPresent() ? nextStep(now.get()) : new Outcome.ClaimLost();
        now = outcome == null ? attempt.reread() : now;
      }
      return outcome;
    } catch (SQLException e) {
      return new Outcome.Unknown("SQLSTATE " + SqlState.of(e));
    }
  }

  /// Null to go on with the step after it.
  private @Nullable Outcome nextStep(JournalEntry now) throws SQLException {
    if (now.status() != MigrationStatus.IN_PROGRESS) {
      return recorded(now);
    }
    if (now.stopRequested() != null) {
      return new Outcome.Stopped(now.stopRequested());
    }
    if (time.isSpent()) {
      return new Outcome.Continue();
    }
    Steps steps = new Steps(now);
    return switch (steps.next()) {
      case Steps.Unit(int to) -> runUnit(now, to);
      case Steps.Bare(OutsideTransaction kind) -> runBare(now, kind);
    };
  }

  private @Nullable Outcome runUnit(JournalEntry now, int to) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(ServerUnit.sql(attempt, now.steps().done(), to, retryDelay));
      return null;
    } catch (SQLException e) {
      if (SqlState.isConnectionLoss(SqlState.of(e))) {
        throw e;
      }
      return stoppedOr(failure(e, now));
    }
  }

  /// The journal is told before the statement begins and when its outcome is known. In between, and
  /// if this executor dies there, the step is in doubt, and the catalog has the answer.
  private @Nullable Outcome runBare(JournalEntry now, OutsideTransaction kind) throws SQLException {
    Verification verification = new Verification(connection, kind);
    if (!Lane.enter(attempt.connection(), verification)) {
      return new Outcome.Wait(Lane.TAKEN);
    }
    if (now.steps().inDoubt()) {
      switch (verification.afterInterruption()) {
        case DONE -> {
          return stepDone(now);
        }
        case NOT_DONE -> verification.removeLeftOvers();
        case UNKNOWN -> {
          return outcomeUnknown(now);
        }
      }
    }
    Optional<String> obstacle = verification.obstacle();
    if (obstacle.isPresent()) {
      return new Outcome.Failed(
          Errors.ours(
              obstacle.get(),
              now,
              now.steps().done(),
              "Drop that index concurrently, then retry: " + Advice.command("retry", now)));
    }
    attempt.execute(attempt.inDoubt(true));
    try {
      executeBare(now, kind);
    } catch (SQLException e) {
      if (SqlState.isConnectionLoss(SqlState.of(e))) {
        throw e;
      }
      verification.removeLeftOvers();
      attempt.execute(attempt.inDoubt(false));
      return stoppedOr(kind instanceof Unverifiable ? partlyDone(e, now) : failure(e, now));
    }
    Optional<String> contradiction = verification.contradiction();
    if (contradiction.isPresent()) {
      verification.removeLeftOvers();
      return new Outcome.Failed(
          Errors.ours(contradiction.get(), now, now.steps().done(), Advice.after("XX000", now)));
    }
    return stepDone(now);
  }

  private void executeBare(JournalEntry now, OutsideTransaction kind) throws SQLException {
    boolean waitsSafely =
        switch (kind) {
          case StatementKind.Unverifiable(boolean safely) -> safely;
          case StatementKind.Vacuum vacuum -> !vacuum.isFull();
          case StatementKind.Rewrite rewrite -> false;
          case StatementKind.AddEnumValue add -> false;
          case StatementKind.CreateIndexConcurrently create -> true;
          case StatementKind.DropIndexConcurrently drop -> true;
          case StatementKind.ReindexConcurrently reindex -> true;
          case StatementKind.DetachPartition detach -> true;
          case StatementKind.CreateDatabase create -> true;
          case StatementKind.DropDatabase drop -> true;
        };
    @Nullable Duration asked = now.migration().lockTimeout();
    long lockTimeout =
        waitsSafely
            ? 0
            : asked == null ? ServerUnit.DEFAULT_LOCK_TIMEOUT.toMillis() : asked.toMillis();
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute("set lock_timeout = " + lockTimeout);
      statement.execute(now.statements().get(now.steps().done()));
    }
  }

  private @Nullable Outcome stepDone(JournalEntry now) {
    int done = now.steps().done() + 1;
    attempt.execute(done == now.statements().size() ? attempt.finish() : attempt.checkpoint(done));
    return null;
  }

  private Outcome outcomeUnknown(JournalEntry now) {
    int number = now.steps().done() + 1;
    return new Outcome.Failed(
        Errors.ours(
            "outcome unknown: the attempt died while statement %d ran, and the catalog does not tell whether it happened"
                .formatted(number),
            now,
            now.steps().done(),
            "Check by hand whether statement %d has happened. If it has not, retry: %s. If it has, roll back, or register what is left under a new name."
                .formatted(number, Advice.command("retry", now))));
  }

  /// Never tried again by itself: part of the statement's work may be committed.
  private static Outcome partlyDone(SQLException e, JournalEntry now) {
    int index = now.steps().done();
    return new Outcome.Failed(
        Errors.of(e, now, index, Advice.afterPartOfStatement(index + 1, now)));
  }

  private Outcome failure(SQLException e, JournalEntry now) {
    int index = now.steps().done();
    boolean mayRetry =
        SqlState.isRetryable(SqlState.of(e))
            && now.failedAttempts() + 1 < now.migration().maxAttempts();
    return mayRetry
        ? new Outcome.Retry(Errors.of(e, now, index, Advice.whileItRetries(now)), retryDelay)
        : new Outcome.Failed(Errors.of(e, now, index));
  }

  /// A statement that a person has cancelled has not failed.
  private Outcome stoppedOr(Outcome failure) {
    return attempt
        .reread()
        .map(JournalEntry::stopRequested)
        .<Outcome>map(Outcome.Stopped::new)
        .orElse(failure);
  }

  /// Adds to an error that the server has recorded what only a client can find out.
  private Outcome recorded(JournalEntry now) {
    ErrorReport.of(now)
        .ifPresent(report -> attempt.execute(attempt.explain(report.complete(connection))));
    return new Outcome.Recorded(now.status());
  }

  /// `set` and `reset` among the steps that are done acted on a session that is gone.
  private void repeatSettings(JournalEntry entry) throws SQLException {
    List<String> done = entry.statements().subList(0, entry.steps().done());
    for (String statement : done) {
      if (StatementKind.of(statement) instanceof StatementKind.Setting) {
        try (Statement setting = connection.createStatement()) {
          setting.execute(statement);
        }
      }
    }
  }
}
