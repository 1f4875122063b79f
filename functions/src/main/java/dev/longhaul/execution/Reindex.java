package dev.longhaul.execution;

import dev.longhaul.execution.Catalog.Index;
import dev.longhaul.execution.Verification.Verdict;
import dev.longhaul.migration.StatementKind.ReindexConcurrently;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `reindex concurrently`: done when every index that it rebuilds has been swapped for a new one
/// since the step was begun, and nothing of it is left over. An interrupted one leaves the new
/// index (`_ccnew`) or the old one (`_ccold`), invalid
/// (<https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY>).
final class Reindex implements VerifiedStep {
  /// What is named and, if that is partitioned, what belongs to its partitions.
  private static final String TREE =
      "(select to_regclass(?) union all select relid from pg_partition_tree(to_regclass(?)))";

  /// Its name is that of the index it was made for, cut so that with the ending it has no more than
  /// 63 bytes. Both are of one table and the same in all but the name. An index that happens to be
  /// named so and is nobody's copy stays.
  private static final String IS_LEFT_OVER =
      """
      not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$' and exists (
        select from pg_catalog.pg_index as oi
        join pg_catalog.pg_class as o on o.oid = oi.indexrelid
        cross join lateral (
          select pg_catalog.regexp_replace(c.relname, '_cc(new|old)[0-9]*$', '') as base) as b
        where oi.indrelid = i.indrelid and o.oid <> c.oid
          and oi.indisunique = i.indisunique and oi.indkey::text = i.indkey::text
          and oi.indclass::text = i.indclass::text and oi.indcollation::text = i.indcollation::text
          and oi.indoption::text = i.indoption::text and o.relam = c.relam
          and pg_catalog.pg_get_expr(oi.indexprs, oi.indrelid)
            is not distinct from pg_catalog.pg_get_expr(i.indexprs, i.indrelid)
          and pg_catalog.pg_get_expr(oi.indpred, oi.indrelid)
            is not distinct from pg_catalog.pg_get_expr(i.indpred, i.indrelid)
          and (o.relname = b.base
            or (pg_catalog.octet_length(c.relname::text) > 59
              and pg_catalog.starts_with(o.relname::text, b.base)))
          and
      """;

  /// What `reindex` rebuilds of the indexes in its scope: not invalid ones, none of an exclusion
  /// constraint, no system table.
  private static final String IS_REBUILT =
      """
      i.indisvalid and not i.indisexclusion and c.relkind = 'i'
      and t.oid >= 16384 and t.relpersistence <> 't'
      """;

  private final Catalog catalog;
  private final ReindexConcurrently reindex;
  private final Set<Long> before = new HashSet<>();

  Reindex(Catalog catalog, ReindexConcurrently reindex) {
    this.catalog = catalog;
    this.reindex = reindex;
  }

  @Override
  public Optional<Long> table() throws SQLException {
    return switch (reindex.object()) {
      case "index" ->
          catalog.oid(
              "(select indrelid from pg_index where indexrelid = to_regclass(?))", reindex.name());
      case "table" -> catalog.oid("to_regclass(?)", reindex.name());
      default -> Optional.empty();
    };
  }

  /// What lies there already is not of this migration, and is left alone.
  @Override
  public Optional<String> obstacle() throws SQLException {
    leftOvers().forEach(index -> before.add(index.oid()));
    return Optional.empty();
  }

  @Override
  public Verdict afterInterruption() throws SQLException {
    boolean isRebuilt =
        catalog.is(
            """
            select count(*) > 0 and bool_and(age(c.xmin) <= %s)
            from pg_catalog.pg_index as i
            join pg_catalog.pg_class as c on c.oid = i.indexrelid
            join pg_catalog.pg_class as t on t.oid = i.indrelid
            where %s and %s
            """
                .formatted(Beginning.AGE, IS_REBUILT, scope("c")),
            names());
    return isRebuilt && leftOvers().isEmpty() ? Verdict.DONE : Verdict.NOT_DONE;
  }

  @Override
  public Optional<String> contradiction() throws SQLException {
    return leftOvers().isEmpty()
        ? Optional.empty()
        : Optional.of("invalid copies of the index are left in the catalog");
  }

  @Override
  public List<String> repairs() throws SQLException {
    return leftOvers().stream().map(Catalog::drop).toList();
  }

  private List<Index> leftOvers() throws SQLException {
    return catalog.indexes(IS_LEFT_OVER + scope("o") + ")", names()).stream()
        .filter(index -> !index.isBeingBuilt() && !before.contains(index.oid()))
        .toList();
  }

  /// A condition on an index (by `index`) or its table (`t`, which may be the TOAST table of the
  /// one that is named), with a parameter for each of [#names].
  private String scope(String index) {
    String owner =
        "exists (select from pg_catalog.pg_class as w where t.oid in (w.oid, w.reltoastrelid) and ";
    return switch (reindex.object()) {
      case "index" -> index + ".oid in " + TREE;
      case "table" -> owner + "w.oid in " + TREE + ")";
      case "schema" -> owner + "w.relnamespace = to_regnamespace(?))";
      default ->
          owner
              + "w.relnamespace <> all (array['pg_catalog', 'information_schema',"
              + " 'pg_toast']::regnamespace[]))";
    };
  }

  private Object[] names() {
    return switch (reindex.object()) {
      case "index", "table" -> new Object[] {reindex.name(), reindex.name()};
      case "schema" -> new Object[] {reindex.name()};
      default -> new Object[0];
    };
  }
}
