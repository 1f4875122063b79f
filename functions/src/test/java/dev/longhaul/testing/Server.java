package dev.longhaul.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A PostgreSQL server of a test's own, which it may stop as a failure does.
public final class Server {
  private static final int SECONDS_TO_STOP = 20;

  private Server() {}

  /// On a new data directory, or on one that a stopped server has left.
  public static EmbeddedPostgres start(Path data) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        // Embedded servers do without, and lose what they have committed.
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("max_wal_senders", "4")
        .setServerConfig("wal_level", "replica")
        .start();
  }

  public static Database database(int port) {
    return new Database("postgresql://postgres@127.0.0.1:" + port + "/postgres");
  }

  /// SIGQUIT, as `pg_ctl stop -m immediate` sends it
  /// (<https://www.postgresql.org/docs/current/server-shutdown.html>).
  public static void stopImmediately(Path data)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
    var ended = ProcessHandle.of(pid).orElseThrow().onExit();
    if (new ProcessBuilder("kill", "-QUIT", String.valueOf(pid)).start().waitFor() != 0) {
      throw new IllegalStateException("no server " + pid + " to stop");
    }
    ended.get(SECONDS_TO_STOP, TimeUnit.SECONDS);
  }
}
