package dev.longhaul.database;

import dev.longhaul.logging.Log;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// Opens the sessions that migrations run in, and keeps idle ones between invocations, one for each
/// of the targets used last: to log in costs more than a small migration does. An idle one is as
/// new, by `discard all` (<https://www.postgresql.org/docs/current/sql-discard.html>), which also
/// frees the advisory locks, and so the migration. Not a pool: nobody waits for one, and a session
/// that cannot be made as new is closed.
public final class WorkSessions implements AutoCloseable {
  /// Settings of a role take effect at its next login, and a backend remembers every table that it
  /// has seen.
  static final Duration LONGEST_USE = Duration.ofMinutes(5);

  private record Idle(Connection connection, Instant opened) {}

  private final IdlePerTarget<Idle> idle =
      new IdlePerTarget<>(kept -> closeQuietly(kept.connection()));
  private final InstantSource clock;

  public WorkSessions(InstantSource clock) {
    this.clock = clock;
  }

  /// A session in autocommit.
  ///
  /// @param applicationName what `pg_stat_activity` shows
  /// @throws dev.longhaul.migration.Refusal `TargetUnavailable`
  public WorkSession open(Target target, String applicationName) {
    if (target instanceof PostgresTarget postgres) {
      Optional<WorkSession> reused = reuse(postgres, applicationName);
      if (reused.isPresent()) {
        return reused.get();
      }
    }
    return new WorkSession(target, target.connect(applicationName), clock.instant(), this);
  }

  private Optional<WorkSession> reuse(PostgresTarget target, String applicationName) {
    Idle kept = idle.take(target.name());
    if (kept == null) {
      return Optional.empty();
    }
    if (kept.opened().plus(LONGEST_USE).isAfter(clock.instant())
        && target.setUpAgain(kept.connection(), applicationName)) {
      return Optional.of(new WorkSession(target, kept.connection(), kept.opened(), this));
    }
    closeQuietly(kept.connection());
    return Optional.empty();
  }

  void release(Target target, Connection connection, Instant opened, boolean isKept) {
    if (isKept && target instanceof PostgresTarget && isAsNew(connection)) {
      idle.give(target.name(), new Idle(connection, opened));
    } else {
      closeQuietly(connection);
    }
  }

  private static boolean isAsNew(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("discard all");
      return true;
    } catch (SQLException e) {
      // It is broken, or inside a transaction: nothing but its end frees it.
      return false;
    }
  }

  /// A session that is closed may be broken already, which is why it is.
  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      Log.warn("a session was not closed", Map.of("reason", String.valueOf(e.getMessage())));
    }
  }

  @Override
  public void close() {
    idle.close();
  }
}
