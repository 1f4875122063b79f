package dev.longhaul.cli.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/// A transaction that somebody left open: it has read a table, so nobody may alter that table.
final class HeldLock implements AutoCloseable {
  private final Connection connection;

  private HeldLock(Connection connection) {
    this.connection = connection;
  }

  static HeldLock on(DatabaseUrl database, String table) throws SQLException {
    Connection connection = database.connect();
    try (Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // What a select takes, but without a snapshot that concurrent index builds would wait for.
      statement.execute("lock table " + table + " in access share mode");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return new HeldLock(connection);
  }

  /// The server rolls back what was open.
  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
