package dev.longhaul.cli.demo;

import dev.longhaul.testing.PlantedCanary;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A database of its own for each test, in one real PostgreSQL for the whole JVM, which the library
/// stops when the JVM ends.
public record TestDatabase(String name, int port) {
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private static final class Server {
    /// Held here, or it might be collected together with its level.
    private static final Logger LOGGER = Logger.getLogger("io.zonky.test");

    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      LOGGER.setLevel(Level.WARNING);
      try {
        return EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public static TestDatabase create() throws SQLException {
    String name = "sample_" + COUNTER.incrementAndGet();
    try (Connection connection = Server.POSTGRES.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name);
    }
    return new TestDatabase(name, Server.POSTGRES.getPort());
  }

  DatabaseUrl url() {
    return new DatabaseUrl(address());
  }

  public String address() {
    return addressOf("postgres");
  }

  /// The server asks nobody for a password.
  public String addressOf(String role) {
    return "postgresql://%s:%s@localhost:%d/%s".formatted(role, PlantedCanary.PASSWORD, port, name);
  }

  public Connection connect() throws SQLException {
    return url().connect();
  }

  /// Sends strings of several statements as they are. The driver's parser finds no statement
  /// boundary after a `begin atomic` body, and its usual protocol takes one statement at a time.
  Connection connectForScripts() throws SQLException {
    return new DatabaseUrl(url().url() + "?preferQueryMode=simple").connect();
  }
}
