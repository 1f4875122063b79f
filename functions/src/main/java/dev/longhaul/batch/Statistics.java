package dev.longhaul.batch;

import dev.longhaul.database.SqlState;
import dev.longhaul.logging.Log;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What the planner knows of the key. A table that was just loaded or restored has no statistics:
/// then the planner takes the rows of a batch to lie anywhere, reads the whole table for each, and
/// there is no histogram to cut the table by.
record Statistics(Connection connection, KeyedTable table) {

  /// Analyzes the key's columns where they never were; of a table, or partition, with many rows
  /// that reads a sample of 30,000 (<https://www.postgresql.org/docs/current/sql-analyze.html>). A
  /// role that may not is told so by a warning of the server and changes nothing, and so is one
  /// that would wait for a lock.
  void complete() throws SQLException {
    String columns =
        table.key().stream().map(KeyedTable.Column::name).collect(Collectors.joining(", "));
    for (String missing : missing()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("analyze (skip_locked) %s (%s)".formatted(missing, columns));
      } catch (SQLException e) {
        if (SqlState.isConnectionLoss(SqlState.of(e))) {
          throw e;
        }
        Log.warn(
            "a table without statistics was not analyzed",
            Map.of("table", missing, "reason", String.valueOf(e.getMessage())));
      }
    }
  }

  private List<String> missing() throws SQLException {
    List<String> missing = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select c.oid::pg_catalog.regclass::text as name
            from pg_catalog.pg_class as c
            join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
            where c.oid = any (?) and pg_catalog.pg_relation_size(c.oid) > 0 and not exists (
              select from pg_catalog.pg_stats as s
              where s.schemaname = n.nspname and s.tablename = c.relname and pg_catalog.quote_ident(s.attname) = ?)
            order by c.oid
            """)) {
      statement.setArray(1, connection.createArrayOf("oid", table.leaves().toArray()));
      statement.setString(2, table.key().getFirst().name());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          missing.add(row.getString(1));
        }
      }
    }
    return missing;
  }
}
