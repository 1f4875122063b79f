package dev.longhaul.bench;

import dev.longhaul.local.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/// A PostgreSQL on loopback with its default configuration, which means that commits wait for the
/// disk. Both sides of a comparison use the same server.
public final class DatabaseServer implements AutoCloseable {
  private final PostgresServer server;
  private final Path directory;
  private int created;

  private DatabaseServer(PostgresServer server, Path directory) {
    this.server = server;
    this.directory = directory;
  }

  public static DatabaseServer start() throws IOException {
    var binaries = Files.createDirectories(Project.target().resolve("postgresql"));
    var directory = Project.temporary("database");
    var place = new PostgresServer.Place(directory, binaries, Optional.of(0));
    return new DatabaseServer(PostgresServer.start(place, true), directory);
  }

  public String version() throws SQLException {
    return new Database(server.url()).value("show server_version");
  }

  /// A new and empty database; what was written before is on disk.
  public Database create() throws SQLException {
    var name = "bench_" + ++created;
    new Database(server.url()).execute("create database " + name, "checkpoint");
    return new Database(server.url().replace("/longhaul?", "/" + name + "?"));
  }

  void drop(Database database) throws SQLException {
    new Database(server.url()).execute("drop database " + database.name() + " with (force)");
  }

  @Override
  public void close() throws IOException {
    server.close();
    Project.delete(directory);
  }
}
