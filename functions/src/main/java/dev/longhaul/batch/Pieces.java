package dev.longhaul.batch;

import dev.longhaul.journal.Key;
import dev.longhaul.journal.Range;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/// Cuts the next piece off a range: by the key's order and never by a row number from the start, so
/// the last piece costs as little as the first.
///
/// @param alias what the key's columns are called in the statement
record Pieces(Connection connection, KeyedTable table, String alias, StripeChoice stripes) {
  /// In rows. All of a window's pages are to be in memory still when the next stripe comes.
  private static final int LARGEST_WINDOW = 50_000;

  /// What the range's table is called where its keys are looked up.
  private static final String SOURCE = "source.";

  /// @param only the row's own key where it is one: `key` may be that of a range's end
  private record Bound(Key key, long rows, @Nullable Key only) {}

  /// @param wanted how many rows
  /// @param isSearch whether a row is looked for that the statement fails at: then no window is
  ///   begun
  Piece next(Range range, int wanted, boolean isSearch) throws SQLException {
    Range.Stripes window = range.stripes();
    if (window == null) {
      int count = isSearch ? 1 : stripes.next();
      int rows = (int) Math.min((long) wanted * count, Math.max(wanted, LARGEST_WINDOW));
      Bound bound = bound(range.cursor(), range.upper(), rows, "");
      if (bound.rows() == 0) {
        return new Piece(null, null, 0, -1, range.moved(range.upper(), null, 0));
      }
      if (count == 1 || bound.rows() < 2L * count) {
        return new Piece(
            table.between(alias, range.cursor(), bound.key()),
            bound.only(),
            bound.rows(),
            -1,
            range.moved(bound.key(), null, bound.rows()));
      }
      window = new Range.Stripes(bound.key(), bound.rows(), count, 0, null);
    }
    return stripe(range, window, wanted, isSearch);
  }

  private Piece stripe(Range range, Range.Stripes window, int wanted, boolean isSearch)
      throws SQLException {
    int next = window.next();
    boolean isLast = next + 1 == window.count();
    long share = window.rows() / window.count() + (isLast ? window.rows() % window.count() : 0);
    @Nullable Key lower = window.cursor() == null ? range.cursor() : window.cursor();
    Bound bound = new Bound(window.end(), share, null);
    if (isSearch || share > 2L * wanted) {
      String filter = " and " + table.stripe(SOURCE, window.count(), next);
      bound = bound(lower, window.end(), wanted, filter);
    }
    Range after;
    if (!bound.key().equals(window.end())) {
      Range.Stripes rest =
          new Range.Stripes(window.end(), window.rows(), window.count(), next, bound.key());
      after = range.moved(range.cursor(), rest, 0);
    } else if (isLast) {
      after = range.moved(window.end(), null, share);
    } else {
      Range.Stripes rest =
          new Range.Stripes(window.end(), window.rows(), window.count(), next + 1, null);
      after = range.moved(range.cursor(), rest, share);
    }
    return new Piece(
        table.between(alias, lower, bound.key())
            + " and "
            + table.stripe(alias, window.count(), next),
        bound.only(),
        bound.rows(),
        next,
        after);
  }

  /// The key that ends the next `rows` rows, or the range, should fewer be left.
  private Bound bound(@Nullable Key lower, Key upper, long rows, String filter)
      throws SQLException {
    String rest = " where " + table.between(SOURCE, lower, upper) + filter;
    String from = " from " + table.name() + " as source" + rest;
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "select %s%s order by %s offset %d limit 1"
                  .formatted(table.asText(SOURCE), from, table.order(SOURCE, ""), rows - 1))) {
        if (row.next()) {
          Key key = table.read(row, 1);
          return new Bound(key, rows, rows == 1 ? key : null);
        }
      }
      if (rows == 1) {
        return new Bound(upper, 0, null);
      }
      try (ResultSet row = statement.executeQuery("select count(*)" + from)) {
        row.next();
        long left = row.getLong(1);
        return new Bound(upper, left, left == 1 ? bound(lower, upper, 1, filter).only() : null);
      }
    }
  }
}
