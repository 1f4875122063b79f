package dev.longhaul.execution;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.database.SqlState;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.JournalFailure;
import dev.longhaul.journal.Lookout;
import dev.longhaul.journal.Progress;
import dev.longhaul.journal.Sessions;
import dev.longhaul.logging.Log;
import dev.longhaul.metrics.Meter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Stays with a statement while the server runs it, and leaves it there when it takes too long: the
/// socket is closed without a cancel request, so the server goes on to the statement's end, and
/// then the session ends and frees the migration's lock. Meanwhile the journal connection records
/// how far the statement is.
///
/// @param journal on a connection of its own: the attempt's is busy
/// @param detachAfter how long to stay
/// @param pooler why no statement may be left to this target's server; null where it may
record Attendance(
    Journal journal, TimeBudget time, Duration detachAfter, @Nullable String pooler, Meter meter) {
  private static final Duration REPORT_EVERY = Duration.ofSeconds(5);

  /// When the sweep should suspect that this executor is gone, if it hears nothing more.
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /// How long the answer to a statement may take that has come to its end.
  private static final Duration ANSWER = Duration.ofSeconds(5);

  /// How a statement came to its end, or this executor to its.
  enum End {
    DONE,
    DETACHED
  }

  /// A statement that the function's time was too short for, and that could not be left.
  static final class NotDetachable extends SQLException {
    private static final long serialVersionUID = 1;

    NotDetachable(String pooler, Duration limit, SQLException cause) {
      super(
          "cancelled after %d s, when the function's time was up: the statement could not be left to the server, since there is a pooler before this target (%s)"
              .formatted(limit.toSeconds(), pooler),
          SqlState.QUERY_CANCELED,
          cause);
    }
  }

  /// @param stepsDone how many steps of the script are, before the statement
  /// @throws SQLException the statement's error
  End execute(Attempt attempt, int stepsDone, String sql) throws SQLException {
    return execute(attempt, stepsDone, sql, time.left());
  }

  /// Removes what a statement has left. One that could not be left to the server, and so took all
  /// of the time, has left some for this.
  ///
  /// @throws SQLException the statement's error
  End repair(Attempt attempt, int stepsDone, String sql) throws SQLException {
    return execute(attempt, stepsDone, sql, time.leftToRepair());
  }

  private End execute(Attempt attempt, int stepsDone, String sql, Duration limit)
      throws SQLException {
    return pooler == null
        ? attend(attempt, stepsDone, sql)
        : executeInTime(attempt.connection().connection(), sql, limit, pooler);
  }

  private static End executeInTime(Connection connection, String sql, Duration limit, String reason)
      throws SQLException {
    long begin = System.nanoTime();
    try (Statement work = connection.createStatement()) {
      // None at all would be no limit.
      work.execute("set statement_timeout = " + Math.max(1, limit.toMillis()));
      work.setEscapeProcessing(false);
      work.execute(sql);
      return End.DONE;
    } catch (SQLException e) {
      boolean isOurs = System.nanoTime() - begin >= limit.toNanos();
      throw isOurs && SqlState.of(e).equals(SqlState.QUERY_CANCELED)
          ? new NotDetachable(reason, limit, e)
          : e;
    }
  }

  private End attend(Attempt attempt, int stepsDone, String sql) throws SQLException {
    Connection connection = attempt.connection().connection();
    FutureTask<End> statement =
        new FutureTask<>(
            () -> {
              try (Statement work = connection.createStatement()) {
                work.setEscapeProcessing(false);
                work.execute(sql);
                return End.DONE;
              }
            });
    Thread.ofVirtual().name("work").start(statement);
    try {
      return attend(attempt, stepsDone, statement);
    } catch (RuntimeException e) {
      // To close the session properly, one would wait for the statement.
      connection.abort(Runnable::run);
      throw e;
    }
  }

  private End attend(Attempt attempt, int stepsDone, FutureTask<End> statement)
      throws SQLException {
    long begin = System.nanoTime();
    @Nullable ObjectNode progress = null;
    while (true) {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
      Duration stay = min(detachAfter.minus(elapsed), time.left());
      if (!stay.isPositive()) {
        return leave(attempt, stepsDone, statement, elapsed);
      }
      Optional<End> end = await(statement, min(stay, REPORT_EVERY));
      if (end.isPresent()) {
        return end.get();
      }
      progress = report(attempt, progress);
    }
  }

  private End leave(Attempt attempt, int stepsDone, FutureTask<End> statement, Duration elapsed)
      throws SQLException {
    Optional<Lookout.Live> live =
        new Lookout(journal).detach(attempt, stepsDone, Look.next(elapsed));
    // A pause lets a statement end that does so soon; this one does not.
    boolean stops =
        live.isPresent()
            && live.get().stopRequested() != null
            && new Sessions(journal).cancel(attempt.name(), attempt.number());
    if (stops || live.isEmpty()) {
      Optional<End> end = await(statement, ANSWER);
      if (end.isPresent()) {
        return end.get();
      }
    }
    attempt.connection().connection().abort(Runnable::run);
    return End.DETACHED;
  }

  /// What cannot be reported now can be the next time; the statement goes on all the same.
  ///
  /// @param before what was reported the last time
  private @Nullable ObjectNode report(Attempt attempt, @Nullable ObjectNode before) {
    JournalEntry.@Nullable Backend backend = attempt.entry().backend();
    try {
      @Nullable ObjectNode progress =
          backend == null ? null : new Progress(journal).of(backend.pid(), before).orElse(null);
      new Lookout(journal).attended(attempt, progress, SILENCE);
      return progress;
    } catch (JournalFailure e) {
      Log.warn("progress was not reported", Map.of("sqlstate", e.sqlState()));
      return before;
    }
  }

  private static Optional<End> await(FutureTask<End> statement, Duration patience)
      throws SQLException {
    try {
      return Optional.of(statement.get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException error) {
        throw error;
      }
      throw new IllegalStateException("a statement failed in an unknown way", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while a statement runs", "08006", e);
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
