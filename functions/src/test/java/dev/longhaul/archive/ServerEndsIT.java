package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Server;
import dev.longhaul.testing.Standby;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionProcess;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import software.amazon.awssdk.services.sqs.model.Message;

/// The server ends in the middle of what functions have it do: an index build that its function
/// stays with, one that was left to the server, a script in one transaction, a walk that is held
/// back, so that its last commits may be lost. The functions live on, with connections that are
/// dead, and bring all of it to its end at the server that is there then.
@Tag("fault")
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class ServerEndsIT {
  private static final List<String> ALL = List.of("left", "index", "script", "walk");
  private static final int ROWS = 10_000;

  @TempDir private Path directory;
  private final List<FunctionProcess> functions = new ArrayList<>();

  @AfterEach
  void close() {
    functions.forEach(FunctionProcess::close);
  }

  private static void fill(Fixture longhaul) {
    longhaul.database.execute(
        """
        create table t (n int);
        insert into t select generate_series(1, 1000);
        create table u as select n from t;
        create table effect (name text);
        create table task (id bigint primary key, n int not null default 0);
        insert into task (id) select generate_series(1, %d);
        analyze task;
        create function slow() returns trigger language plpgsql as $$
          begin if new.id %% 10 = 0 then perform pg_sleep(0.01); end if; return new; end $$;
        create trigger slow before update on task for each row execute function slow();
        """
            .formatted(ROWS));
  }

  private static ObjectNode index(String name, String table) {
    return Fixture.migration(
        name,
        "create index concurrently %2$s_n on %2$s (n); insert into effect values ('%1$s')"
            .formatted(name, table),
        "");
  }

  /// What the builds and the script wait for; it goes with the server.
  private static Connection block(Database database) throws SQLException {
    Connection blocker = database.connect();
    try (Statement statement = blocker.createStatement()) {
      statement.execute("select pg_advisory_lock(1, 1)");
      blocker.setAutoCommit(false);
      statement.execute("insert into t values (0); insert into u values (0)");
    }
    return blocker;
  }

  private static Event take(Fixture longhaul) {
    Message message = longhaul.queue.receive().getFirst();
    longhaul.queue.delete(message);
    return Event.of(Fixture.event(message).toString());
  }

  /// The first build is left; the other three migrations are stayed with.
  private List<CompletableFuture<Answer>> execute(Fixture longhaul) throws Exception {
    while (functions.size() < 3) {
      functions.add(FunctionProcess.start(Archive.CODE, Archive.EXECUTOR, longhaul.environment()));
    }
    longhaul.register(index("left", "u").put("detach_after", "100ms").toString());
    assertThat(functions.getFirst().invoke(take(longhaul)).body())
        .isEqualTo("{\"batchItemFailures\":[]}");
    longhaul.register(index("index", "t").put("detach_after", "60s").toString());
    longhaul.register(
        Fixture.migration(
                "script",
                "insert into effect values ('begun'); select pg_advisory_xact_lock(1, 1);"
                    + " insert into effect values ('script')",
                "")
            .put("detach_after", "60s")
            .toString());
    ObjectNode walk = Fixture.migration("walk", "update task set n = n + 1 where :batch", "");
    walk.set(
        "batch",
        JsonFunction.JSON.readTree(
            """
            {"table": "task", "key": "id", "size": 100, "target_ms": 50,
             "health": {"vcpus": 1, "active_sessions_per_vcpu": [0.1, 100, 200]}}
            """));
    longhaul.register(walk.toString());
    List<CompletableFuture<Answer>> running = new ArrayList<>();
    for (FunctionProcess function : functions) {
      running.add(function.send(take(longhaul).withTimeout(Duration.ofMinutes(2))));
    }
    longhaul.database.await(
        """
        select (select count(*) = 2 from pg_stat_progress_create_index
                where phase = 'waiting for writers before build')
          and exists (select from pg_locks where locktype = 'advisory' and not granted)
          and (select coalesce(sum(rows_done), 0) > 0 from longhaul.async_migration_range)
          and (select pace_reason like '%active on 1 vCPU%' from
                (select progress ->> 'pace_reason' as pace_reason
                 from longhaul.async_migration where name = 'walk') walk)
        """);
    return running;
  }

  /// Nobody can be asked, so the message comes back.
  private static void assertThatMessagesComeBack(List<CompletableFuture<Answer>> running)
      throws Exception {
    for (CompletableFuture<Answer> answer : running) {
      assertThat(answer).succeedsWithin(Duration.ofSeconds(40));
      assertThat(answer.get().body()).contains("itemIdentifier");
    }
  }

  private void look(Fixture longhaul, String name) throws Exception {
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"" + name + "\"}");
    assertThat(functions.getFirst().invoke(take(longhaul)).body()).contains("itemIdentifier");
  }

  /// What the sweep and the same functions do, once a server is there again.
  private void goOn(Fixture longhaul) throws Exception {
    assertThat(longhaul.database.query("select name from effect"))
        .as("nothing of what was not committed")
        .isEmpty();
    longhaul.database.execute("drop trigger slow on task");
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    int next = 0;
    while (!ALL.stream().allMatch(name -> longhaul.status(name).equals("FINISHED"))) {
      assertThat(Instant.now()).as("all finished in time").isBefore(deadline);
      assertThat(ALL).noneMatch(name -> longhaul.status(name).equals("ERROR"));
      longhaul.database.execute(
          "update longhaul.async_migration set next_look_at = now(), not_before = null"
              + " where next_look_at is not null");
      longhaul.trigger("{}");
      for (Message message : longhaul.queue.receive()) {
        longhaul.queue.delete(message);
        functions
            .get(next++ % functions.size())
            .invoke(Event.of(Fixture.event(message).toString()))
            .body();
      }
    }
    assertThat(
            longhaul.database.query(
                "select indexrelid::regclass || ' ' || indisvalid from pg_index"
                    + " where indrelid in ('t'::regclass, 'u'::regclass) order by 1"))
        .containsExactly("t_n true", "u_n true");
    assertThat(longhaul.database.query("select name from effect order by name"))
        .containsExactly("begun", "index", "left", "script");
    assertThat(longhaul.database.query("select n || ' ' || count(*) from task group by n"))
        .containsExactly("1 " + ROWS);
    assertThat(ALL).allSatisfy(name -> assertThat(longhaul.pathOf(name)).doesNotContain("ERROR"));
    assertThat(functions).allMatch(FunctionProcess::isAlive);
    longhaul.queue.drain();
  }

  private static void assertThatNothingHasChanged(Database database) {
    assertThat(
            database.query(
                "select name from longhaul.async_migration where status = 'IN PROGRESS'"))
        .containsExactlyInAnyOrderElementsOf(ALL);
  }

  @Test
  void goesOnAfterAnImmediateStop() throws Exception {
    Path data = directory.resolve("data");
    EmbeddedPostgres first = Server.start(data);
    try (TcpProxy address = TcpProxy.to(URI.create("postgresql://127.0.0.1:" + first.getPort()))) {
      Fixture longhaul = new Fixture(Server.database(address.port()), Map.of());
      fill(longhaul);
      try (Connection blocker = block(longhaul.database)) {
        var running = execute(longhaul);
        Server.stopImmediately(data);
        assertThatMessagesComeBack(running);
        look(longhaul, "left");
        assertThat(blocker.isValid(1)).isFalse();
      }
      first.close();
      try (EmbeddedPostgres second = Server.start(data)) {
        address.pointTo(second.getPort());
        assertThatNothingHasChanged(longhaul.database);
        goOn(longhaul);
        functions.forEach(FunctionProcess::close);
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
        fill(longhaul);
        Database promoted = Server.database(standby.getPort());
        try (Connection blocker = block(longhaul.database)) {
          var running = execute(longhaul);
          promoted.await(
              """
              select (select count(*) = 4 from longhaul.async_migration where status = 'IN PROGRESS')
                and (select sum(rows_done) > 0 from longhaul.async_migration_range)
              """);
          Server.stopImmediately(data);
          assertThatMessagesComeBack(running);
          assertThat(blocker.isValid(1)).isFalse();
        }
        writer.pointTo(standby.getPort());
        for (String name : ALL) {
          look(longhaul, name);
        }
        assertThatNothingHasChanged(promoted);
        promoted.value("select pg_promote()");
        goOn(longhaul);
        functions.forEach(FunctionProcess::close);
        longhaul.close();
      }
    }
  }
}
