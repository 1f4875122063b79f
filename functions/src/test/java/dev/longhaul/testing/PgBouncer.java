package dev.longhaul.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A real PgBouncer (<https://www.pgbouncer.org/config.html>) before a test's database.
public final class PgBouncer implements AutoCloseable {
  private static final int SECONDS_TO_START = 10;

  private final Process process;
  private final int port;
  private final Database server;
  private final Path log;

  private PgBouncer(Process process, int port, Database server, Path log) {
    this.process = process;
    this.port = port;
    this.server = server;
    this.log = log;
  }

  /// Where the command is, if it is on this machine. Some systems keep it out of a person's path.
  public static Optional<Path> command() {
    return Stream.concat(Stream.of(System.getenv("PATH").split(":", -1)), Stream.of("/usr/sbin"))
        .map(directory -> Path.of(directory, "pgbouncer"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// @param poolMode `session` or `transaction`
  /// @param directory an empty one
  public static PgBouncer start(Path command, Database server, String poolMode, Path directory)
      throws IOException {
    int port = freePort();
    Path configuration = directory.resolve("pgbouncer.ini");
    Files.writeString(
        configuration,
        """
        [databases]
        * = host=127.0.0.1 port=%d user=postgres
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_type = any
        pool_mode = %s
        ignore_startup_parameters = extra_float_digits
        """
            .formatted(URI.create(server.url()).getPort(), port, poolMode));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> arguments = new ArrayList<>(List.of(command.toString()));
    if (System.getProperty("user.name").equals("root")) {
      // It refuses to run as root.
      arguments.addAll(List.of("-u", "nobody"));
    }
    arguments.add(configuration.toString());
    Path log = directory.resolve("pgbouncer.log");
    Process process =
        new ProcessBuilder(arguments)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    PgBouncer started = new PgBouncer(process, port, server, log);
    started.awaitReady();
    return started;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws IOException {
    Instant deadline = Instant.now().plusSeconds(SECONDS_TO_START);
    boolean isReady = false;
    while (!isReady) {
      if (!process.isAlive() || Instant.now().isAfter(deadline)) {
        throw new AssertionError("PgBouncer has not started:\n" + log());
      }
      try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
        isReady = socket.isConnected();
      } catch (java.net.ConnectException e) {
        Thread.onSpinWait();
      }
    }
  }

  /// The same database, through the pooler. It speaks no TLS.
  public String url() {
    int direct = URI.create(server.url()).getPort();
    return server.url().replace(":" + direct + "/", ":" + port + "/") + "?sslmode=disable";
  }

  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    // SIGTERM ends it at once, with its sessions.
    process.destroy();
    process.onExit().orTimeout(SECONDS_TO_START, java.util.concurrent.TimeUnit.SECONDS).join();
  }
}
