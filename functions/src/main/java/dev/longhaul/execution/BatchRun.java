package dev.longhaul.execution;

import dev.longhaul.batch.BatchedStep;
import dev.longhaul.batch.End;
import dev.longhaul.batch.KeyedTable.Unwalkable;
import dev.longhaul.batch.Role;
import dev.longhaul.database.SqlState;
import dev.longhaul.database.Target;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.Key;
import dev.longhaul.migration.Batch;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.ErrorDetails;
import dev.longhaul.migration.Outcome;
import dev.longhaul.migration.Window;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What an attempt makes of the end of a batched step.
record BatchRun(Attempt attempt, Attendance attendance, Target target, Backoff backoff) {
  /// @return null if the step is done
  @Nullable Outcome run(JournalEntry now) throws SQLException {
    Batch batch = Objects.requireNonNull(now.migration().batch(), "a placeholder without a batch");
    BatchedStep step =
        new BatchedStep(
            attempt,
            attendance.journal(),
            batch,
            target.health(),
            new Role(Settings.role(now).orElse(null)),
            () -> another(now),
            timeLeft(now),
            attendance.meter());
    try {
      return outcome(step.run(now), now);
    } catch (Unwalkable e) {
      return new Outcome.Failed(
          Errors.ours(
              "batch." + e.field() + ": " + e.problem(),
              now,
              now.steps().done(),
              Advice.after("XX000", now)));
    } catch (SQLException e) {
      if (SqlState.isConnectionLoss(SqlState.of(e))) {
        throw e;
      }
      return isAskedToStop() ? new Outcome.Stopped() : failed(e, null, now);
    }
  }

  /// What a person has cancelled has not failed.
  private boolean isAskedToStop() {
    return attempt.reread().map(JournalEntry::stopRequested).isPresent();
  }

  /// A session that is as the steps before this one have left the attempt's.
  private Connection another(JournalEntry now) throws SQLException {
    Connection connection = target.connect("longhaul:" + now.name());
    try {
      Settings.repeat(connection, now);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /// Until the function's time, or the migration's window, is over.
  private Supplier<Duration> timeLeft(JournalEntry now) {
    @Nullable Window window = now.migration().window();
    if (window == null || now.direction() == Direction.BACKWARDS) {
      return attendance.time()::left;
    }
    Instant begin = attendance.journal().now();
    Duration open =
        window.isOpen(begin) ? Duration.between(begin, window.closesAt(begin)) : Duration.ZERO;
    long end = System.nanoTime() + open.toNanos();
    return () -> {
      Duration ofWindow = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      Duration ofFunction = attendance.time().left();
      return ofWindow.compareTo(ofFunction) < 0 ? ofWindow : ofFunction;
    };
  }

  private @Nullable Outcome outcome(End end, JournalEntry now) {
    return switch (end) {
      case End.Done() -> null;
      case End.Asked() -> new Outcome.Stopped();
      case End.TimeUp() -> new Outcome.Continue();
      case End.Unhealthy(String reason) -> new Outcome.Wait(reason);
      case End.TakenOver() -> new Outcome.ClaimLost();
      case End.Lost(SQLException error) -> new Outcome.Unknown("SQLSTATE " + SqlState.of(error));
      case End.Failed(SQLException error, var key) -> failed(error, key, now);
    };
  }

  private Outcome failed(SQLException error, @Nullable Key key, JournalEntry now) {
    int index = now.steps().done();
    // Rows that were done make up for attempts that have failed before.
    int before = attempt.reread().map(JournalEntry::failedAttempts).orElse(now.failedAttempts());
    boolean mayRetry =
        SqlState.isRetryable(SqlState.of(error)) && before + 1 < now.migration().maxAttempts();
    return mayRetry
        ? new Outcome.Retry(
            at(key, Errors.of(error, now, index, Advice.whileItRetries(now))),
            backoff.after(before))
        : new Outcome.Failed(at(key, Errors.of(error, now, index, Advice.afterBatch(now))));
  }

  private static ErrorDetails at(@Nullable Key key, ErrorDetails error) {
    return key == null
        ? error
        : new ErrorDetails(
            error.sqlState(),
            "at the row with the key %s: %s".formatted(key, error.message()),
            error.detail(),
            error.hint(),
            error.position(),
            error.statementNumber(),
            error.statement(),
            error.next());
  }
}
