package dev.longhaul.batch;

import dev.longhaul.migration.Placeholder;
import dev.longhaul.migration.StatementAlias;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// A statement with the placeholder, and what the key's columns are called where it stands.
///
/// @param alias with its point; empty for the columns' bare names
public record BatchStatement(String statement, String alias) {
  /// The statement for some of the rows.
  String where(String condition) {
    return Placeholder.replace(statement, condition);
  }

  /// Finds out by the server's own parser what the key's columns are called in the statement: by
  /// the table's alias, by its name, or bare, which in a statement with several tables may be
  /// ambiguous. Nothing is executed.
  ///
  /// @throws SQLException what the server says against the statement by whatever name
  public static BatchStatement resolve(Connection connection, KeyedTable table, String statement)
      throws SQLException {
    String name = table.name().substring(lastPoint(table.name()) + 1);
    List<String> candidates = new ArrayList<>(StatementAlias.of(statement, name));
    candidates.add(name);
    SQLException first = null;
    for (String candidate : candidates) {
      BatchStatement qualified = new BatchStatement(statement, candidate + ".");
      try {
        explain(connection, qualified.where(table.any(qualified.alias())));
        return qualified;
      } catch (SQLException e) {
        first = first == null ? e : first;
      }
    }
    BatchStatement bare = new BatchStatement(statement, "");
    explain(connection, bare.where(table.any("")));
    return bare;
  }

  /// Inside a transaction, an error leaves it as it was.
  private static void explain(Connection connection, String sql) throws SQLException {
    Savepoint savepoint = connection.getAutoCommit() ? null : connection.setSavepoint();
    try (Statement explain = connection.createStatement()) {
      explain.setEscapeProcessing(false);
      explain.execute("explain (costs off) " + sql);
    } catch (SQLException e) {
      if (savepoint != null) {
        connection.rollback(savepoint);
      }
      throw e;
    }
  }

  /// Outside of quotes.
  static int lastPoint(String name) {
    int point = -1;
    boolean quoted = false;
    for (int i = 0; i < name.length(); i++) {
      quoted ^= name.charAt(i) == '"';
      point = !quoted && name.charAt(i) == '.' ? i : point;
    }
    return point;
  }
}
