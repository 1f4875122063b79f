package dev.longhaul.execution;

import dev.longhaul.execution.Verification.Verdict;
import dev.longhaul.migration.StatementKind.Vacuum;
import java.sql.SQLException;

/// `vacuum`: done when every table that it names has been vacuumed since the step was begun. It may
/// be run again without harm, but one that takes longer than the function would never end so. A
/// `vacuum` of the whole database does not say which tables it may skip: it is run again.
record VacuumRun(Catalog catalog, Vacuum vacuum) implements VerifiedStep {
  /// The table, its partitions, and the TOAST tables of them.
  private static final String TABLES =
      """
      pg_catalog.pg_class as t
      where t.relkind in ('r', 'm', 't') and exists (
        select from pg_catalog.pg_class as w
        where t.oid in (w.oid, w.reltoastrelid) and w.oid in (
          select to_regclass(?) union all select relid from pg_partition_tree(to_regclass(?))))
      """;

  /// The server notes the time at the end of a table; those of a crash are lost with the statistics
  /// (<https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-TABLES-VIEW>).
  private static final String IS_VACUUMED =
      """
      select count(*) > 0 and bool_and(coalesce(
        pg_stat_get_last_vacuum_time(t.oid) >= %1$s
        and (not ? or t.relkind = 't' or pg_stat_get_last_analyze_time(t.oid) >= %1$s), false))
      from %2$s
      """
          .formatted(Beginning.TIME, TABLES);

  /// The time does not count a rewrite, but that writes the row of the table and those of all its
  /// indexes, in one transaction.
  private static final String IS_REWRITTEN =
      """
      select count(*) > 0 and bool_and(age(t.xmin) <= %1$s and not exists (
        select from pg_catalog.pg_index as i
        join pg_catalog.pg_class as c on c.oid = i.indexrelid
        where i.indrelid = t.oid and age(c.xmin) > %1$s)
        and (not ? or t.relkind = 't' or coalesce(pg_stat_get_last_analyze_time(t.oid) >= %2$s, false)))
      from %3$s
      """
          .formatted(Beginning.AGE, Beginning.TIME, TABLES);

  @Override
  public boolean tells() {
    return !vacuum.tables().isEmpty();
  }

  @Override
  public Verdict afterInterruption() throws SQLException {
    for (String table : vacuum.tables()) {
      String question = vacuum.isFull() ? IS_REWRITTEN : IS_VACUUMED;
      if (!catalog.is(question, vacuum.analyzes(), table, table)) {
        return Verdict.NOT_DONE;
      }
    }
    return vacuum.tables().isEmpty() ? Verdict.NOT_DONE : Verdict.DONE;
  }
}
