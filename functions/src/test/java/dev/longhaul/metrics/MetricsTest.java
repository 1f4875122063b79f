package dev.longhaul.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.LogLines;
import dev.longhaul.testing.TestBus;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
  ///
  /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
  private static final Set<String> UNITS = Set.of("Count", "Milliseconds", "Seconds");

  private final LogLines log = LogLines.capture();
  private final Fixture fixture =
      new Fixture(
          Database.create(),
          Map.of(
              "DATABASE_HEALTH", "{\"vcpus\": 1, \"active_sessions_per_vcpu\": [1, 100, null]}"));

  @AfterEach
  void close() {
    fixture.close();
    log.close();
  }

  /// The sum of a metric over all lines with exactly these dimensions; a list of values counts as
  /// many.
  private double sum(Metric metric, String... dimensions) {
    double sum = 0;
    for (JsonNode line : log.metrics()) {
      requireWellFormed(line);
      List<String> found = new ArrayList<>();
      line.at("/_aws/CloudWatchMetrics/0/Dimensions/0").forEach(name -> found.add(name.asText()));
      if (found.equals(List.of(dimensions))) {
        JsonNode value = line.path(metric.label());
        sum += value.isArray() ? value.size() : value.asDouble();
      }
    }
    return sum;
  }

  private double sum(Metric metric) {
    return sum(metric, "FunctionName", "Target");
  }

  private static void requireWellFormed(JsonNode line) {
    assertThat(line.at("/_aws/Timestamp").isIntegralNumber()).isTrue();
    assertThat(line.at("/_aws/CloudWatchMetrics")).hasSize(1);
    JsonNode directive = line.at("/_aws/CloudWatchMetrics/0");
    assertThat(directive.path("Namespace").asText()).isEqualTo("Longhaul");
    directive
        .path("Dimensions")
        .forEach(
            set ->
                set.forEach(
                    name -> {
                      assertThat(name.asText()).isIn("FunctionName", "Target", "Reason");
                      assertThat(line.path(name.asText()).isTextual()).isTrue();
                    }));
    assertThat(directive.path("Metrics")).isNotEmpty();
    directive
        .path("Metrics")
        .forEach(
            metric -> {
              assertThat(metric.path("Unit").asText()).isIn(UNITS);
              JsonNode value = line.path(metric.path("Name").asText());
              assertThat(value.isNumber() || value.isArray()).as(line.toString()).isTrue();
              assertThat(value.size()).isLessThanOrEqualTo(100);
            });
  }

  private static ObjectNode walk(String name) {
    ObjectNode walk = Fixture.migration(name, "update task set n = n + 1 where :batch", "");
    walk.putObject("batch")
        .put("table", "task")
        .put("key", "id")
        .put("size", 10)
        .put("target_ms", 10)
        .put("parallelism", 1);
    return walk;
  }

  private void makeTask(int rows) {
    fixture.database.execute(
        "create table task (id bigint primary key, n int not null default 0);"
            + " insert into task select i from generate_series(1, %d) i; analyze task"
                .formatted(rows));
  }

  @Test
  void countsAWalk() {
    makeTask(30_000);
    fixture.register(walk("walk").toString());
    fixture.executeUntil("walk", "FINISHED");

    assertThat(sum(Metric.MIGRATIONS_STARTED)).isEqualTo(1);
    assertThat(sum(Metric.MIGRATIONS_FINISHED)).isEqualTo(1);
    assertThat(sum(Metric.MIGRATIONS_FAILED)).isZero();
    assertThat(sum(Metric.ROWS_PROCESSED)).isEqualTo(30_000);
    assertThat(sum(Metric.LAMBDA_DURATION)).isPositive();
    double batches =
        Double.parseDouble(
            fixture.database.value("select sum(batches) from longhaul.async_migration_range"));
    assertThat(batches).isGreaterThan(100);
    assertThat(sum(Metric.BATCH_DURATION)).isBetween(50.0, 100.0);
    assertThat(log.metrics()).as("lines").hasSize(1);
    JsonNode line = log.metrics().getFirst();
    assertThat(line.path("FunctionName").asText()).isEqualTo("test");
    assertThat(line.path("Target").asText()).isEqualTo("main");
    assertThat(line.path("migration").asText()).as("a property, no dimension").isEqualTo("walk");
    assertThat(line.has("request_id")).isTrue();
  }

  @Test
  void countsFailuresAndRetries() throws Exception {
    fixture.register("bad", "select 1 / 0", "");
    fixture.executeUntil("bad", "ERROR");
    assertThat(sum(Metric.MIGRATIONS_FAILED)).isEqualTo(1);
    fixture.database.execute("create table t (n int)");
    try (Connection blocker = fixture.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("lock table t");
      fixture.register(
          Fixture.migration("locked", "alter table t add m int", "")
              .put("lock_timeout", "100ms")
              .toString());
      fixture.executeNext();
      blocker.rollback();
    }
    assertThat(sum(Metric.MIGRATIONS_RETRIED)).isEqualTo(1);
    fixture.executeUntil("locked", "FINISHED");
    fixture.control("rollback", "bad");

    assertThat(sum(Metric.MIGRATIONS_STARTED)).isEqualTo(2);
    assertThat(sum(Metric.MIGRATIONS_FINISHED)).isEqualTo(1);
    assertThat(sum(Metric.MIGRATIONS_FAILED)).isEqualTo(1);
    assertThat(sum(Metric.MIGRATIONS_RETRIED)).isEqualTo(1);
  }

  @Test
  void countsWhatTheServerHasEndedAlone() {
    for (String end : List.of("select 1", "select 1 / 0")) {
      String name = "left " + end;
      fixture.register(
          Fixture.migration(name, "select pg_sleep(1.5); " + end, "")
              .put("detach_after", "300ms")
              .toString());
      fixture.executeNext();
      assertThat(fixture.status(name)).isEqualTo("IN PROGRESS");
    }
    assertThat(sum(Metric.MIGRATIONS_FINISHED)).isZero();
    fixture.database.await(
        "select count(*) = 2 from longhaul.async_migration where status in ('FINISHED', 'ERROR')");
    // The looks, which are delayed by 15 s.
    for (String name : List.of("left select 1", "left select 1 / 0")) {
      fixture.queue.send(
          "{\"target\":\"main\",\"migration_name\":\"%s\",\"attempt\":1}".formatted(name));
      fixture.queue.send("{\"target\":\"main\",\"migration_name\":\"%s\"}".formatted(name));
    }
    while (fixture.executeNext()) {
      // Until all four are gone.
    }
    assertThat(sum(Metric.MIGRATIONS_STARTED)).isEqualTo(2);
    assertThat(sum(Metric.MIGRATIONS_FINISHED)).isEqualTo(1);
    assertThat(sum(Metric.MIGRATIONS_FAILED)).isEqualTo(1);
  }

  @Test
  void countsWhatThePaceHoldsBack() throws Exception {
    makeTask(5_000);
    fixture.register(
        walk("walk")
            .put("sql_forwards", "update task set n = (select 1 from pg_sleep(0.05)) where :batch")
            .toString());
    try (Connection busy = fixture.database.connect();
        Statement statement = busy.createStatement()) {
      CompletableFuture<Void> running =
          CompletableFuture.runAsync(
              () -> {
                try {
                  statement.execute("select pg_sleep(60)");
                } catch (java.sql.SQLException cancelled) {
                  assertThat(cancelled.getSQLState()).isEqualTo("57014");
                }
              },
              command -> Thread.ofVirtual().start(command));
      CompletableFuture<Void> walk =
          CompletableFuture.runAsync(
              () -> fixture.executeNext(), command -> Thread.ofVirtual().start(command));
      fixture.database.await(
          "select progress ->> 'pace' = '0.25' from longhaul.async_migration where name = 'walk'");
      statement.cancel();
      assertThat(running).succeedsWithin(Duration.ofSeconds(5));
      fixture.control("pause", "walk");
      assertThat(walk).succeedsWithin(Duration.ofSeconds(40));
    }
    assertThat(sum(Metric.THROTTLED_SECONDS, "FunctionName", "Target", "Reason"))
        .isBetween(0.3, 40.0);
    assertThat(sum(Metric.THROTTLED_SECONDS)).isZero();
    assertThat(
            log.metrics().stream()
                .filter(line -> line.has("Reason"))
                .map(line -> line.path("Reason").asText()))
        .containsOnly("active_sessions_per_vcpu");
  }

  @Test
  void gaugesWhatNeedsAPerson() {
    fixture.register("bad", "select 1 / 0", "");
    fixture.executeUntil("bad", "ERROR");
    fixture.register("idle", "select 1", "");
    log.forget();
    fixture.trigger("{}");
    assertThat(log.metrics()).hasSize(2);
    assertThat(sum(Metric.MIGRATIONS_IN_ERROR, "FunctionName", "Target")).isEqualTo(1);
    assertThat(sum(Metric.MIGRATIONS_IN_ERROR, "FunctionName")).isEqualTo(1);
    assertThat(declared())
        .containsExactlyInAnyOrder(
            "MigrationsInError", "MigrationsWithoutProgress", "EventsUnpublished", "OldestEvent");
    assertThat(sum(Metric.EVENTS_UNPUBLISHED, "FunctionName")).as("there is no bus").isZero();
    fixture.database.execute(
        "update longhaul.async_migration set changed_at = changed_at - interval '61 minutes'");
    log.forget();
    fixture.trigger("{}");
    assertThat(sum(Metric.MIGRATIONS_WITHOUT_PROGRESS, "FunctionName")).isEqualTo(1);
  }

  @Test
  void gaugesTheEventsThatTheBusHasNotTaken() {
    try (TestBus bus = TestBus.start();
        Fixture published =
            new Fixture(
                fixture.database,
                Map.of(
                    "EVENT_BUS_NAME", "default", "AWS_ENDPOINT_URL_EVENTBRIDGE", bus.endpoint()))) {
      bus.meets(request -> TestBus.Fate.REFUSED);
      published.register("a", "select 1", "");
      published.register("b", "select 1", "");
      fixture.database.execute(
          """
          alter table longhaul.async_migration_history disable trigger append_only;
          update longhaul.async_migration_history set at = at - interval '1000 seconds'
          where migration_name = 'a'
          """);
      log.forget();
      published.trigger("{}");
      assertThat(sum(Metric.EVENTS_UNPUBLISHED, "FunctionName")).isEqualTo(2);
      assertThat(sum(Metric.OLDEST_EVENT, "FunctionName")).isBetween(1000.0, 1100.0);

      bus.meets(request -> TestBus.Fate.TAKEN);
      log.forget();
      published.trigger("{}");
      assertThat(declared()).contains("EventsUnpublished", "OldestEvent");
      assertThat(sum(Metric.EVENTS_UNPUBLISHED, "FunctionName")).isZero();
      assertThat(sum(Metric.OLDEST_EVENT, "FunctionName")).isZero();
    }
  }

  private Set<String> declared() {
    return log.metrics().stream()
        .flatMap(
            line ->
                StreamSupport.stream(
                    line.at("/_aws/CloudWatchMetrics/0/Metrics").spliterator(), false))
        .map(metric -> metric.path("Name").asText())
        .collect(Collectors.toSet());
  }

  @Test
  void aSampleIsEvenlyOutOfAll() {
    Sample sample = new Sample();
    for (int i = 0; i < 1000; i++) {
      sample.add(i);
    }
    assertThat(sample.values()).hasSizeBetween(50, 100).isSorted();
    for (int i = 1; i < sample.values().size(); i++) {
      assertThat(sample.values().get(i) - sample.values().get(i - 1)).isEqualTo(16);
    }
  }
}
