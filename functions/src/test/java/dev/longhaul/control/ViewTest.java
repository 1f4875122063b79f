package dev.longhaul.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.Statuses;
import dev.longhaul.testing.TestContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What `status`, `history` and `list` answer.
class ViewTest {
  private final Fixture longhaul =
      new Fixture(Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));

  @AfterEach
  void close() {
    longhaul.close();
  }

  private static List<String> fields(JsonNode object) {
    List<String> fields = new ArrayList<>();
    object
        .properties()
        .forEach(field -> fields.add(field.getKey() + " " + field.getValue().getNodeType()));
    return fields;
  }

  private static void assertNow(JsonNode time) {
    assertThat(Duration.between(Instant.parse(time.asText()), Instant.now()).abs())
        .isLessThan(Duration.ofMinutes(5));
  }

  @Test
  void showsAStatusAsTheContractSaysBeforeTheRun() {
    Statuses.bring(longhaul, "m", MigrationStatus.SCHEDULED);
    JsonNode status = longhaul.control("status", "m");

    assertThat(fields(status))
        .isEqualTo(
            List.of(
                "migration_name STRING",
                "target STRING",
                "status STRING",
                "direction STRING",
                "attempt NUMBER",
                "progress OBJECT",
                "meta OBJECT",
                "created_at STRING",
                "started_at NULL",
                "finished_at NULL"));
    assertThat(fields(status.path("progress")))
        .isEqualTo(
            List.of(
                "done NUMBER", "total NUMBER", "unit STRING", "eta_seconds NULL", "phase NULL"));
    assertThat(status.path("direction").asText()).isEqualTo("forwards");
    assertThat(status.path("progress").path("unit").asText()).isEqualTo("step");
    assertThat(Fixture.notes(status)).isEmpty();
    assertNow(status.path("created_at"));
  }

  @Test
  void showsAStatusAfterTheRun() {
    Statuses.bring(longhaul, "m", MigrationStatus.FINISHED);
    JsonNode status = longhaul.control("status", "m");

    assertThat(status.path("attempt").asInt()).isEqualTo(1);
    assertThat(status.path("progress").path("done").asInt()).isEqualTo(1);
    assertThat(status.path("progress").path("total").asInt()).isEqualTo(1);
    assertThat(Fixture.notes(status)).isEmpty();
    assertNow(status.path("started_at"));
    assertNow(status.path("finished_at"));
  }

  @Test
  void showsWhatWasWrong() {
    longhaul.register(
        Fixture.migration(
                "m", "create table a (n int);\ninsert into a select x from a", "drop table a")
            .put("execute_immediately", true)
            .toString());
    longhaul.executeUntil("m", "ERROR");
    JsonNode error = longhaul.control("status", "m").path("meta").path("error");

    assertThat(error.path("sqlstate").asText()).isEqualTo("42703");
    assertThat(error.path("message").asText()).isEqualTo("column \"x\" does not exist");
    assertThat(error.path("statement").asText()).isEqualTo("insert into a select x from a");
    assertThat(error.path("statement_number").asInt()).isEqualTo(2);
    assertThat(error.path("next").asText()).contains("longhaul retry m");
  }

  @Test
  void showsWhenItWillRun() {
    longhaul.register(
        Fixture.migration("m", "select 1", "")
            .put("run_at", "2999-01-01T02:00:00+02:00")
            .toString());

    assertThat(longhaul.control("status", "m").path("meta").path("run_at").asText())
        .isEqualTo("2999-01-01T00:00:00Z");
  }

  @Test
  void showsPhases() {
    Statuses.bring(longhaul, "queued", MigrationStatus.STARTED);
    Statuses.bring(longhaul, "running", MigrationStatus.IN_PROGRESS);

    assertThat(longhaul.control("status", "queued").at("/progress/phase").asText())
        .isEqualTo("queued");
    assertThat(longhaul.control("status", "running").at("/progress/phase").asText())
        .isEqualTo("step 1");
  }

  @Test
  void keepsTheHistoryOfEveryTransition() {
    longhaul.register(
        Fixture.migration("m", "create table m (n int)", "drop table m")
            .put("requested_by", "pipeline 7")
            .toString());
    longhaul.trigger("{\"migration_names\": [\"m\"], \"requested_by\": \"Ada\"}");
    longhaul.executeUntil("m", "FINISHED");
    longhaul.control(
        "{\"action\": \"rollback\", \"migration_name\": \"m\", \"requested_by\": \"Grace\"}");
    longhaul.executeUntil("m", "ROLLED BACK");
    JsonNode answer = longhaul.control("history", "m");

    assertThat(fields(answer))
        .isEqualTo(List.of("migration_name STRING", "target STRING", "history ARRAY"));
    List<String> lines = new ArrayList<>();
    long before = 0;
    for (JsonNode entry : answer.path("history")) {
      assertThat(entry.path("id").asLong()).isGreaterThan(before);
      before = entry.path("id").asLong();
      assertNow(entry.path("at"));
      lines.add(
          String.join(
              " | ",
              entry.path("from").asText(),
              entry.path("to").asText(),
              entry.path("direction").asText(),
              entry.path("attempt").asText(),
              entry.path("reason").asText(),
              entry.path("requested_by").asText()));
    }
    assertThat(lines)
        .isEqualTo(
            List.of(
                "null | SCHEDULED | forwards | 0 | registered | pipeline 7",
                "SCHEDULED | STARTED | forwards | 0 | triggered by name | Ada",
                "STARTED | IN PROGRESS | forwards | 1 | begun | null",
                "IN PROGRESS | FINISHED | forwards | 1 | every step is done | null",
                "FINISHED | STARTED | backwards | 1 | roll back | Grace",
                "STARTED | IN PROGRESS | backwards | 2 | begun | null",
                "IN PROGRESS | ROLLED BACK | backwards | 2 | every step is done | null"));
    assertThat(fields(answer.path("history").get(0)))
        .isEqualTo(
            List.of(
                "id NUMBER",
                "from NULL",
                "to STRING",
                "direction STRING",
                "attempt NUMBER",
                "reason STRING",
                "requested_by STRING",
                "at STRING"));
  }

  @Test
  void keepsWhoStoppedARunningMigrationInTheHistory() {
    Statuses.bring(longhaul, "m", MigrationStatus.IN_PROGRESS);
    longhaul.control(
        "{\"action\": \"cancel\", \"migration_name\": \"m\", \"requested_by\": \"Grace\"}");
    longhaul.executeUntil("m", "CANCELLED");

    JsonNode history = longhaul.control("history", "m").path("history");
    JsonNode last = history.get(history.size() - 1);
    assertThat(last.path("to").asText()).isEqualTo("CANCELLED");
    assertThat(last.path("requested_by").asText()).isEqualTo("Grace");
    assertThat(last.path("reason").asText()).isEqualTo("cancelled");
  }

  @Test
  void listsInPagesByName() {
    List<String> names = IntStream.range(0, 25).mapToObj("m%02d"::formatted).toList();
    longhaul.register(
        "{\"migrations\": "
            + names.stream().map(name -> Fixture.migration(name, "select 1", "")).toList()
            + "}");
    List<String> listed = new ArrayList<>();
    String after = "";
    int pages = 0;
    while (!after.equals("null")) {
      JsonNode page = longhaul.control("{\"action\": \"list\", \"limit\": 10" + after + "}");
      assertThat(fields(page).getFirst()).isEqualTo("migrations ARRAY");
      page.path("migrations").forEach(one -> listed.add(one.path("migration_name").asText()));
      JsonNode next = page.path("next");
      after = next.getNodeType() == JsonNodeType.NULL ? "null" : ", \"after\": " + next;
      pages++;
    }

    assertThat(listed).isEqualTo(names);
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void endsTheListExactlyAtItsEnd() {
    Statuses.bring(longhaul, "a", MigrationStatus.SCHEDULED);
    Statuses.bring(longhaul, "b", MigrationStatus.SCHEDULED);
    JsonNode page = longhaul.control("{\"action\": \"list\", \"limit\": 2}");

    assertThat(page.path("migrations")).hasSize(2);
    assertThat(page.path("next").isNull()).isTrue();
    assertThat(page.path("migrations").get(0)).isEqualTo(longhaul.control("status", "a"));
  }

  @Test
  void listsByStatus() {
    for (MigrationStatus status : MigrationStatus.values()) {
      Statuses.bring(longhaul, status.name().toLowerCase(java.util.Locale.ROOT), status);
    }

    assertThat(list("\"status\": \"IN PROGRESS\"")).isEqualTo(List.of("in_progress"));
    assertThat(list("\"status\": \"rolled_back\"")).isEqualTo(List.of("rolled_back"));
    assertThat(list("\"status\": [\"ERROR\", \"FINISHED\"]"))
        .isEqualTo(List.of("error", "finished"));
    assertThat(list("\"target\": \"main\"")).hasSize(8);
    assertThat(list("\"migration_name\": null, \"target\": null")).hasSize(8);
  }

  private List<String> list(String fields) {
    List<String> names = new ArrayList<>();
    longhaul
        .control("{\"action\": \"list\", " + fields + "}")
        .path("migrations")
        .forEach(one -> names.add(one.path("migration_name").asText()));
    return names;
  }

  @Test
  void listsNothingWhereNothingIs() {
    JsonNode page = longhaul.control("{\"action\": \"list\"}");

    assertThat(page.toString()).isEqualTo("{\"migrations\":[],\"next\":null}");
  }

  @Test
  void aliasViewOnlyShows() {
    longhaul.register("m", "select 1", "");
    for (String action : List.of("status", "history", "list")) {
      String name = action.equals("list") ? "" : ", \"migration_name\": \"m\"";
      String payload = "{\"action\": \"" + action + "\"" + name + "}";
      assertThat(longhaul.invoke("control", payload, TestContext.by("view"))).isNotNull();
    }
    for (String action : List.of("pause", "resume", "cancel", "retry", "rollback")) {
      String payload = "{\"action\": \"" + action + "\", \"migration_name\": \"m\"}";
      Refused.by(() -> longhaul.invoke("control", payload, TestContext.by("view")))
          .is("InvalidMigration", "action", "\"view\"", "status, list, history");
    }
    Refused.by(
            () ->
                longhaul.invoke("control", "{\"RequestType\": \"Delete\"}", TestContext.by("view")))
        .is("InvalidMigration", "RequestType");
    assertThat(longhaul.pathOf("m")).containsExactly("SCHEDULED");
    assertThat(
            longhaul.invoke(
                "control",
                "{\"action\": \"cancel\", \"migration_name\": \"m\"}",
                TestContext.by("live")))
        .isNotNull();
  }
}
