package dev.longhaul.journal;

/// Server sessions that work at migrations.
public final class Sessions {
  private final JournalConnection connection;

  public Sessions(Journal journal) {
    this.connection = journal.connection();
  }

  /// Cancels the statement that an attempt runs, in exactly its backend: a process id alone may
  /// belong to somebody else by now, and a session goes on to other migrations. While the row is
  /// locked the attempt cannot end, so the backend is still its own.
  ///
  /// @return whether there is such an attempt
  public boolean cancel(JournalEntry entry) {
    return connection
        .first(
            row -> row.getBoolean(1),
            """
            with live as materialized (
              select backend_pid, backend_start from longhaul.async_migration
              where name = ? and status = 'IN PROGRESS' and attempt = ? for update
            )
            select pg_catalog.pg_cancel_backend(activity.pid)
            from live, pg_catalog.pg_stat_get_activity(live.backend_pid) as activity
            where activity.backend_start = live.backend_start
            """,
            entry.name(),
            entry.attempt())
        .orElse(false);
  }
}
