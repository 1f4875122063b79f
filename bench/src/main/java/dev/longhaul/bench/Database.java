package dev.longhaul.bench;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/// A database, and what the benchmarks do with it beside what they measure.
///
/// @param url in libpq's form, with user and password
public record Database(String url) {
  public String jdbcUrl() {
    var uri = URI.create(url);
    return "jdbc:postgresql://%s:%d%s?sslmode=disable"
        .formatted(uri.getHost(), uri.getPort(), uri.getPath());
  }

  public String user() {
    return login()[0];
  }

  public String password() {
    return login()[1];
  }

  int port() {
    return URI.create(url).getPort();
  }

  String name() {
    return URI.create(url).getPath().substring(1);
  }

  /// The same by another way.
  Database at(int port) {
    return new Database(url.replace(":" + port() + "/", ":" + port + "/"));
  }

  private String[] login() {
    return URI.create(url).getUserInfo().split(":", 2);
  }

  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl(), user(), password());
  }

  public void execute(String... statements) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      for (var sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /// The first column of the only row.
  public String value(String query) throws SQLException {
    try (var connection = connect()) {
      return value(connection, query);
    }
  }

  public static String value(Connection connection, String query) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      if (!row.next()) {
        throw new IllegalStateException("no row: " + query);
      }
      return row.getString(1);
    }
  }
}
