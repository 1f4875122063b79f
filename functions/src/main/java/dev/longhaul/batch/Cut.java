package dev.longhaul.batch;

import dev.longhaul.journal.Key;
import java.sql.Array;
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
      for (String bound : evenly(histogram(), count - 1)) {
        Optional<Key> key = first(table.leadingFrom(bound), "");
        if (key.isPresent()
            && !key.equals(highest)
            && (uppers.isEmpty() || !key.get().equals(uppers.getLast()))) {
          uppers.add(key.get());
        }
      }
    }
    uppers.add(highest.get());
    return uppers;
  }

  private static List<String> evenly(List<String> bounds, int count) {
    List<String> chosen = new ArrayList<>();
    for (int i = 1; i <= count && bounds.size() > 2; i++) {
      String bound = bounds.get((int) ((long) i * (bounds.size() - 1) / (count + 1)));
      if (chosen.isEmpty() || !bound.equals(chosen.getLast())) {
        chosen.add(bound);
      }
    }
    return chosen;
  }

  /// Of the key's first column; none where the table was never analyzed.
  private List<String> histogram() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select s.histogram_bounds::text::text[] from pg_catalog.pg_stats as s
            join pg_catalog.pg_class as c on c.relname = s.tablename
            join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = s.schemaname
            where c.oid = ? and pg_catalog.quote_ident(s.attname) = ? and s.histogram_bounds is not null
            order by s.inherited desc limit 1
            """)) {
      statement.setLong(1, table.oid());
      statement.setString(2, table.key().getFirst().name());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return List.of();
        }
        Array bounds = row.getArray(1);
        return List.of((String[]) bounds.getArray());
      }
    }
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
