package dev.longhaul.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.cli.MigrationFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.postgresql.core.Parser;

/// Runs a migration's SQL as plainly as it can be done: in one transaction, or, where the server
/// says that a statement refuses one, statement by statement.
final class ScriptRunner {
  private static final String REFUSES_TRANSACTION = "25001";

  private final Connection connection;

  /// @param connection of [TestDatabase#connectForScripts()]
  ScriptRunner(Connection connection) {
    this.connection = connection;
  }

  void forwards(MigrationFile migration) throws SQLException {
    run(migration, "sql_forwards");
  }

  void backwards(MigrationFile migration) throws SQLException {
    run(migration, "sql_backwards");
  }

  private void run(MigrationFile migration, String field) throws SQLException {
    JsonNode options = migration.payload();
    String lockTimeout = options.path("lock_timeout").asText("10s");
    try (Statement statement = connection.createStatement()) {
      statement.execute("set lock_timeout = '" + lockTimeout + "'");
      String text = options.path(field).asText();
      List<String> sql = split(options.has("batch") ? text.replace(":batch", "true") : text);
      try {
        inTransaction(statement, sql);
      } catch (SQLException e) {
        if (!REFUSES_TRANSACTION.equals(e.getSQLState())) {
          throw e;
        }
        for (String single : sql) {
          statement.execute(single);
        }
      }
    }
  }

  private void inTransaction(Statement statement, List<String> sql) throws SQLException {
    connection.setAutoCommit(false);
    try {
      for (String single : sql) {
        statement.execute(single);
      }
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  static List<String> split(String sql) throws SQLException {
    return Parser.parseJdbcSql(sql, true, false, true, false, false).stream()
        .map(query -> query.nativeSql)
        .filter(text -> !text.isBlank())
        .toList();
  }
}
