package dev.longhaul.local.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/// One PostgreSQL server, reachable on loopback by a password that only the state directory knows.
public final class PostgresServer implements AutoCloseable {
  public static final int DEFAULT_PORT = 54329;

  private static final String NAME = "longhaul";

  /// Not the journal's schema: a user's own tables go to the schema of its name, if there is one.
  private static final String USER = "app";

  private static final String WELCOME = "welcome";
  private static final String MAJOR_VERSION = "18";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final PostgresPrograms programs;
  private final Path data;
  private final Path log;
  private final int port;
  private final String password;
  private final boolean attached;

  private PostgresServer(
      PostgresPrograms programs, Path data, Path log, int port, String password, boolean attached) {
    this.programs = programs;
    this.data = data;
    this.log = log;
    this.port = port;
    this.password = password;
    this.attached = attached;
  }

  /// Where a server lives.
  ///
  /// @param state has the data, and the server's log
  /// @param binaries has the unpacked programs
  /// @param port empty takes the usual one or the next that is free; 0 takes any
  public record Place(Path state, Path binaries, Optional<Integer> port) {
    private Path data() {
      return state.resolve("data");
    }
  }

  /// Starts the server, or takes over the one that runs on the same data: a stack that was killed
  /// leaves its server behind, with migrations that are still running in it.
  ///
  /// @param fresh throws away earlier data first
  public static PostgresServer start(Place place, boolean fresh) {
    try {
      var programs = new PostgresPrograms(PostgresBinaries.unpack(place.binaries()));
      var data = place.data().toAbsolutePath().normalize();
      if (fresh) {
        discard(programs, data);
      }
      if (!Files.exists(data)) {
        initialize(programs, data);
      }
      checkVersion(data);
      var password = Files.readString(data.resolve("longhaul.password"));
      var log = place.state().resolve("postgres.log").toAbsolutePath();
      var survivor = survivor(data, password);
      var server =
          survivor.isPresent()
              ? new PostgresServer(programs, data, log, survivor.get().port(), password, true)
              : new PostgresServer(programs, data, log, port(place), password, false);
      if (survivor.isEmpty()) {
        server.launch();
      }
      server.createDatabase(NAME);
      server.createDatabase(WELCOME);
      return server;
    } catch (IOException e) {
      throw new PostgresProblem("cannot start PostgreSQL: " + e.getMessage(), e);
    } catch (SQLException e) {
      throw new PostgresProblem("PostgreSQL does not answer as it should: " + e.getMessage(), e);
    }
  }

  /// The address as libpq's URL, with user and password.
  public String url() {
    return url(NAME);
  }

  /// The same of the database that the stack's first job runs in.
  public String welcomeUrl() {
    return url(WELCOME);
  }

  private String url(String database) {
    return "postgresql://%s:%s@127.0.0.1:%d/%s?sslmode=disable"
        .formatted(USER, password, port, database);
  }

  /// Whether the server was already running.
  public boolean isAttached() {
    return attached;
  }

  /// Ends all sessions and stops the server.
  @Override
  public void close() {
    try {
      stop(programs, data, "fast");
    } catch (IOException e) {
      throw new PostgresProblem("cannot stop PostgreSQL: " + e.getMessage(), e);
    }
  }

  private static void discard(PostgresPrograms programs, Path data) throws IOException {
    if (PostmasterFile.in(data).filter(PostmasterFile::isAlive).isPresent()) {
      stop(programs, data, "immediate");
    }
    PostgresBinaries.delete(data);
  }

  private static void stop(PostgresPrograms programs, Path data, String mode) throws IOException {
    var result =
        programs.run(
            "pg_ctl", List.of("stop", "-D", data.toString(), "-m", mode, "-w", "-t", "20"));
    if (result.exitCode() != 0
        && PostmasterFile.in(data).filter(PostmasterFile::isAlive).isPresent()) {
      programs.run("pg_ctl", List.of("stop", "-D", data.toString(), "-m", "immediate", "-w"));
    }
  }

  /// In a directory beside, renamed when whole: a start that is killed here leaves nothing half
  /// done.
  private static void initialize(PostgresPrograms programs, Path data) throws IOException {
    var next = data.resolveSibling("data.next");
    PostgresBinaries.delete(next);
    var passwordFile = data.resolveSibling("data.password");
    var password = newPassword();
    Files.deleteIfExists(passwordFile);
    Files.createFile(
        passwordFile,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passwordFile, password, UTF_8);
    var result =
        programs.run(
            "initdb",
            List.of(
                "--pgdata=" + next,
                "--username=" + USER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions"));
    if (result.exitCode() != 0) {
      throw new PostgresProblem("initdb failed: " + result.lastLine());
    }
    Files.move(passwordFile, next.resolve("longhaul.password"));
    Files.move(next, data);
  }

  private static String newPassword() {
    var bytes = new byte[16];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static void checkVersion(Path data) throws IOException {
    var version = Files.readString(data.resolve("PG_VERSION")).strip();
    if (!version.equals(MAJOR_VERSION)) {
      throw new PostgresProblem(
          "the data in %s are PostgreSQL %s's, this is %s: start over with --fresh"
              .formatted(data, version, MAJOR_VERSION));
    }
  }

  /// The server that already runs on these data, once it answers; it may be recovering. One that is
  /// on its way out is waited for, and is none.
  private static Optional<PostmasterFile> survivor(Path data, String password) throws IOException {
    var deadline = Instant.now().plus(PATIENCE);
    while (true) {
      var file = PostmasterFile.in(data);
      if (file.isEmpty()) {
        return file;
      }
      if (!file.get().isAlive()) {
        // Its number may be another process's by now, and PostgreSQL would not start beside that.
        Files.deleteIfExists(data.resolve("postmaster.pid"));
        return Optional.empty();
      }
      if (answers(file.get(), data, password)) {
        return file;
      }
      if (Instant.now().isAfter(deadline)) {
        throw new PostgresProblem(
            "process %d runs PostgreSQL on %s but does not answer"
                .formatted(file.get().pid(), data));
      }
      pause();
    }
  }

  private static boolean answers(PostmasterFile file, Path data, String password)
      throws IOException {
    if (file.port() == 0) {
      return false;
    }
    try (var connection = connect(file.port(), "postgres", password);
        var statement = connection.createStatement();
        var row = statement.executeQuery("show data_directory")) {
      return row.next() && Path.of(row.getString(1)).toRealPath().equals(data.toRealPath());
    } catch (SQLException _) {
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PostgresProblem("interrupted while PostgreSQL starts", e);
    }
  }

  private static int port(Place place) throws IOException {
    if (place.port().isPresent()) {
      var port = place.port().get();
      return freePort(port)
          .orElseThrow(
              () ->
                  new PostgresProblem(
                      "port %d is in use: choose another with --pg-port".formatted(port)));
    }
    for (var port = DEFAULT_PORT; port < DEFAULT_PORT + 100; port++) {
      if (freePort(port).isPresent()) {
        return port;
      }
    }
    return freePort(0).orElseThrow();
  }

  private static Optional<Integer> freePort(int port) throws IOException {
    try (var socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return Optional.of(socket.getLocalPort());
    } catch (java.net.BindException _) {
      return Optional.empty();
    }
  }

  private void launch() throws IOException {
    // pg_ctl makes the server a session of its own: a Ctrl-C at the terminal reaches only the
    // stack.
    var result =
        programs.run(
            "pg_ctl",
            List.of(
                "start",
                "-D",
                data.toString(),
                "-l",
                log.toString(),
                "-w",
                "-t",
                Long.toString(PATIENCE.toSeconds()),
                "-o",
                "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c timezone=UTC"
                    .formatted(port)));
    if (result.exitCode() != 0) {
      throw new PostgresProblem("PostgreSQL did not start, see " + log);
    }
  }

  private void createDatabase(String name) throws SQLException {
    try (var connection = connect(port, "postgres", password);
        var query = connection.prepareStatement("select 1 from pg_database where datname = ?");
        var statement = connection.createStatement()) {
      query.setString(1, name);
      try (var row = query.executeQuery()) {
        if (!row.next()) {
          statement.execute("create database " + name);
        }
      }
    }
  }

  private static Connection connect(int port, String database, String password)
      throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", USER);
    properties.setProperty("password", password);
    properties.setProperty("sslmode", "disable");
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "10");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database), properties);
  }
}
