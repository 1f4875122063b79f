package dev.longhaul.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/// One PostgreSQL cluster a JVM, a database a test.
public final class Cluster {
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static final EmbeddedPostgres POSTGRES = start();

  private Cluster() {}

  /// The URL, in libpq's form, of a new and empty database.
  public static String newDatabase() {
    String name = "test_" + DATABASES.incrementAndGet();
    try (Connection connection =
            DriverManager.getConnection(POSTGRES.getJdbcUrl("postgres", "postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name);
      return "postgresql://postgres@127.0.0.1:" + POSTGRES.getPort() + "/" + name;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static EmbeddedPostgres start() {
    try {
      EmbeddedPostgres server =
          EmbeddedPostgres.builder()
              .setServerConfig("fsync", "off")
              .setServerConfig("full_page_writes", "off")
              .setServerConfig("max_wal_size", "4GB")
              // It visits each database once in that time: ten a second where there are hundreds.
              .setServerConfig("autovacuum_naptime", "1h")
              .setServerConfig("max_connections", "200")
              .start();
      requireVersion(server);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Of the server that the build means to test on, where it says so.
  private static void requireVersion(EmbeddedPostgres server) throws SQLException {
    String wanted = System.getProperty("test.server.major", "");
    try (Connection connection =
        DriverManager.getConnection(server.getJdbcUrl("postgres", "postgres"))) {
      String found = String.valueOf(connection.getMetaData().getDatabaseMajorVersion());
      if (!wanted.isEmpty() && !found.equals(wanted)) {
        throw new IllegalStateException("PostgreSQL " + found + " instead of " + wanted);
      }
    }
  }
}
