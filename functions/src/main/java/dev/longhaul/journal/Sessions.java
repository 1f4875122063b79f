package dev.longhaul.journal;

/// Server sessions that work at migrations.
public final class Sessions {
  private final JournalConnection connection;

  public Sessions(Journal journal) {
    this.connection = journal.connection();
  }

  /// Cancels the statement that a backend runs, if it is exactly that backend: a process id alone
  /// may belong to somebody else by now.
  ///
  /// @return whether there is such a backend
  public boolean cancel(JournalEntry.Backend backend) {
    return connection
        .first(
            row -> row.getBoolean(1),
            """
            select pg_catalog.pg_cancel_backend(pid)
            from pg_catalog.pg_stat_get_activity(?)
            where backend_start = ?
            """,
            backend.pid(),
            connection.dialect().timestamp(backend.start()))
        .orElse(false);
  }
}
