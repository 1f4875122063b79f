package dev.longhaul.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// The test's own view of a database, beside the functions.
///
/// @param url in libpq's form, or `jdbc:sqlite:…`
public record Database(String url) {
  public static Database create() {
    return new Database(Cluster.newDatabase());
  }

  public Connection connect() {
    try {
      return DriverManager.getConnection(jdbcUrl());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// In the driver's form.
  public String jdbcUrl() {
    return url.startsWith("jdbc:")
        ? url
        : "jdbc:"
            + url.replace("postgres@", "")
            + "?user=postgres&stringtype=unspecified&password="
            + PlantedCanary.PASSWORD;
  }

  public void execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The first column of every row, as text.
  public List<String> query(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(String.valueOf(rows.getString(1)));
      }
      return values;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public String value(String sql) {
    return query(sql).getFirst();
  }

  public boolean exists(String table) {
    return url.startsWith("jdbc:sqlite:")
        ? !query("select name from sqlite_master where name = '" + table + "'").isEmpty()
        : !query("select 1 where to_regclass('" + table + "') is not null").isEmpty();
  }

  /// Waits until a query answers `true`.
  public void await(String condition) {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
    while (!query(condition).equals(List.of("t"))) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("still not true after 30 s: " + condition);
      }
      Thread.onSpinWait();
    }
  }
}
