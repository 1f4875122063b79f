package dev.longhaul.batch;

import dev.longhaul.journal.Key;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Cuts a table into ranges, where the statistics' histogram says that they hold about as many rows
/// each. The last one ends at the highest key that there is now: rows that come later are the
/// application's to write as they should be.
record Cut(Connection connection, KeyedTable table, long rows) {
  /// A table of fewer rows is one range.
  private static final long SMALL = 10_000;

  /// So that a person may raise the number of workers while it runs.
  private static final int LEAST_RANGES = 16;

  /// The ranges' last keys, in their order; none if the table is empty.
  List<Key> uppers(int workers) throws SQLException {
    Optional<Key> highest = first(null, "desc");
    if (highest.isEmpty()) {
      return List.of();
    }
    List<Key> uppers = new ArrayList<>();
    int count = Math.max(4 * workers, LEAST_RANGES);
    if (rows > SMALL || workers > 1) {
      for (String bound : evenly(count)) {
        @Nullable Key last = uppers.isEmpty() ? null : uppers.getLast();
        Optional<Key> key = first(table.leadingFrom(bound, last), "");
        if (key.isPresent() && !key.equals(highest)) {
          uppers.add(key.get());
        }
      }
    }
    uppers.add(highest.get());
    return uppers;
  }

  /// Values of the key's first column that cut the table into `count` parts; none where it was
  /// never analyzed. Autovacuum analyzes the partitions of a table and never the table itself
  /// (<https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-STATISTICS>), so
  /// their histograms are put together. Those of partitions that the role may not read by
  /// themselves are kept from it: then it is the table's own, should somebody have analyzed it.
  private List<String> evenly(int count) throws SQLException {
    List<String> bounds = evenly(count, table.leaves(), false);
    return bounds.isEmpty() ? evenly(count, List.of(table.oid()), true) : bounds;
  }

  /// Between two neighbours of a histogram's bounds lie equally many rows of its table. The union
  /// with no row gives the bounds the column's collation, by which they are in the key's order.
  private List<String> evenly(int count, List<Long> tables, boolean isInherited)
      throws SQLException {
    KeyedTable.Column column = table.key().getFirst();
    List<String> bounds = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            with histogram as (
              select s.histogram_bounds::text::text[] as bounds, greatest(c.reltuples, 1) as rows
              from pg_catalog.pg_stats as s
              join pg_catalog.pg_class as c on c.relname = s.tablename
              join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = s.schemaname
              where c.oid = any (?) and pg_catalog.quote_ident(s.attname) = ? and s.inherited = ?
                and s.histogram_bounds is not null
            ), bound as (
              select %1$s as value, 0::double precision as rows from %2$s where false
              union all
              select b::%3$s, h.rows / (pg_catalog.cardinality(h.bounds) - 1)
              from histogram as h cross join pg_catalog.unnest(h.bounds[2:]) as b
            ), share as (
              select value, sum(rows) over (order by value) / sum(rows) over () as done from bound
            )
            select distinct on (pg_catalog.ceil(done * %4$d)) value::text from share
            where pg_catalog.ceil(done * %4$d) < %4$d
            order by pg_catalog.ceil(done * %4$d), share.value desc
            """
                .formatted(column.name(), table.name(), column.type(), count))) {
      statement.setArray(1, connection.createArrayOf("oid", tables.toArray()));
      statement.setString(2, column.name());
      statement.setBoolean(3, isInherited);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          bounds.add(row.getString(1));
        }
      }
    }
    return bounds;
  }

  private Optional<Key> first(@Nullable String condition, String direction) throws SQLException {
    String where = condition == null ? "" : " where " + condition;
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select %s from %s as source%s order by %s limit 1"
                    .formatted(
                        table.asText("source."),
                        table.name(),
                        where,
                        table.order("source.", direction)))) {
      return row.next() ? Optional.of(table.read(row, 1)) : Optional.empty();
    }
  }
}
