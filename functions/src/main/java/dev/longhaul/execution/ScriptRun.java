package dev.longhaul.execution;

import dev.longhaul.database.SqlState;
import dev.longhaul.database.Target;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.Meta;
import dev.longhaul.journal.Progress;
import dev.longhaul.journal.Ranges;
import dev.longhaul.migration.ErrorDetails;
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
  private final Target target;
  private final Attendance attendance;
  private final Backoff backoff;

  ScriptRun(Attempt attempt, Target target, Attendance attendance, Backoff backoff) {
    this.target = target;
    this.attempt = attempt;
    this.connection = attempt.connection().connection();
    this.attendance = attendance;
    this.backoff = backoff;
  }

  Outcome run() {
    JournalEntry now = attempt.entry();
    if (now.migration().batch() != null) {
      Ranges.fence(attempt);
    }
    if (isGivenUp(now)) {
      return givenUp(now);
    }
    try {
      Settings.repeat(connection, now);
      @Nullable Outcome outcome = nextStep(now);
      while (outcome == null) {
        Optional<JournalEntry> next = attempt.reread();
        if (next.isEmpty()) {
          return new Outcome.ClaimLost();
        }
        now = next.get();
        outcome = nextStep(now);
      }
      return outcome;
    } catch (SQLException e) {
      return unanswered(e, now);
    }
  }

  /// A question about the statement, and not the statement, has failed: whether that has happened
  /// stays in doubt. What the server says will be the same the next time, so it is told. A cancel
  /// has come too late for the statement, so the next attempt first finds out how that has ended. A
  /// repair that the function's time was too short for is done again by the next one, which then
  /// tells the statement's error.
  private Outcome unanswered(SQLException e, JournalEntry now) {
    String state = SqlState.of(e);
    boolean isStop =
        e instanceof Attendance.NotDetachable
            || (state.equals(SqlState.QUERY_CANCELED)
                && attempt.reread().map(JournalEntry::stopRequested).isPresent());
    return isStop || SqlState.isConnectionLoss(state)
        ? new Outcome.Unknown("SQLSTATE " + state)
        : failure(e, now);
  }

  /// Null to go on with the step after it.
  private @Nullable Outcome nextStep(JournalEntry now) throws SQLException {
    if (now.status() != MigrationStatus.IN_PROGRESS) {
      return recorded(now);
    }
    if (isGivenUp(now)) {
      return givenUp(now);
    }
    Steps steps = new Steps(now);
    if (now.steps().inDoubt() && steps.next() instanceof Steps.Bare(OutsideTransaction kind)) {
      return resolveDoubt(now, kind);
    }
    @Nullable Outcome early = endBeforeStep(now);
    if (early != null) {
      return early;
    }
    return switch (steps.next()) {
      case Steps.Nothing() -> {
        attempt.execute(attempt.finish());
        yield null;
      }
      case Steps.Unit(int to) -> runUnit(now, to);
      case Steps.Bare(OutsideTransaction kind) -> runBare(now, kind);
      case Steps.Batched() -> {
        @Nullable Outcome end = new BatchRun(attempt, attendance, target, backoff).run(now);
        yield end == null ? stepDone(now) : end;
      }
    };
  }

  /// Why the next step does not begin; null if it may.
  private @Nullable Outcome endBeforeStep(JournalEntry now) {
    if (now.failedAttempts() >= now.migration().maxAttempts()) {
      return givenUp(now);
    }
    if (now.stopRequested() != null) {
      return new Outcome.Stopped();
    }
    if (now.isDetached()) {
      return notDone(now);
    }
    return attendance.time().isSpent() ? new Outcome.Continue() : null;
  }

  /// What the last attempt has begun is looked at even if there will be no other, or a build that
  /// came to its end would be told as an error, and a retry would not know of it. But an attempt
  /// that dies of looking is the last; only where nothing tells, there is nothing to die of, and a
  /// person has to know.
  private static boolean isGivenUp(JournalEntry now) {
    int most = now.migration().maxAttempts();
    boolean isLookedAt = now.steps().inDoubt() && new Steps(now).next() instanceof Steps.Bare;
    return isLookedAt
        ? now.failedAttempts() > most && !now.isDoubtForAPerson()
        : now.failedAttempts() >= most;
  }

  private static Outcome givenUp(JournalEntry now) {
    return new Outcome.Failed(
        Errors.ours(
            "%d attempts have ended without a trace: the function or the server died each time"
                .formatted(now.failedAttempts()),
            now,
            Math.min(now.steps().done(), now.statements().size() - 1),
            Advice.after("XX000", now)));
  }

  /// The attempt that began the statement has died, or has left it to the server; either way its
  /// session is gone, for this one holds the lock, and the catalog has the last word.
  private @Nullable Outcome resolveDoubt(JournalEntry now, OutsideTransaction kind)
      throws SQLException {
    Verification verification = new Verification(connection, kind);
    if (!inRole(now, () -> Lane.enter(attempt.connection(), verification))) {
      return new Outcome.Wait(Lane.TAKEN);
    }
    return switch (verdict(now, kind, verification)) {
      case DONE -> stepDone(now);
      case NOT_DONE ->
          verification.isHalfDone() ? goOnHalfDone(now, kind) : repairAndGoOn(now, verification);
      case UNKNOWN -> now.stopRequested() != null ? new Outcome.Stopped() : outcomeUnknown(now);
    };
  }

  /// What has been vacuumed or rebuilt is told by when the migration began, which the journal knows
  /// and the script's role may not read.
  private Verification.Verdict verdict(
      JournalEntry now, OutsideTransaction kind, Verification verification) throws SQLException {
    return kind instanceof StatementKind.Vacuum || kind instanceof StatementKind.ReindexConcurrently
        ? verification.afterInterruption(now.isDetached())
        : inRole(now, () -> verification.afterInterruption(now.isDetached()));
  }

  /// The step stays in doubt until it is done. Whatever ends the attempt before that, a rollback
  /// must not find that nothing has been applied.
  private @Nullable Outcome goOnHalfDone(JournalEntry now, OutsideTransaction kind)
      throws SQLException {
    @Nullable Outcome early = endBeforeStep(now);
    return early == null ? runBare(now, kind) : early;
  }

  /// The server has not brought to its end what it was left with, and there was nobody to hear why.
  private Outcome notDone(JournalEntry now) {
    int index = now.steps().done();
    String message =
        "statement %d was left to the server, which did not complete it; the server's log says why"
            .formatted(index + 1);
    return now.failedAttempts() + 1 < now.migration().maxAttempts()
        ? new Outcome.Retry(
            Errors.ours(message, now, index, Advice.whileItRetries(now)), retryDelay(now))
        : new Outcome.Failed(Errors.ours(message, now, index, Advice.after("XX000", now)));
  }

  private @Nullable Outcome runUnit(JournalEntry now, int to) throws SQLException {
    try {
      String unit = ServerUnit.sql(attempt, now, to, retryDelay(now));
      return attendance.execute(attempt, now.steps().done(), unit) == Attendance.End.DETACHED
          ? new Outcome.Detached()
          : null;
    } catch (SQLException e) {
      if (SqlState.isConnectionLoss(SqlState.of(e))) {
        throw e;
      }
      return SqlState.of(e).equals(Ranges.TAKEN_OVER)
          ? new Outcome.ClaimLost()
          : stoppedOr(failure(e, now));
    }
  }

  /// The journal is told before the statement begins and when its outcome is known. In between, and
  /// if this executor dies there, the step is in doubt, and the catalog has the answer.
  private @Nullable Outcome runBare(JournalEntry now, OutsideTransaction kind) throws SQLException {
    Verification verification = new Verification(connection, kind);
    if (!inRole(now, () -> Lane.enter(attempt.connection(), verification))) {
      return new Outcome.Wait(Lane.TAKEN);
    }
    Optional<String> obstacle = inRole(now, verification::obstacle);
    if (obstacle.isPresent()) {
      return new Outcome.Failed(
          Errors.ours(
              obstacle.get(),
              now,
              now.steps().done(),
              "Rename or drop that index, then retry: "
                  + Advice.command("retry", now)
                  + "; or register this one under another name"));
    }
    if (!attempt.execute(attempt.inDoubt(!verification.isMadeAlready()))) {
      return new Outcome.ClaimLost();
    }
    try {
      if (inRole(now, () -> executeBare(now, kind, verification)) == Attendance.End.DETACHED) {
        return new Outcome.Detached();
      }
    } catch (SQLException e) {
      if (SqlState.isConnectionLoss(SqlState.of(e))) {
        throw e;
      }
      Outcome end = stoppedOr(kind instanceof Unverifiable ? partlyDone(e, now) : failure(e, now));
      return afterRepair(now, verification, kind, end);
    }
    Optional<String> contradiction = inRole(now, verification::contradiction);
    if (contradiction.isPresent()) {
      Outcome end =
          new Outcome.Failed(
              Errors.ours(
                  contradiction.get(), now, now.steps().done(), Advice.after("XX000", now)));
      return afterRepair(now, verification, kind, end);
    }
    return stepDone(now);
  }

  private Outcome afterRepair(
      JournalEntry now, Verification verification, OutsideTransaction kind, Outcome end)
      throws SQLException {
    if (!repaired(now, verification, end instanceof Outcome.Failed(var error) ? error : null)) {
      return new Outcome.Detached();
    }
    if (!(kind instanceof Unverifiable) && !verification.isHalfDone()) {
      attempt.execute(attempt.inDoubt(false));
    }
    return end;
  }

  /// False if a repair takes so long that it was left to the server as well.
  ///
  /// @param error what the migration ends with once it is repaired
  private boolean repaired(
      JournalEntry now, Verification verification, @Nullable ErrorDetails error)
      throws SQLException {
    List<String> repairs = inRole(now, verification::repairs);
    if (!repairs.isEmpty()) {
      attempt.execute(attempt.cleaningUp(error));
    }
    for (String repair : repairs) {
      if (inRole(now, () -> attendance.repair(attempt, now.steps().done(), repair))
          == Attendance.End.DETACHED) {
        return false;
      }
    }
    return true;
  }

  /// The error of a statement that failed while nobody was connected is lost; only of a unique
  /// index can be said why it cannot be built.
  private @Nullable Outcome repairAndGoOn(JournalEntry now, Verification verification)
      throws SQLException {
    @Nullable ErrorDetails error = Progress.errorOf(now).orElse(null);
    if (error == null && now.isDetached()) {
      error =
          inRole(now, () -> verification.duplicateKey(attendance.time().left()))
              .map(key -> Errors.duplicateKey(key, now))
              .orElse(null);
    }
    if (!repaired(now, verification, error)) {
      return new Outcome.Detached();
    }
    attempt.execute(attempt.inDoubt(false));
    return error == null || now.stopRequested() != null ? null : new Outcome.Failed(error);
  }

  private Attendance.End executeBare(
      JournalEntry now, OutsideTransaction kind, Verification verification) throws SQLException {
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
      statement.execute("set lock_timeout = " + lockTimeout);
    }
    String asWritten = now.statements().get(now.steps().done());
    try {
      return attendance.execute(attempt, now.steps().done(), verification.statement(asWritten));
    } finally {
      // A procedure that commits may have set what it likes.
      Settings.layAside(connection);
    }
  }

  /// By the failures as they stand: a walk that gets further makes up for earlier ones.
  private Duration retryDelay(JournalEntry now) {
    return backoff.after(now.failedAttempts());
  }

  private <T> T inRole(JournalEntry now, Settings.Work<T> work) throws SQLException {
    return Settings.inRole(connection, now, work);
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
            Meta.OUTCOME_UNKNOWN
                + ": the attempt died while statement %d ran, and the catalog does not tell whether it happened"
                    .formatted(number),
            now,
            now.steps().done(),
            "Check by hand whether statement %d has happened. If it has, go on behind it: %s --done. If it has not, run it again: %s."
                .formatted(number, Advice.command("resolve", now), Advice.command("retry", now))));
  }

  /// Never tried again by itself: part of the statement's work may be committed.
  private static Outcome partlyDone(SQLException e, JournalEntry now) {
    int index = now.steps().done();
    return new Outcome.Failed(
        Errors.of(e, now, index, Advice.afterPartOfStatement(index + 1, now)));
  }

  private Outcome failure(SQLException e, JournalEntry now) {
    int index = now.steps().done();
    if (e instanceof Attendance.NotDetachable) {
      // What the steps before it have taken, the next function has for it.
      boolean hadAllOfTheTime = now.steps().done() == attempt.entry().steps().done();
      return !hadAllOfTheTime
          ? new Outcome.Continue()
          : new Outcome.Failed(Errors.of(e, now, index, Advice.aroundThePooler(now)));
    }
    boolean mayRetry =
        SqlState.isRetryable(SqlState.of(e))
            && now.failedAttempts() + 1 < now.migration().maxAttempts();
    return mayRetry
        ? new Outcome.Retry(Errors.of(e, now, index, Advice.whileItRetries(now)), retryDelay(now))
        : new Outcome.Failed(Errors.of(e, now, index));
  }

  /// A statement that a person has cancelled has not failed.
  private Outcome stoppedOr(Outcome failure) {
    return attempt
        .reread()
        .map(JournalEntry::stopRequested)
        .<Outcome>map(_ -> new Outcome.Stopped())
        .orElse(failure);
  }

  /// Adds to an error that the server has recorded what only a client can find out.
  private Outcome recorded(JournalEntry now) {
    ErrorReport.of(now)
        .ifPresent(report -> attempt.execute(attempt.explain(report.complete(connection))));
    return new Outcome.Recorded(now.status());
  }
}
