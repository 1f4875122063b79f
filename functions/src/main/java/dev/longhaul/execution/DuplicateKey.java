package dev.longhaul.execution;

import dev.longhaul.database.SqlState;
import dev.longhaul.execution.Catalog.Index;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks for a key that two rows of a table have although a unique index says that none may. The
/// server says it only to the session whose build fails.
record DuplicateKey(Catalog catalog, Index index) {
  private record Column(String expression, String collation) {}

  /// `Key (a, b)=(1, x) is duplicated.`; empty where there is none, or none was found in time. It
  /// reads the whole table, and it holds a snapshot meanwhile.
  Optional<String> find(Duration atMost) throws SQLException {
    List<Column> key = key();
    List<String> values = new ArrayList<>();
    for (Column column : key) {
      values.add("(" + column.expression() + ")" + column.collation());
    }
    String columns = String.join(", ", values);
    List<String> printed = new ArrayList<>();
    for (String value : values) {
      printed.add(
          "case when num_nulls(%s) = 1 then 'null' else format('%%s', %s) end"
              .formatted(value, value));
    }
    String sql =
        "select array_to_string(array[%s], ', ') from only %s where %s %s group by %s having count(*) > 1 limit 1"
            .formatted(
                String.join(", ", printed),
                text("t.oid::regclass::text"),
                text("coalesce(pg_get_expr(i.indpred, i.indrelid), 'true')"),
                // A null is no other null's equal, unless the index says so.
                nullsAreDistinct() ? "and num_nulls(" + columns + ") = 0" : "",
                columns);
    try {
      return catalog
          .rolledBack(
              statement -> {
                statement.execute(
                    "set local statement_timeout = " + Math.max(1, atMost.toMillis()));
                return catalog.first(sql, row -> row.getString(1));
              })
          .map(
              value ->
                  "Key (%s)=(%s) is duplicated."
                      .formatted(
                          String.join(", ", key.stream().map(Column::expression).toList()), value));
    } catch (SQLException e) {
      // The time was not enough, or the operator class compares what `group by` cannot: it was
      // worth
      // a try.
      if (SqlState.isConnectionLoss(SqlState.of(e))) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private List<Column> key() throws SQLException {
    return catalog.rows(
        """
        select pg_get_indexdef(i.indexrelid, k.n, true) as expression,
          case when l.oid is null then '' else format(' collate %I.%I', n.nspname, l.collname) end as collation
        from pg_catalog.pg_index as i
        cross join lateral generate_series(1, i.indnkeyatts) as k (n)
        left join pg_catalog.pg_collation as l on l.oid = i.indcollation[k.n - 1]
        left join pg_catalog.pg_namespace as n on n.oid = l.collnamespace
        where i.indexrelid = ? order by k.n
        """,
        row -> new Column(row.getString("expression"), row.getString("collation")), index.oid());
  }

  private String text(String expression) throws SQLException {
    return catalog
        .first(
            "select "
                + expression
                + " from pg_catalog.pg_index as i join pg_catalog.pg_class as t on t.oid ="
                + " i.indrelid where i.indexrelid = ?",
            row -> row.getString(1),
            index.oid())
        .orElse("");
  }

  /// `nulls not distinct` came with PostgreSQL 15; a row as JSON holds the column where there is
  /// one.
  private boolean nullsAreDistinct() throws SQLException {
    return !catalog.is(
        "select (to_jsonb(i) ->> 'indnullsnotdistinct')::boolean from pg_catalog.pg_index as i"
            + " where i.indexrelid = ?",
        index.oid());
  }
}
