package dev.longhaul.simulation;

import dev.longhaul.testing.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/// Somebody else's transaction, which a concurrent index build has to wait for, so that faults meet
/// it in its middle.
final class Stranger {
  private final Database database;
  private @Nullable Connection connection;

  Stranger(Database database) {
    this.database = database;
  }

  boolean isThere() {
    return connection != null;
  }

  /// Begins one that has written to the table, and waits for nobody.
  void enter(String table) {
    try {
      Connection opened = database.connect();
      opened.setAutoCommit(false);
      try (Statement statement = opened.createStatement()) {
        statement.execute("set local lock_timeout = '50ms'");
        statement.execute("lock table %s in row exclusive mode".formatted(table));
        connection = opened;
      } catch (SQLException e) {
        // Somebody holds the table: then there is nobody to wait for it.
        opened.close();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  void leave() {
    if (connection != null) {
      try (Connection ended = connection) {
        ended.rollback();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      } finally {
        connection = null;
      }
    }
  }
}
