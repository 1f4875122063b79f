package dev.longhaul.execution;

import dev.longhaul.database.Dialect;
import dev.longhaul.database.SqlState;
import dev.longhaul.execution.Catalog.Index;
import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import java.sql.SQLException;
import java.util.Optional;

/// What an index would look like in the catalog if the statement built it: the one way to compare
/// `create index … (lower(a::text))` with what PostgreSQL keeps of it.
///
/// The server normalises it. In a transaction that is rolled back it makes the same index on an
/// empty temporary table with the columns of the real one. The columns come from the catalog and
/// not from `like`, so that no lock on the real table is held; `pg_get_indexdef` takes ACCESS SHARE
/// for a moment. The temporary table has the real one's name, so that a definition may qualify its
/// columns with it (`lower(t.a)`) or use whole rows.
record IndexShape(Catalog catalog, CreateIndexConcurrently create) {
  private static final String NAME = "longhaul_shape";

  /// Empty where the server refuses to make it: no right to create temporary tables, a type without
  /// usage, a function over the table's own row type, an event trigger that objects. Then the
  /// server's own judgement has to do: a name that is taken is taken, and `if not exists` accepts
  /// what has the name.
  Optional<Index> ofTable(long table) throws SQLException {
    String columns =
        """
        select c.relname, coalesce(string_agg(
          format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
            || case when l.oid is null then '' else format(' collate %I.%I', n.nspname, l.collname) end,
          ', ' order by a.attnum), '') as columns
        from pg_catalog.pg_class as c
        left join pg_catalog.pg_attribute as a
          on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_catalog.pg_collation as l on l.oid = a.attcollation
        left join pg_catalog.pg_namespace as n on n.oid = l.collnamespace
        where c.oid = ? group by c.relname
        """;
    try {
      return catalog.rolledBack(
          statement -> {
            String name =
                catalog
                    .first(columns, row -> row.getString("relname"), table)
                    .map(Dialect::identifier)
                    .orElseThrow();
            statement.execute(
                "create temporary table "
                    + name
                    + " ("
                    + catalog.first(columns, row -> row.getString("columns"), table).orElseThrow()
                    + ")");
            statement.execute(
                "create %s index %s on pg_temp.%s %s"
                    .formatted(create.isUnique() ? "unique" : "", NAME, name, create.definition()));
            return catalog
                .indexes("c.relname = ? and c.relnamespace = pg_my_temp_schema()", NAME)
                .stream()
                .filter(index -> index.shape() != null)
                .findFirst();
          });
    } catch (SQLException e) {
      String state = SqlState.of(e);
      if (SqlState.isRetryable(state) || state.equals(SqlState.QUERY_CANCELED)) {
        throw e;
      }
      return Optional.empty();
    }
  }
}
