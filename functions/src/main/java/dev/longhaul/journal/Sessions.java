package dev.longhaul.journal;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Server sessions that work at migrations, seen from another session.
public final class Sessions {
  /// The session that holds a migration's lock.
  ///
  /// @param isIdle whether it runs nothing: its result has gone to an executor, or to nobody
  /// @param since how long it has been idle, or has been running its statement
  public record Owner(JournalEntry.Backend backend, boolean isIdle, Duration since) {}

  private final JournalConnection connection;

  public Sessions(Journal journal) {
    this.connection = journal.connection();
  }

  /// Who holds the lock of a migration.
  public Optional<Owner> owner(String migrationName) {
    return connection.first(
        row ->
            new Owner(
                new JournalEntry.Backend(
                    row.getInt("pid"),
                    row.getObject("backend_start", java.time.OffsetDateTime.class).toInstant()),
                row.getBoolean("idle"),
                Duration.ofMillis(row.getLong("ms"))),
        """
        select activity.pid, activity.backend_start, activity.state like 'idle%' as idle,
          cast(extract(epoch from pg_catalog.clock_timestamp()
            - case when activity.state like 'idle%' then activity.state_change else activity.query_start end)
            * 1000 as bigint) as ms
        from pg_catalog.pg_locks as lock
        join pg_catalog.pg_stat_activity as activity on activity.pid = lock.pid
        where lock.locktype = 'advisory' and lock.objsubid = 1 and lock.granted
          and lock.database = (select oid from pg_catalog.pg_database
                               where datname = pg_catalog.current_database())
          and (lock.classid::bigint << 32) | lock.objid::bigint = ?
        """,
        SessionLock.of(migrationName));
  }

  /// Ends a session that is idle with a migration's lock, and nothing else: whoever was to read its
  /// last result is frozen or gone, and what it has done is done.
  ///
  /// @return whether there was such a session
  public boolean end(JournalEntry.Backend backend) {
    return connection
        .first(
            row -> row.getBoolean(1),
            """
            select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
            where pid = ? and backend_start = ? and state like 'idle%'
            """,
            backend.pid(),
            timestamp(backend.start()))
        .orElse(false);
  }

  /// Cancels the statement that an attempt runs, in exactly its backend: a process id alone may
  /// belong to somebody else by now, and a session goes on to other migrations. While the row is
  /// locked the attempt cannot end, so the backend is still its own.
  ///
  /// @return whether there is such an attempt, and it does not clean up already
  public boolean cancel(String migrationName, int attempt) {
    return connection
        .first(
            row -> row.getBoolean(1),
            """
            with live as materialized (
              select backend_pid, backend_start from longhaul.async_migration
              where name = ? and status = 'IN PROGRESS' and attempt = ?
                and progress ->> 'phase' is distinct from ? for update
            )
            select pg_catalog.pg_cancel_backend(activity.pid)
            from live, pg_catalog.pg_stat_get_activity(live.backend_pid) as activity
            where activity.backend_start = live.backend_start
            """,
            migrationName,
            attempt,
            Progress.CLEANING_UP)
        .orElse(false);
  }

  private Object timestamp(Instant instant) {
    return connection.dialect().timestamp(instant);
  }
}
