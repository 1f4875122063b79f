package dev.longhaul.registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrationTest {
  private final List<Fixture> open = new ArrayList<>();

  private Fixture fixture(Map<String, String> environment) {
    Fixture fixture = new Fixture(Database.create(), environment);
    open.add(fixture);
    return fixture;
  }

  @AfterEach
  void close() {
    open.forEach(Fixture::close);
  }

  @Test
  void answersExactlyWhatTheContractSays() throws Exception {
    Fixture longhaul = fixture(Map.of());

    assertThat(longhaul.register("m", "select 1", ""))
        .isEqualTo(
            JsonFunction.JSON.readTree(
                """
                {"migration_name": "m", "target": "main", "status": "STARTED", "created": true}
                """));
    assertThat(
            longhaul.register(
                """
                {"migrations": [{"migration_name": "n", "sql_forwards": "select 1", "sql_backwards": ""}]}
                """))
        .isEqualTo(
            JsonFunction.JSON.readTree(
                """
                {"migrations": [
                  {"migration_name": "n", "target": "main", "status": "STARTED", "created": true}]}
                """));
    assertThat(longhaul.queue.drain())
        .containsExactlyInAnyOrder(
            "{\"target\":\"main\",\"migration_name\":\"m\"}",
            "{\"target\":\"main\",\"migration_name\":\"n\"}");
  }

  /// The switch, and what a migration asks for itself.
  @ParameterizedTest
  @CsvSource({
    ",      ,      STARTED",
    ",      false, STARTED",
    ",      true,  STARTED",
    "false, false, STARTED",
    "no,    ,      STARTED",
    "true,  ,      SCHEDULED",
    "true,  false, SCHEDULED",
    "True,  false, SCHEDULED",
    "1,     false, SCHEDULED",
    "true,  true,  STARTED"
  })
  void schedulesOnlyWhereBothAllowIt(String allowed, Boolean immediately, String status) {
    Fixture longhaul =
        fixture(allowed == null ? Map.of() : Map.of("ALLOW_SCHEDULED_MIGRATIONS", allowed));
    ObjectNode migration = Fixture.migration("m", "select 1", "");
    if (immediately != null) {
      migration.put("execute_immediately", immediately);
    }

    assertThat(longhaul.register(migration.toString()).path("status").asText()).isEqualTo(status);
    assertThat(longhaul.pathOf("m")).isEqualTo(List.of(status));
    assertThat(longhaul.queue.drain()).hasSize(status.equals("STARTED") ? 1 : 0);
  }

  @Test
  void isIdempotentWhateverFormTheSqlHas() {
    Fixture longhaul = fixture(Map.of());
    longhaul.register("m", "create table a (n int); create table b (n int);", "drop table a, b");
    longhaul.executeUntil("m", "FINISHED");

    for (String forwards :
        List.of(
            "\"create table a (n int); create table b (n int);\"",
            "\"  create table a (n int) ;; create table b (n int) \"",
            "[\"create table a (n int)\", \"create table b (n int)\"]",
            "[\"create table a (n int);create table b (n int)\"]")) {
      JsonNode answer =
          longhaul.register(
              """
              {"migration_name": "m", "sql_forwards": %s, "sql_backwards": ["drop table a, b"]}
              """
                  .formatted(forwards));
      assertThat(answer.path("created").asBoolean()).as(forwards).isFalse();
      assertThat(answer.path("status").asText()).isEqualTo("FINISHED");
    }
    assertThat(longhaul.queue.drain()).isEmpty();
    assertThat(longhaul.pathOf("m")).isEqualTo(List.of("STARTED", "IN PROGRESS", "FINISHED"));
  }

  @Test
  void takesOtherOptionsForTheSameMigrationAndKeepsTheFirstOnes() {
    Fixture longhaul = fixture(Map.of());
    longhaul.register("m", "select 1", "");

    JsonNode answer =
        longhaul.register(
            Fixture.migration("m", "select 1", "")
                .put("max_attempts", 3)
                .put("requested_by", "x")
                .toString());

    assertThat(answer.path("created").asBoolean()).isFalse();
    assertThat(longhaul.database.value("select max_attempts from longhaul.async_migration"))
        .isEqualTo("10");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"sql_forwards\": \"select 2\", \"sql_backwards\": \"\"",
        "\"sql_forwards\": \"select 1\", \"sql_backwards\": \"select 1\"",
        "\"sql_forwards\": \"select 1; select 1\", \"sql_backwards\": \"\"",
        "\"sql_forwards\": \"select  1\", \"sql_backwards\": \"\""
      })
  void refusesOtherSqlUnderTheSameName(String scripts) {
    Fixture longhaul = fixture(Map.of());
    longhaul.register("m", "select 1", "");

    Refused.by(() -> longhaul.register("{\"migration_name\": \"m\", " + scripts + "}"))
        .is("MigrationConflict", "migration_name: \"m\" is registered", "STARTED", "a new name");
    assertThat(longhaul.database.value("select sql_forwards from longhaul.async_migration"))
        .isEqualTo("[\"select 1\"]");
  }

  @Test
  void doesNotReviveWhatAPersonHasEnded() {
    Fixture longhaul = fixture(Map.of());
    longhaul.register("cancelled", "select 1", "");
    longhaul.control("cancel", "cancelled");
    longhaul.register("undone", "select 1", "");
    longhaul.control("rollback", "undone");
    longhaul.queue.drain();

    assertThat(longhaul.register("cancelled", "select 1", "").path("status").asText())
        .isEqualTo("CANCELLED");
    assertThat(longhaul.register("undone", "select 1", "").path("status").asText())
        .isEqualTo("ROLLED BACK");
    assertThat(longhaul.queue.drain()).isEmpty();
  }

  @Test
  void writesNothingOfACallThatHoldsAConflict() {
    Fixture longhaul = fixture(Map.of());
    longhaul.register("taken", "select 1", "");
    longhaul.queue.drain();
    List<ObjectNode> migrations =
        List.of(
            Fixture.migration("a", "select 1", ""),
            Fixture.migration("taken", "select 2", ""),
            Fixture.migration("z", "select 1", ""));

    Refused.by(() -> longhaul.register("{\"migrations\": " + migrations + "}"))
        .is("MigrationConflict", "\"taken\"");
    assertThat(longhaul.registered()).isEqualTo(List.of("taken"));
    assertThat(longhaul.queue.drain()).isEmpty();
  }

  @Test
  void takesAThousandMigrationsInOneCallAndAnswersInTheirOrder() {
    Fixture longhaul = fixture(Map.of());
    List<ObjectNode> migrations =
        IntStream.range(0, 1000).mapToObj(i -> Fixture.migration("m" + i, "select 1", "")).toList();

    JsonNode answer = longhaul.register("{\"migrations\": " + migrations + "}").path("migrations");

    assertThat(answer).hasSize(1000);
    assertThat(answer.get(517).path("migration_name").asText()).isEqualTo("m517");
    assertThat(longhaul.registered()).hasSize(1000);
  }

  @Test
  void takesNamesAndSqlOfAnyKind() {
    Fixture longhaul = fixture(Map.of());
    String name = "🚀 \"quoted\" 'name' $1 ? % \\ " + "é".repeat(200);
    longhaul.register(name, "create table \"naïve;\" (\"🚀\" text default E'\\'$q$?')", "");
    longhaul.executeUntil(name, "FINISHED");

    assertThat(longhaul.registered()).isEqualTo(List.of(name));
    assertThat(longhaul.register("x".repeat(255), "select 1", "").path("created").asBoolean())
        .isTrue();
  }

  @Test
  void createsOnceHoweverManyRegisterTheSameAtOnce() throws Exception {
    Fixture longhaul = fixture(Map.of());
    longhaul.trigger("{}");
    int count = 16;
    List<Future<JsonNode>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      for (int i = 0; i < count; i++) {
        answers.add(threads.submit(() -> longhaul.register("m", "select 1", "")));
      }
    }
    int created = 0;
    for (Future<JsonNode> answer : answers) {
      created += answer.get().path("created").asBoolean() ? 1 : 0;
      assertThat(answer.get().path("status").asText()).isEqualTo("STARTED");
    }

    assertThat(created).isEqualTo(1);
    assertThat(longhaul.pathOf("m")).isEqualTo(List.of("STARTED"));
  }

  @Test
  void registersTheSameMigrationsInAnyOrderAtOnce() throws Exception {
    Fixture longhaul = fixture(Map.of());
    longhaul.trigger("{}");
    List<ObjectNode> migrations =
        IntStream.range(0, 200).mapToObj(i -> Fixture.migration("m" + i, "select 1", "")).toList();
    List<Future<JsonNode>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 8; i++) {
        List<ObjectNode> ordered = i % 2 == 0 ? migrations : migrations.reversed();
        answers.add(threads.submit(() -> longhaul.register("{\"migrations\": " + ordered + "}")));
      }
    }
    int created = 0;
    for (Future<JsonNode> answer : answers) {
      for (JsonNode one : answer.get().path("migrations")) {
        created += one.path("created").asBoolean() ? 1 : 0;
      }
    }

    assertThat(created).isEqualTo(200);
  }

  @Test
  void recordsWhoAsked() {
    Fixture longhaul = fixture(Map.of());
    longhaul.register(Fixture.migration("m", "select 1", "").put("requested_by", "Ada").toString());

    JsonNode entry = longhaul.control("history", "m").path("history").get(0);
    assertThat(entry.path("requested_by").asText()).isEqualTo("Ada");
    assertThat(entry.path("reason").asText()).isEqualTo("registered");
    assertThat(entry.path("from").isNull()).isTrue();
  }

  @Test
  void answersStartedWhenTheQueueIsDownAndASweepSendsItLater() {
    Database database = Database.create();
    Fixture cut = new Fixture(database, Map.of("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1"));
    open.add(cut);
    assertThat(cut.register("m", "select 1", "").path("status").asText()).isEqualTo("STARTED");

    Fixture longhaul = new Fixture(database, Map.of());
    open.add(longhaul);
    longhaul.trigger("{}");
    assertThat(longhaul.queue.drain())
        .containsExactly("{\"target\":\"main\",\"migration_name\":\"m\"}");
  }
}
