package dev.longhaul.batch;

import dev.longhaul.database.Dialect;
import dev.longhaul.database.SqlState;
import dev.longhaul.migration.Placeholder;
import dev.longhaul.migration.StatementAlias;
import dev.longhaul.migration.StatementAlias.Use;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;

/// A statement with the placeholder, and what the key's columns are called where it stands.
///
/// @param alias with its point; empty for the columns' bare names
public record BatchStatement(String statement, String alias) {
  /// What the server says to an alias that is not known where the placeholder stands.
  private static final String NOT_NAMED_HERE = "42P01";

  /// The statement for some of the rows.
  String where(String condition) {
    return Placeholder.replace(statement, condition);
  }

  /// Finds out by the server's own parser what the key's columns are called in the statement: by an
  /// alias of the table, by its name, or bare, which in a statement with several tables may be
  /// ambiguous. Where the table is changed comes first: a self-join reads it by another name, and
  /// by that name a row would be changed once for each row that it is joined with, in as many
  /// batches. Nothing is executed.
  ///
  /// @throws SQLException what the server says against the statement by whatever name
  public static BatchStatement resolve(Connection connection, KeyedTable table, String statement)
      throws SQLException {
    SQLException first = null;
    for (String alias : aliases(statement, table)) {
      BatchStatement qualified = new BatchStatement(statement, alias + ".");
      try {
        explain(connection, qualified.where(table.any(qualified.alias())));
        return qualified;
      } catch (SQLException e) {
        if (!isOfNames(SqlState.of(e))) {
          throw e;
        }
        first = first == null && !SqlState.of(e).equals(NOT_NAMED_HERE) ? e : first;
      }
    }
    BatchStatement bare = new BatchStatement(statement, "");
    try {
      explain(connection, bare.where(table.any("")));
      return bare;
    } catch (SQLException e) {
      throw first == null ? e : first;
    }
  }

  /// Whether another name may fare better. After a lock timeout, say, one that binds to the other
  /// side of a self-join would.
  private static boolean isOfNames(String state) {
    return state.startsWith("42") && !state.equals(SqlState.INSUFFICIENT_PRIVILEGE);
  }

  private static List<String> aliases(String statement, KeyedTable table) {
    String name = table.name().substring(lastPoint(table.name()) + 1);
    List<StatementAlias> found =
        StatementAlias.of(statement).stream()
            .filter(alias -> alias.use() != Use.INSERTS)
            .filter(alias -> isNamed(alias.table().getLast(), name))
            .toList();
    return Stream.concat(
            found.stream().filter(alias -> alias.use() == Use.CHANGES),
            found.stream().filter(alias -> alias.use() == Use.READS))
        .map(StatementAlias::alias)
        .distinct()
        .toList();
  }

  private static boolean isNamed(String name, String quoted) {
    return name.equals(quoted) || Dialect.identifier(name).equals(quoted);
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
