package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.Server;
import dev.longhaul.testing.Standby;
import dev.longhaul.testing.TcpProxy;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The server ends while it works: stopped in mode immediate and started again, or replaced by its
/// standby.
@Tag("fault")
@Timeout(120)
class ServerEndsTest {
  @TempDir private Path directory;

  private static void register(Fixture longhaul) {
    longhaul.database.execute(
        "create table t (n int); insert into t select generate_series(1, 1000)");
    longhaul.register("index", "create index concurrently t_n on t (n)", "");
    longhaul.register("script", "insert into t values (-1); select pg_sleep(60)", "");
  }

  /// Both are executed, and both are in the middle of their work.
  private static List<CompletableFuture<Void>> executeBoth(Fixture longhaul, Database database) {
    List<CompletableFuture<Void>> running =
        Stream.generate(
                () -> CompletableFuture.runAsync(longhaul::executeNext, Thread::startVirtualThread))
            .limit(2)
            .toList();
    database.await(
        "select exists (select from pg_stat_progress_create_index) and exists"
            + " (select from pg_stat_activity where wait_event = 'PgSleep')");
    return running;
  }

  private static Connection block(Database database) throws SQLException {
    Connection blocker = database.connect();
    blocker.setAutoCommit(false);
    try (Statement statement = blocker.createStatement()) {
      statement.execute("insert into t values (0)");
    }
    return blocker;
  }

  /// What the sweep and later executors do, once the server is there again.
  private static void goOn(Fixture longhaul) {
    longhaul.database.execute(
        "update longhaul.async_migration set sql_forwards ="
            + " '[\"insert into t values (-1)\"]', steps_total = 1 where name = 'script'");
    longhaul.database.execute("update longhaul.async_migration set next_look_at = now()");
    longhaul.trigger("{}");
    longhaul.executeUntil("index", "FINISHED");
    longhaul.executeUntil("script", "FINISHED");
    assertThat(
            longhaul.database.query(
                "select indisvalid from pg_index where indrelid = 't'::regclass"))
        .containsExactly("t");
    assertThat(longhaul.database.value("select count(*) from t where n = -1")).isEqualTo("1");
  }

  @Test
  void goesOnAfterAnImmediateStop() throws Exception {
    Path data = directory.resolve("data");
    EmbeddedPostgres first = Server.start(data);
    try (TcpProxy address = TcpProxy.to(URI.create("postgresql://127.0.0.1:" + first.getPort()))) {
      Fixture longhaul = new Fixture(Server.database(address.port()), Map.of());
      register(longhaul);
      Connection blocker = block(longhaul.database);
      var running = executeBoth(longhaul, longhaul.database);
      Server.stopImmediately(data);
      running.forEach(execution -> assertThat(execution).succeedsWithin(Duration.ofSeconds(20)));
      blocker.close();
      first.close();
      try (EmbeddedPostgres second = Server.start(data)) {
        address.pointTo(second.getPort());
        assertThat(longhaul.status("script")).isEqualTo("IN PROGRESS");
        goOn(longhaul);
        longhaul.close();
      }
    }
  }

  /// The journal goes with the data, so whatever has reached the standby fits together.
  @Test
  void goesOnAfterAFailover() throws Exception {
    Path data = directory.resolve("primary");
    Path copy = directory.resolve("standby");
    try (EmbeddedPostgres primary = Server.start(data);
        TcpProxy writer = TcpProxy.to(URI.create("postgresql://127.0.0.1:" + primary.getPort()))) {
      Standby.copy(Server.database(primary.getPort()), data, copy, "");
      try (EmbeddedPostgres standby = Server.start(copy)) {
        Fixture longhaul = new Fixture(Server.database(writer.port()), Map.of());
        register(longhaul);
        Connection blocker = block(longhaul.database);
        var running = executeBoth(longhaul, longhaul.database);
        Database promoted = Server.database(standby.getPort());
        promoted.await(
            "select count(*) = 2 from longhaul.async_migration where status = 'IN PROGRESS'");
        promoted.await("select step_in_doubt from longhaul.async_migration where name = 'index'");

        Server.stopImmediately(data);
        running.forEach(execution -> assertThat(execution).succeedsWithin(Duration.ofSeconds(20)));
        blocker.close();
        writer.pointTo(standby.getPort());
        longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"index\"}");
        longhaul.executeNext();
        assertThat(
                promoted.value("select status from longhaul.async_migration where name = 'index'"))
            .as("a replica is no writer")
            .isEqualTo("IN PROGRESS");
        Refused.by(() -> longhaul.register("late", "select 1", ""))
            .is("TargetUnavailable", "read-only replica", "give the writer endpoint");
        Refused.by(() -> longhaul.trigger("{}")).is("TargetUnavailable", "read-only replica");
        promoted.value("select pg_promote()");
        goOn(longhaul);
        longhaul.close();
      }
    }
  }
}
