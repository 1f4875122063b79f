package dev.longhaul.execution;

/// When the migration that runs on the work connection was last handed to an executor, for kinds
/// whose result looks the same before and after: what the catalog has written since then, and what
/// has been vacuumed since then, is the statement's doing, or as good. The claim notes the
/// session's process id, by which the migration is found.
final class Beginning {
  private static final String RUN =
      """
      longhaul.async_migration as m
      join longhaul.async_migration_history as h on h.migration_name = m.name
      where m.status = 'IN PROGRESS' and m.backend_pid = pg_catalog.pg_backend_pid()
        and h.id >= (select max(s.id) from longhaul.async_migration_history as s
                     where s.migration_name = m.name and s.to_status = 'STARTED')
      """;

  /// The age of its first transaction, to compare with the `age(xmin)` of a row: a row that is
  /// younger was written since. Rows of the history are written again when their event is
  /// published, so the oldest of the run counts.
  static final String AGE = "(select max(pg_catalog.age(h.xmin)) from " + RUN + ")";

  static final String TIME = "(select min(h.at) from " + RUN + " and h.to_status = 'IN PROGRESS')";

  private Beginning() {}
}
