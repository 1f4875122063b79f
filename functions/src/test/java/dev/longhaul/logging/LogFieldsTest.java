package dev.longhaul.logging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.LogLines;
import dev.longhaul.testing.Refused;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogFieldsTest {
  private static void requireFields(JsonNode line, String... fields) {
    assertThat(fields)
        .allSatisfy(field -> assertThat(line.has(field)).as(field + " in " + line).isTrue());
  }

  /// Runs what logs: work that ends well and badly, a walk, an invocation that is refused, a bus
  /// and a queue that do not answer.
  @Test
  void everyLineSaysWhatItIsAbout() {
    Map<String, String> nobody =
        Map.of(
            "EVENT_BUS_NAME", "default",
            "AWS_ENDPOINT_URL_EVENTBRIDGE", "http://127.0.0.1:1");
    try (LogLines log = LogLines.capture();
        Fixture fixture = new Fixture(Database.create(), nobody)) {
      fixture.register(
          "good", "create table t as select generate_series(1, 500) as id, 0 as n", "");
      fixture.register("bad", "select 1 / 0", "");
      fixture.register(
          """
          {"migration_name": "keyed", "sql_forwards": "alter table t add primary key (id)", "sql_backwards": "",
           "depends_on": ["good"]}
          """);
      fixture.register(
          """
          {"migration_name": "walk", "sql_forwards": "update t set n = id where :batch", "sql_backwards": "",
           "batch": {"table": "t", "key": "id", "size": 100}, "depends_on": ["good", "keyed"]}
          """);
      fixture.executeUntil("good", "FINISHED");
      fixture.executeUntil("bad", "ERROR");
      fixture.executeUntil("keyed", "FINISHED");
      fixture.executeUntil("walk", "FINISHED");
      fixture.control("retry", "bad");
      Refused.by(() -> fixture.control("resume", "bad"));
      fixture.trigger("{}");
      fixture.executeAll();

      List<JsonNode> lines = log.all();
      assertThat(lines).hasSizeGreaterThan(20);
      lines.forEach(line -> requireFields(line, "function", "request_id", "xray_trace_id"));
      List<JsonNode> attempts =
          lines.stream()
              .filter(line -> line.path("message").asText().equals("attempt ended"))
              .toList();
      assertThat(attempts.stream().map(line -> line.path("migration").asText()))
          .contains("good", "bad", "keyed", "walk");
      attempts.forEach(line -> requireFields(line, "target", "migration", "attempt", "message_id"));
      assertThat(
              attempts.stream()
                  .filter(line -> line.path("migration").asText().equals("bad"))
                  .map(line -> line.path("attempt").asInt()))
          .containsExactly(1, 2);
      // Also where an edge fails that knows of no migration.
      List<JsonNode> unpublished =
          lines.stream()
              .filter(line -> line.path("message").asText().startsWith("events were not"))
              .toList();
      assertThat(unpublished).isNotEmpty();
      unpublished.forEach(line -> requireFields(line, "target"));
      lines.stream()
          .filter(line -> line.has("message_id"))
          .forEach(line -> requireFields(line, "target", "migration", "attempt"));
    }
  }

  @Test
  void aFailureIsAboutWhatWasAskedFor() {
    try (LogLines log = LogLines.capture();
        Fixture fixture = new Fixture()) {
      fixture.register("a", "select 1", "");
      fixture.database.execute(
          "alter table longhaul.async_migration rename column attempt to tries");
      try {
        fixture.control("status", "a");
      } catch (RuntimeException expected) {
        assertThat(expected).hasMessageContaining("attempt");
      }
      JsonNode line = log.all().getLast();
      assertThat(line.path("message").asText()).isEqualTo("the journal failed");
      requireFields(line, "function", "request_id", "target", "migration", "exception");
      assertThat(fixture.execute(fixture.queue.receive().getFirst())).hasSize(1);
      assertThat(log.all().stream().filter(one -> one.has("exception")).toList())
          .hasSize(2)
          .allSatisfy(one -> requireFields(one, "request_id", "target", "migration"));
    }
  }

  @Test
  void threadsKeepWhatHeldAtTheirStart() throws Exception {
    try (LogLines log = LogLines.capture()) {
      try (Log.Scope _ = Log.scope(Map.of("migration", "a"))) {
        Thread thread =
            Thread.ofVirtual()
                .unstarted(
                    () -> {
                      Log.info("of a thread", Map.of());
                      Log.add(Map.of("migration", "its own"));
                    });
        Log.add(Map.of("attempt", 2));
        thread.start();
        thread.join();
        Log.info("inside", Map.of());
      }
      Log.info("outside", Map.of());
      assertThat(log.all().stream().map(line -> line.path("migration").asText("none")))
          .containsExactly("a", "a", "none");
      assertThat(log.all().get(1).path("attempt").asInt()).isEqualTo(2);
    }
  }
}
