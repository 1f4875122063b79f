package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Statuses;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Every handler of the archive with the JSON that AWS sends it, from `src/test/resources/events`
/// (<https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>,
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>).
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class EventsIT {
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  private FunctionProcess start(String handler) throws Exception {
    return FunctionProcess.start(Archive.CODE, handler, longhaul.environment());
  }

  private static String migration(String name) {
    return Fixture.migration(name, "create table t_%s (n int)".formatted(name), "").toString();
  }

  private static JsonNode json(Answer answer) throws Exception {
    return JsonFunction.JSON.readTree(answer.body());
  }

  @Test
  void registrationTakesABarePayload() throws Exception {
    try (FunctionProcess registration = start(Archive.REGISTRATION)) {
      assertThat(json(registration.invoke(migration("0001_users"))))
          .isEqualTo(
              JsonFunction.JSON.readTree(
                  """
                  {"migration_name": "0001_users", "target": "main", "status": "STARTED", "created": true}
                  """));
      assertThat(json(registration.invoke(migration("0001_users"))).path("created").asBoolean())
          .isFalse();
      assertThat(longhaul.queue.drain())
          .containsExactly("{\"target\":\"main\",\"migration_name\":\"0001_users\"}");
    }
  }

  @Test
  void refusalsComeBackAsFunctionErrorsWithoutAStackTrace() throws Exception {
    Map<String, String> environment = new HashMap<>(longhaul.environment());
    environment.remove("DATABASE_URL");
    environment.put(
        "DATABASE_TARGETS",
        """
        {"main": {"url": "%s"}, "down": {"url": "postgresql://longhaul@127.0.0.1:1/app"}}
        """
            .formatted(longhaul.database.url()));
    Statuses.bring(longhaul, "done", MigrationStatus.FINISHED);
    ObjectNode other = Fixture.migration("done", "select 2", "");
    try (FunctionProcess registration =
            FunctionProcess.start(Archive.CODE, Archive.REGISTRATION, environment);
        FunctionProcess control =
            FunctionProcess.start(Archive.CODE, Archive.CONTROL, environment)) {
      requireRefusal(registration, "InvalidMigration", "{}");
      requireRefusal(registration, "InvalidMigration", "not JSON");
      requireRefusal(registration, "InvalidMigration", "[1]");
      requireRefusal(registration, "MigrationConflict", other.toString());
      requireRefusal(registration, "TargetUnavailable", other.put("target", "down").toString());
      requireRefusal(
          control, "UnknownMigration", "{\"action\":\"status\",\"migration_name\":\"none\"}");
      requireRefusal(
          control, "InvalidTransition", "{\"action\":\"resume\",\"migration_name\":\"done\"}");
      assertThat(registration.isAlive()).isTrue();
      assertThat(json(control.invoke("{\"action\":\"status\",\"migration_name\":\"done\"}")))
          .isEqualTo(longhaul.control("status", "done"));
    }
  }

  private static void requireRefusal(FunctionProcess function, String errorType, String payload)
      throws Exception {
    Event event = Event.of(payload);
    Answer answer = function.invoke(event);
    assertThat(answer).as(() -> function.log().text()).isInstanceOf(Answer.FunctionError.class);
    Answer.FunctionError error = answer.functionError();
    assertThat(error.errorType()).as(error.errorMessage()).isEqualTo(errorType);
    assertThat(error.errorMessage()).isNotBlank();
    assertThat(error.stackTrace()).isEmpty();
    // One line of JSON, the runtime's, that leads from a caller's complaint to the log.
    JsonNode line =
        JsonFunction.JSON.readTree(function.log().await(event.requestId(), Duration.ofSeconds(10)));
    assertThat(line.toString()).contains(errorType);
  }

  @Test
  void executorAnswersWhichMessagesOfABatchHaveFailed() throws Exception {
    longhaul.register(migration("0001_users"));
    longhaul.register(migration("0002_orders"));
    try (FunctionProcess executor = start(Archive.EXECUTOR)) {
      JsonNode answer = json(executor.invoke(Archive.event("sqs")));

      assertThat(answer)
          .isEqualTo(
              JsonFunction.JSON.readTree(
                  """
                  {"batchItemFailures": [
                    {"itemIdentifier": "c80e8021-a70a-42c7-a470-796e1186f753"},
                    {"itemIdentifier": "5fea7756-0ea4-451a-a703-a558b933e274"}]}
                  """));
    }
    assertThat(longhaul.status("0001_users")).isEqualTo("FINISHED");
    assertThat(longhaul.status("0002_orders")).isEqualTo("FINISHED");
  }

  /// What a rule delivers: whole events, and the constant inputs of template.yaml's rules.
  @Test
  void triggerTakesEventsAndBarePayloads() throws Exception {
    try (Fixture waiting =
            new Fixture(Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));
        FunctionProcess trigger =
            FunctionProcess.start(Archive.CODE, Archive.TRIGGER, waiting.environment())) {
      for (String name : List.of("0001_users", "0002_orders", "0003_items")) {
        waiting.register(migration(name));
      }
      waiting.database.execute(
          """
          update longhaul.async_migration set run_at = now() - interval '1 minute'
          where name = '0002_orders'
          """);

      assertThat(json(trigger.invoke(Archive.event("run-migrations"))))
          .isEqualTo(
              JsonFunction.JSON.readTree(
                  """
                  {"started": ["0001_users"],
                   "skipped": [{"migration_name": "0009_missing", "reason": "not registered in target \\"main\\""}]}
                  """));
      assertThat(json(trigger.invoke(Archive.event("scheduled"))).path("started"))
          .hasToString("[\"0002_orders\"]");
      assertThat(json(trigger.invoke("{}")).path("started")).isEmpty();
      assertThat(json(trigger.invoke("{\"all\":true}")).path("started"))
          .hasToString("[\"0003_items\"]");
      JsonNode history = waiting.control("history", "0001_users").path("history");
      assertThat(history.findValuesAsText("requested_by")).contains("com.example.pipeline");
      assertThat(waiting.queue.drain()).hasSize(3);
    }
  }

  /// CloudWatch shows what comes back: a JSON string is a page of HTML, an object's `markdown` the
  /// widget's documentation.
  @Test
  void dashboardAnswersTheWidget() throws Exception {
    longhaul.register(migration("0001_users"));
    try (FunctionProcess dashboard = start(Archive.DASHBOARD)) {
      JsonNode overview = json(dashboard.invoke(Archive.event("widget")));
      JsonNode documentation = json(dashboard.invoke("{\"describe\":true}"));

      assertThat(overview.isTextual()).isTrue();
      assertThat(overview.asText())
          .contains("0001_users", "endpoint=\"" + Fixture.CONTROL_ARN + "\"");
      assertThat(documentation.path("markdown").asText()).startsWith("## Longhaul");
    }
    assertThat(longhaul.status("0001_users")).isEqualTo("STARTED");
    assertThat(longhaul.queue.drain()).hasSize(1);
  }

  @Test
  void aFunctionThatCannotBeMadeSaysWhatIsMissing() throws Exception {
    try (FunctionProcess executor =
        FunctionProcess.start(Archive.CODE, Archive.EXECUTOR, Map.of())) {
      Answer.FunctionError error = executor.invoke("{}").functionError();

      assertThat(error.errorMessage()).contains("QUEUE_URL");
      assertThat(executor.awaitExit(Duration.ofSeconds(10))).isNotZero();
    }
  }
}
