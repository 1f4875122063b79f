package dev.longhaul.execution;

import dev.longhaul.execution.Verification.Verdict;
import dev.longhaul.migration.StatementKind.DetachPartition;
import java.sql.SQLException;
import java.util.Optional;

/// `alter table … detach partition … concurrently`, or `… finalize`: done when the partition is no
/// longer one. An interrupted one leaves it marked (`inhdetachpending`), out of reach for new
/// queries on the parent but not free, which nothing but `finalize` ends; the same statement again
/// would be refused (55000)
/// (<https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION>).
record PartitionDetach(Catalog catalog, DetachPartition detach) implements VerifiedStep {

  /// Of two that detach partitions of one table at the same time, PostgreSQL refuses one (55000).
  @Override
  public Optional<Long> table() throws SQLException {
    return catalog.oid("to_regclass(?)", detach.table());
  }

  @Override
  public Verdict afterInterruption() throws SQLException {
    boolean isApart =
        catalog.is(
            """
            select p.oid is not null and c.oid is not null and not exists (
              select from pg_catalog.pg_inherits where inhparent = p.oid and inhrelid = c.oid)
            from (select to_regclass(?) as oid) as p, (select to_regclass(?) as oid) as c
            """,
            detach.table(),
            detach.partition());
    return isApart ? Verdict.DONE : Verdict.NOT_DONE;
  }

  /// After a run that ended in an error and left the partition marked.
  @Override
  public String statement(String asWritten) throws SQLException {
    return isPending() ? finalization() : asWritten;
  }

  @Override
  public boolean isHalfDone() throws SQLException {
    return isPending();
  }

  private String finalization() {
    return "alter table %s detach partition %s finalize"
        .formatted(detach.table(), detach.partition());
  }

  /// As a row of JSON, since the column came with PostgreSQL 14.
  private boolean isPending() throws SQLException {
    return catalog.is(
        """
        select (to_jsonb(i) ->> 'inhdetachpending')::boolean from pg_catalog.pg_inherits as i
        where inhparent = to_regclass(?) and inhrelid = to_regclass(?)
        """,
        detach.table(),
        detach.partition());
  }
}
