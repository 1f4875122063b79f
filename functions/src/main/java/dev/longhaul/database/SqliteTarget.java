package dev.longhaul.database;

import dev.longhaul.health.HealthLimits;
import dev.longhaul.migration.Refusal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/// A SQLite file, for development. The driver is not part of the deployed archive.
///
/// @param url `jdbc:sqlite:/path/to/file`
public record SqliteTarget(String name, String url) implements Target {
  @Override
  public Dialect dialect() {
    return Dialect.SQLITE;
  }

  /// No batch runs in SQLite.
  @Override
  public HealthLimits health() {
    return HealthLimits.NONE;
  }

  @Override
  public Connection connect(String applicationName) {
    try {
      Connection connection = DriverManager.getConnection(url);
      try (Statement statement = connection.createStatement()) {
        statement.execute("pragma busy_timeout = 10000");
      }
      return connection;
    } catch (SQLException e) {
      throw Refusal.unavailable(
          "target \"%s\": the SQLite file cannot be opened (%s): check the path, and that sqlite-jdbc is on the class path"
              .formatted(name, e.getMessage()));
    }
  }
}
