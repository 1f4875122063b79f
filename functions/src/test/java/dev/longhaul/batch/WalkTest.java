package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.TestContext;
import dev.longhaul.testing.TestQueue;
import java.net.URI;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

/// What a walk does about others: those who hold its rows, wait for its locks, or want it to end.
class WalkTest {
  private final WalkedTask task = new WalkedTask();
  private final Fixture fixture = task.fixture;

  @AfterEach
  void close() {
    task.close();
  }

  @Test
  void givesStripesUpWhereUpdatesLeaveTheirPage() {
    fixture.database.execute("create index on task (n)");
    fixture.register(WalkedTask.migration("indexed", "{}").toString());
    fixture.executeUntil("indexed", "FINISHED");
    task.assertEachRowOnce();
    JsonNode meta = fixture.control("status", "indexed").path("meta");
    assertThat(meta.path("stripes").asInt()).isEqualTo(1);
    assertThat(meta.path("stripes_reason").asText())
        .startsWith("off: only 0 % of the updates stayed on their page");
  }

  @Test
  void givesStripesUpWhereOneHoldsAllKeys() {
    fixture.database.execute("update task set id = -16 * id");
    fixture.register(WalkedTask.migration("skewed", "{}").toString());
    fixture.executeUntil("skewed", "FINISHED");
    task.assertEachRowOnce();
    JsonNode meta = fixture.control("status", "skewed").path("meta");
    assertThat(meta.path("stripes").asInt()).isEqualTo(1);
    assertThat(meta.path("stripes_reason").asText()).startsWith("off: all keys of a window");
  }

  @Test
  void keepsStripesWhereUpdatesStayOnTheirPage() {
    fixture.register(WalkedTask.migration("plain", "{}").toString());
    fixture.executeUntil("plain", "FINISHED");
    task.assertEachRowOnce();
    JsonNode meta = fixture.control("status", "plain").path("meta");
    assertThat(meta.path("stripes").asInt()).isEqualTo(16);
    assertThat(meta.path("stripes_reason").asText())
        .matches("\\d+ % of the updates stayed on their page");
  }

  /// A transaction that sees the old rows keeps them, so no update finds room on its page.
  @Test
  void takesStripesUpAgainWhenAnOldSnapshotIsGone() throws Exception {
    fixture.database.execute("insert into task (id) select generate_series(20001, 200000)");
    task.slowDown(20);
    try (Connection old = fixture.database.connect();
        Statement statement = old.createStatement()) {
      old.setAutoCommit(false);
      old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("select from task limit 1");
      fixture.register(WalkedTask.migration("plain", "{}").toString());
      CompletableFuture<Void> run = task.runUntil("plain", "FINISHED");
      task.awaitProgress("plain", "progress ->> 'stripes_reason' like 'off: only 0 %'");
      old.rollback();
      task.awaitProgress("plain", "progress ->> 'stripes' = '16'");
      task.speedUp();
      run.join();
    }
    assertThat(fixture.database.query("select n || ' ' || count(*) from task group by n"))
        .containsExactly("1 200000");
  }

  /// A migration of a table without statistics.
  private void registerFresh() {
    fixture.database.execute(
        """
        create table fresh (id bigint primary key, n int not null default 0) with (autovacuum_enabled = off);
        insert into fresh (id) select generate_series(1, 20000)
        """);
    ObjectNode migration = Fixture.migration("fresh", "update fresh set n = 1 where :batch", "");
    migration.putObject("batch").put("table", "fresh").put("key", "id");
    fixture.register(migration.toString());
  }

  /// Without statistics each batch would read the whole table.
  @Test
  void analyzesAKeyWithoutStatistics() {
    registerFresh();
    fixture.executeUntil("fresh", "FINISHED");
    assertThat(fixture.database.query("select attname from pg_stats where tablename = 'fresh'"))
        .containsExactly("id");
    assertThat(
            fixture.database.value(
                "select count(*) > 10 from longhaul.async_migration_range where migration_name ="
                    + " 'fresh'"))
        .isEqualTo("t");
  }

  /// That takes a while where the table is large, in which the steps would be all that is known.
  @Test
  void tellsOfTheRowsBeforeItAnalyzesThem() {
    registerFresh();
    fixture.database.execute(
        """
        create table told (at timestamptz not null, unit text);
        create function tell() returns trigger language plpgsql as $$
          begin insert into told values (clock_timestamp(), new.progress ->> 'unit'); return new; end $$;
        create trigger tell before update on longhaul.async_migration for each row execute function tell()
        """);
    fixture.executeUntil("fresh", "FINISHED");
    assertThat(
            fixture.database.value(
                "select min(at) < pg_stat_get_last_analyze_time('fresh'::regclass) from told where"
                    + " unit = 'row'"))
        .isEqualTo("t");
  }

  /// The batch comes down to the one row that somebody holds, and waits its turn.
  @Test
  void getsPastARowThatSomebodyHoldsForAWhile() throws Exception {
    fixture.register(
        WalkedTask.migration("held", "{\"size\": 8000, \"stripes\": 1}")
            .put("lock_timeout", "50ms")
            .toString());
    try (Connection other = fixture.database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("update task set n = n where id = 777");
      CompletableFuture<Void> run = task.runUntil("held", "FINISHED");
      task.awaitRows(776);
      task.awaitProgress("held", "(progress ->> 'batch_rows')::int < 100");
      assertThat(fixture.database.value("select count(*) from task where n = 1")).isEqualTo("776");
      other.rollback();
      run.join();
    }
    task.assertEachRowOnce();
  }

  @Test
  void passesOverARowThatSomebodyHolds() throws Exception {
    fixture.register(
        WalkedTask.migration("held", "{\"on_row_error\": \"skip\", \"stripes\": 1}")
            .put("lock_timeout", "50ms")
            .toString());
    try (Connection other = fixture.database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("update task set n = n where id = 777");
      fixture.executeUntil("held", "FINISHED");
      other.rollback();
    }
    assertThat(fixture.database.query("select id from task where n = 0")).containsExactly("777");
    assertThat(
            fixture.database.query(
                "select key ->> 0 || ' ' || sqlstate from longhaul.async_migration_skipped_row"))
        .containsExactly("777 55P03");
  }

  @Test
  void stopsWhenItsWindowEnds() {
    task.slowDown();
    fixture.register(WalkedTask.migration("night", "{\"size\": 100}").toString());
    Instant end = Instant.now().plus(Duration.ofSeconds(3)).truncatedTo(ChronoUnit.SECONDS);
    // A zone that has the end at a whole minute, as windows end.
    int seconds = LocalTime.ofInstant(end, ZoneOffset.UTC).getSecond();
    ZoneOffset zone = ZoneOffset.ofTotalSeconds(-seconds);
    String closes = LocalTime.ofInstant(end, zone).toString();
    String opens = LocalTime.ofInstant(end.minus(Duration.ofHours(1)), zone).toString();
    fixture.database.execute(
        """
        update longhaul.async_migration set time_window =
          '{"days": ["MON","TUE","WED","THU","FRI","SAT","SUN"], "from": "%s", "to": "%s", "time_zone": "%s"}'
        where name = 'night'
        """
            .formatted(opens, closes, zone));
    fixture.executeNext();
    fixture.executeAll();
    JsonNode status = fixture.control("status", "night");
    assertThat(status.path("status").asText()).isEqualTo("STARTED");
    assertThat(status.path("meta").path("waiting_reason").asText()).contains("window");
    int done = Integer.parseInt(fixture.database.value("select sum(n) from task"));
    assertThat(done).isBetween(100, 8000);
    assertThat(status.path("progress").path("done").asInt()).isEqualTo(done);
    task.speedUp();
    fixture.database.execute(
        "update longhaul.async_migration set time_window = null, not_before = now(), next_look_at ="
            + " now()");
    fixture.trigger("{}");
    fixture.executeUntil("night", "FINISHED");
    task.assertEachRowOnce();
  }

  @Test
  void isCancelledWithinOneBatch() {
    task.slowDown();
    fixture.register(
        WalkedTask.migration("end", "{\"size\": 100, \"target_ms\": 100, \"stripes\": 1}")
            .toString());
    CompletableFuture<Void> run = task.runUntil("end", "CANCELLED");
    task.awaitRows(500);
    Instant asked = Instant.now();
    fixture.control("cancel", "end");
    run.join();
    assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(3));
    int done = Integer.parseInt(fixture.database.value("select sum(n) from task"));
    assertThat(done).isBetween(500, 8000);
    assertThat(task.progress("end").path("done").asInt()).isEqualTo(done);
    assertThat(fixture.database.value("select max(n) from task")).isEqualTo("1");
  }

  /// With the function's time goes the walk, and with the next function it goes on.
  @Test
  void goesOnInTheNextFunctionWhereTheDeadlineStoppedIt() {
    task.slowDown();
    // In the middle of a window that is done in stripes, each stripe counts as its share.
    fixture.register(
        WalkedTask.migration("long", "{\"size\": 100, \"target_ms\": 100, \"stripes\": 1}")
            .toString());
    var message = fixture.queue.receive().getFirst();
    long begin = System.nanoTime();
    // Twenty seconds are kept to wind up.
    fixture.invoke(
        "execute", Fixture.event(message).toString(), TestContext.of(Duration.ofSeconds(22)));
    fixture.queue.delete(message);
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
    JsonNode status = fixture.control("status", "long");
    assertThat(status.path("status").asText()).isEqualTo("STARTED");
    assertThat(status.path("progress").path("done").asText())
        .isEqualTo(fixture.database.value("select sum(n) from task"));
    task.speedUp();
    fixture.executeUntil("long", "FINISHED");
    task.assertEachRowOnce();
  }

  @Test
  void goesOnWhereTheMessageToItselfWasNotTaken() {
    task.slowDown();
    try (TcpProxy sqs = TcpProxy.to(URI.create(TestQueue.endpoint()));
        Fixture cutOff =
            new Fixture(
                fixture.database,
                Map.of("QUEUE_URL", fixture.queue.url(), "AWS_ENDPOINT_URL_SQS", sqs.endpoint()))) {
      cutOff.register(
          WalkedTask.migration("long", "{\"size\": 100, \"target_ms\": 100}").toString());
      var message = fixture.queue.receive().getFirst();
      sqs.refuse();
      cutOff.invoke(
          "execute", Fixture.event(message).toString(), TestContext.of(Duration.ofSeconds(21)));
      fixture.queue.delete(message);
      assertThat(cutOff.status("long")).isEqualTo("STARTED");
      assertThat(fixture.queue.drain()).isEmpty();
      cutOff.trigger("{}");
      assertThat(fixture.queue.drain()).isEmpty();

      sqs.pass();
      cutOff.trigger("{}");
    }
    assertThat(Integer.parseInt(fixture.database.value("select sum(n) from task"))).isPositive();
    task.speedUp();
    fixture.executeUntil("long", "FINISHED");
    task.assertEachRowOnce();
  }

  /// SQS may deliver one message several times, also at the same moment.
  @Test
  void doesEachRowOnceWhereSeveralExecutorsGetTheSameMessage() {
    task.slowDown(10);
    fixture.register(WalkedTask.migration("doubled", "{\"parallelism\": 2}").toString());
    Message message = fixture.queue.receive().getFirst();
    List<CompletableFuture<List<String>>> executors =
        Stream.generate(
                () ->
                    CompletableFuture.supplyAsync(
                        () -> fixture.execute(message), Thread::startVirtualThread))
            .limit(4)
            .toList();
    task.awaitRows(1);
    assertThat(fixture.execute(message)).as("late, and nothing to do").isEmpty();
    assertThat(fixture.status("doubled")).isEqualTo("IN PROGRESS");
    task.speedUp();
    executors.forEach(executor -> assertThat(executor.join()).isEmpty());
    task.assertEachRowOnce();
    assertThat(fixture.pathOf("doubled")).containsExactly("STARTED", "IN PROGRESS", "FINISHED");
  }
}
