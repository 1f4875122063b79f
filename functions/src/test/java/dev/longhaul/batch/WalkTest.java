package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a walk does about others: those who hold its rows, wait for its locks, or want it to end.
class WalkTest {
  /// The database's health is bad from the first session on that waits, and critical at the third.
  private static final String HEALTH =
      """
      {"blocked_sessions": [1, 2, 3], "requested_checkpoints": 0, "active_sessions_per_vcpu": 0}
      """;

  private final Fixture fixture =
      new Fixture(Database.create(), Map.of("DATABASE_HEALTH", HEALTH.strip()));

  @BeforeEach
  void makeTable() {
    fixture.database.execute(
        """
        create table task (id bigint primary key, n int not null default 0) with (autovacuum_enabled = off);
        insert into task (id) select generate_series(1, 20000);
        analyze task
        """);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  /// A row takes a millisecond, so the table 20 s.
  private void slowDown() {
    slowDown(1);
  }

  /// @param every which row takes a millisecond
  private void slowDown(int every) {
    fixture.database.execute(
        """
        create function slow() returns trigger language plpgsql as $$
          begin perform pg_sleep(0.001); return new; end $$;
        create trigger slow before update on task for each row when (new.id %% %d = 0) execute function slow()
        """
            .formatted(every));
  }

  private void speedUp() {
    fixture.database.execute("drop trigger slow on task");
  }

  private static ObjectNode migration(String name, String options) {
    ObjectNode migration = Fixture.migration(name, "update task set n = n + 1 where :batch", "");
    try {
      ObjectNode batch = (ObjectNode) JsonFunction.JSON.readTree(options);
      return migration.set("batch", batch.put("table", "task").put("key", "id"));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(options, e);
    }
  }

  private CompletableFuture<Void> runUntil(String name, String status) {
    return CompletableFuture.runAsync(
        () -> fixture.executeUntil(name, status), Thread::startVirtualThread);
  }

  private void awaitRows(int least) {
    fixture.database.await("select count(*) >= %d from task where n = 1".formatted(least));
  }

  private void awaitProgress(String name, String condition) {
    fixture.database.await(
        "select %s from longhaul.async_migration where name = '%s'".formatted(condition, name));
  }

  private JsonNode progress(String name) {
    return fixture.control("status", name).path("progress");
  }

  private void assertEachRowOnce() {
    assertThat(fixture.database.query("select n || ' ' || count(*) from task group by n"))
        .containsExactly("1 20000");
  }

  @Test
  void givesStripesUpWhereUpdatesLeaveTheirPage() {
    fixture.database.execute("create index on task (n)");
    fixture.register(migration("indexed", "{}").toString());
    fixture.executeUntil("indexed", "FINISHED");
    assertEachRowOnce();
    JsonNode meta = fixture.control("status", "indexed").path("meta");
    assertThat(meta.path("stripes").asInt()).isEqualTo(1);
    assertThat(meta.path("stripes_reason").asText())
        .startsWith("off: only 0 % of the updates stayed on their page");
  }

  @Test
  void keepsStripesWhereUpdatesStayOnTheirPage() {
    fixture.register(migration("plain", "{}").toString());
    fixture.executeUntil("plain", "FINISHED");
    assertEachRowOnce();
    JsonNode meta = fixture.control("status", "plain").path("meta");
    assertThat(meta.path("stripes").asInt()).isEqualTo(16);
    assertThat(meta.path("stripes_reason").asText())
        .matches("\\d+ % of the updates stayed on their page");
  }

  /// A transaction that sees the old rows keeps them, so no update finds room on its page.
  @Test
  void takesStripesUpAgainWhenAnOldSnapshotIsGone() throws Exception {
    fixture.database.execute("insert into task (id) select generate_series(20001, 200000)");
    slowDown(20);
    try (Connection old = fixture.database.connect();
        Statement statement = old.createStatement()) {
      old.setAutoCommit(false);
      old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("select from task limit 1");
      fixture.register(migration("plain", "{}").toString());
      CompletableFuture<Void> run = runUntil("plain", "FINISHED");
      awaitProgress("plain", "progress ->> 'stripes_reason' like 'off: only 0 %'");
      old.rollback();
      awaitProgress("plain", "progress ->> 'stripes' = '16'");
      speedUp();
      run.join();
    }
    assertThat(fixture.database.query("select n || ' ' || count(*) from task group by n"))
        .containsExactly("1 200000");
  }

  /// Without statistics each batch would read the whole table.
  @Test
  void analyzesAKeyWithoutStatistics() {
    fixture.database.execute(
        """
        create table fresh (id bigint primary key, n int not null default 0) with (autovacuum_enabled = off);
        insert into fresh (id) select generate_series(1, 20000)
        """);
    ObjectNode migration = Fixture.migration("fresh", "update fresh set n = 1 where :batch", "");
    migration.putObject("batch").put("table", "fresh").put("key", "id");
    fixture.register(migration.toString());
    fixture.executeUntil("fresh", "FINISHED");
    assertThat(fixture.database.query("select attname from pg_stats where tablename = 'fresh'"))
        .containsExactly("id");
    assertThat(
            fixture.database.value(
                "select count(*) > 10 from longhaul.async_migration_range where migration_name ="
                    + " 'fresh'"))
        .isEqualTo("t");
  }

  /// The batch comes down to the one row that somebody holds, and waits its turn.
  @Test
  void getsPastARowThatSomebodyHoldsForAWhile() throws Exception {
    fixture.register(
        migration("held", "{\"size\": 8000, \"stripes\": 1}")
            .put("lock_timeout", "50ms")
            .toString());
    try (Connection other = fixture.database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("update task set n = n where id = 777");
      CompletableFuture<Void> run = runUntil("held", "FINISHED");
      awaitRows(776);
      awaitProgress("held", "(progress ->> 'batch_rows')::int < 100");
      assertThat(fixture.database.value("select count(*) from task where n = 1")).isEqualTo("776");
      other.rollback();
      run.join();
    }
    assertEachRowOnce();
  }

  @Test
  void passesOverARowThatSomebodyHolds() throws Exception {
    fixture.register(
        migration("held", "{\"on_row_error\": \"skip\", \"stripes\": 1}")
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

  /// Three sessions wait for a lock of ours: it stops, gives its reason, and goes on when they are
  /// gone.
  @Test
  void yieldsToSessionsThatWaitForItsLocks() throws Exception {
    slowDown();
    fixture.register(
        migration("gentle", "{\"size\": 1000, \"target_ms\": 3000, \"stripes\": 1}").toString());
    CompletableFuture<Void> run = runUntil("gentle", "FINISHED");
    awaitRows(1000);
    List<CompletableFuture<Void>> others =
        IntStream.range(0, 3)
            .mapToObj(
                i ->
                    CompletableFuture.runAsync(
                        () ->
                            fixture.database.execute(
                                "begin; lock table task in share mode; commit"),
                        Thread::startVirtualThread))
            .toList();
    awaitProgress("gentle", "(progress ->> 'pace')::float < 1");
    JsonNode progress = progress("gentle");
    assertThat(progress.path("pace_reason").asText()).contains("sessions wait for our locks");
    assertThat(progress.path("batch_rows").asInt()).isLessThan(1000);
    others.forEach(CompletableFuture::join);
    speedUp();
    run.join();
    assertEachRowOnce();
  }

  /// A person who knows better changes the limits while it runs.
  @Test
  void heedsNewLimits() {
    slowDown();
    fixture.register(migration("set", "{\"size\": 100, \"target_ms\": 100}").toString());
    CompletableFuture<Void> run = runUntil("set", "FINISHED");
    awaitRows(200);
    CompletableFuture<Void> busy =
        CompletableFuture.runAsync(
            () -> fixture.database.query("select 'busy' from pg_sleep(60)"),
            Thread::startVirtualThread);
    fixture.control(
        "set",
        "set",
        "{\"health\": {\"vcpus\": 1, \"active_sessions_per_vcpu\": [0.1, 0.2, 0.3]}}");
    awaitProgress("set", "(progress ->> 'pace')::float = 0");
    assertThat(progress("set").path("pace_reason").asText())
        .contains("active on 1 vCPU, 1 of them ours (");
    String stopped = fixture.database.value("select sum(n) from task");
    fixture.control("set", "set", "{\"health\": {\"active_sessions_per_vcpu\": 0}}");
    fixture.database.await("select sum(n) > %s from task".formatted(stopped));
    fixture.database.execute(
        "select pg_cancel_backend(pid) from pg_stat_activity where query like 'select ''busy''%'");
    assertThat(busy.handle((_, error) -> error != null).join()).isTrue();
    speedUp();
    run.join();
    assertEachRowOnce();
  }

  @Test
  void stopsWhenItsWindowEnds() {
    slowDown();
    fixture.register(migration("night", "{\"size\": 100}").toString());
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
    speedUp();
    fixture.database.execute(
        "update longhaul.async_migration set time_window = null, not_before = now(), next_look_at ="
            + " now()");
    fixture.trigger("{}");
    fixture.executeUntil("night", "FINISHED");
    assertEachRowOnce();
  }

  @Test
  void isCancelledWithinOneBatch() {
    slowDown();
    fixture.register(migration("end", "{\"size\": 100, \"target_ms\": 100}").toString());
    CompletableFuture<Void> run = runUntil("end", "CANCELLED");
    awaitRows(500);
    Instant asked = Instant.now();
    fixture.control("cancel", "end");
    run.join();
    assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(3));
    int done = Integer.parseInt(fixture.database.value("select sum(n) from task"));
    assertThat(done).isBetween(500, 8000);
    assertThat(progress("end").path("done").asInt()).isEqualTo(done);
    assertThat(fixture.database.value("select max(n) from task")).isEqualTo("1");
  }

  /// With the function's time goes the walk, and with the next function it goes on.
  @Test
  void goesOnInTheNextFunctionWhereTheDeadlineStoppedIt() {
    slowDown();
    fixture.register(migration("long", "{\"size\": 100, \"target_ms\": 100}").toString());
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
    speedUp();
    fixture.executeUntil("long", "FINISHED");
    assertEachRowOnce();
  }

  @Test
  void goesOnWhereTheMessageToItselfWasNotTaken() {
    slowDown();
    try (TcpProxy sqs = TcpProxy.to(URI.create(TestQueue.endpoint()));
        Fixture cutOff =
            new Fixture(
                fixture.database,
                Map.of("QUEUE_URL", fixture.queue.url(), "AWS_ENDPOINT_URL_SQS", sqs.endpoint()))) {
      cutOff.register(migration("long", "{\"size\": 100, \"target_ms\": 100}").toString());
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
    speedUp();
    fixture.executeUntil("long", "FINISHED");
    assertEachRowOnce();
  }
}
