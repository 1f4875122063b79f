package dev.longhaul.execution;

/// When the step in doubt was begun, for kinds whose result looks the same before and after: what
/// the catalog has written since then, and what has been vacuumed since then, is the statement's
/// doing, or as good. Nothing older counts, or an earlier step of the script would be taken for it.
/// The journal's row is that of the session that asks; its start tells it from a dead one that had
/// the same process id.
final class Beginning {
  private static final String STEP =
      """
      longhaul.async_migration as m
      where m.status = 'IN PROGRESS' and m.backend_pid = pg_catalog.pg_backend_pid()
        and m.backend_start = (
          select backend_start
          from pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()))
      """;

  /// The age of the transaction that wrote it down, to compare with the `age(xmin)` of a row: a row
  /// that is younger was written since.
  static final String AGE =
      "(select pg_catalog.age(m.step_begun_xid::pg_catalog.xid) from " + STEP + ")";

  static final String TIME = "(select m.step_begun_at from " + STEP + ")";

  private Beginning() {}
}
