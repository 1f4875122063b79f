package dev.longhaul.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.Statuses;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamedTriggerTest {
  private final Fixture longhaul =
      new Fixture(Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));

  @AfterEach
  void close() {
    longhaul.close();
  }

  private JsonNode trigger(String... names) {
    return longhaul.trigger(
        JsonFunction.JSON
            .createObjectNode()
            .set("migration_names", JsonFunction.JSON.valueToTree(names))
            .toString());
  }

  private static JsonNode json(String text) throws Exception {
    return JsonFunction.JSON.readTree(text);
  }

  /// What a trigger by name does to each status, and whether a message follows.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SCHEDULED   | STARTED     |                     | 1",
        "STARTED     | STARTED     | already STARTED     | 1",
        "IN_PROGRESS | IN_PROGRESS | already IN PROGRESS | 1",
        "FINISHED    | FINISHED    | already FINISHED    | 0",
        "ERROR       | STARTED     |                     | 1",
        "PAUSED      | PAUSED      | PAUSED: resume it   | 0",
        "CANCELLED   | STARTED     |                     | 1",
        "ROLLED_BACK | STARTED     |                     | 1"
      })
  void treatsEachStatusAsItShould(
      MigrationStatus before, MigrationStatus after, String reason, int messages) throws Exception {
    Statuses.bring(longhaul, "m", before);

    assertThat(trigger("m"))
        .isEqualTo(
            reason == null
                ? json("{\"started\": [\"m\"], \"skipped\": []}")
                : json(
                    "{\"started\": [], \"skipped\": [{\"migration_name\": \"m\", \"reason\": \"%s\"}]}"
                        .formatted(reason)));
    assertThat(longhaul.status("m")).isEqualTo(after.label());
    assertThat(longhaul.queue.drain()).hasSize(messages);
  }

  @Test
  void answersForEveryName() throws Exception {
    Statuses.bring(longhaul, "a", MigrationStatus.SCHEDULED);
    Statuses.bring(longhaul, "b", MigrationStatus.FINISHED);

    assertThat(trigger("nobody", "b", "a"))
        .isEqualTo(
            json(
                """
                {"started": ["a"], "skipped": [
                  {"migration_name": "b", "reason": "already FINISHED"},
                  {"migration_name": "nobody", "reason": "not registered in target \\"main\\""}]}
                """));
  }

  @Test
  void countsANameThatStandsTwiceAsOne() throws Exception {
    Statuses.bring(longhaul, "a", MigrationStatus.SCHEDULED);

    assertThat(trigger("a", "a")).isEqualTo(json("{\"started\": [\"a\"], \"skipped\": []}"));
    assertThat(longhaul.queue.drain()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CANCELLED", "ROLLED_BACK"})
  void reallyRunsAgainWhatAPersonHadEnded(MigrationStatus before) {
    Statuses.bring(longhaul, "m", before);
    trigger("m");
    longhaul.executeUntil("m", "FINISHED");

    assertThat(longhaul.database.value("select to_regclass('m')")).isEqualTo("m");
  }

  @Test
  void runsAgainWhatWasAppliedAndRolledBack() {
    Statuses.bring(longhaul, "m", MigrationStatus.FINISHED);
    longhaul.control("rollback", "m");
    longhaul.executeUntil("m", "ROLLED BACK");
    assertThat(longhaul.database.value("select to_regclass('m')")).isEqualTo("null");

    trigger("m");
    longhaul.executeUntil("m", "FINISHED");
    assertThat(longhaul.database.value("select to_regclass('m')")).isEqualTo("m");
    assertThat(longhaul.control("status", "m").path("direction").asText()).isEqualTo("forwards");
  }

  @Test
  void runsAgainWhatHadFailedAndForgetsTheError() {
    Statuses.bring(longhaul, "m", MigrationStatus.ERROR);
    assertThat(longhaul.control("status", "m").path("meta").has("error")).isTrue();
    longhaul.database.execute("create table missing_m (n int)");

    trigger("m");
    assertThat(Fixture.notes(longhaul.control("status", "m"))).isEmpty();
    longhaul.executeUntil("m", "FINISHED");
    assertThat(longhaul.database.value("select count(*) from missing_m")).isEqualTo("1");
  }

  private static String event(Instant time) {
    return """
    {"version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "Run Migrations",
     "source": "com.example.deploy", "account": "123456789012", "time": "%s",
     "region": "us-east-1", "resources": [], "detail": {"migration_names": ["m"]}}
    """
        .formatted(time.truncatedTo(ChronoUnit.SECONDS));
  }

  /// EventBridge delivers at least once, and a copy may be late.
  @ParameterizedTest
  @ValueSource(strings = {"ERROR", "CANCELLED", "ROLLED BACK"})
  void neverRunsAgainWhatHasEndedSinceTheEvent(String end) {
    longhaul.register(
        "m", end.equals("ERROR") ? "selec 1" : "create table m (n int)", "drop table m");
    String event = event(Instant.now().minusSeconds(5));
    assertThat(longhaul.trigger(event).path("started").path(0).asText()).isEqualTo("m");
    switch (end) {
      case "CANCELLED" -> longhaul.control("cancel", "m");
      case "ROLLED BACK" -> {
        longhaul.executeUntil("m", "FINISHED");
        longhaul.control("rollback", "m");
      }
      default -> {}
    }
    longhaul.executeUntil("m", end);
    longhaul.queue.drain();

    assertThat(longhaul.trigger(event).path("skipped").path(0).path("reason").asText())
        .startsWith(end + " since ")
        .contains(", and the event is of ");
    assertThat(longhaul.status("m")).isEqualTo(end);
    assertThat(longhaul.queue.drain()).isEmpty();

    assertThat(longhaul.trigger(event(Instant.now())).path("started").path(0).asText())
        .isEqualTo("m");
  }

  @Test
  void leavesToAPersonWhatNobodyElseCanKnow() throws Exception {
    longhaul.register("m", "alter system reset work_mem", "");
    Statuses.claimAndVanish(longhaul, "m");
    longhaul.database.execute("update longhaul.async_migration set step_in_doubt = true");
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"m\"}");
    longhaul.executeUntil("m", "ERROR");

    assertThat(trigger("m"))
        .isEqualTo(
            json(
                """
                {"started": [], "skipped": [
                  {"migration_name": "m", "reason": "outcome unknown: resolve or retry it"}]}
                """));
    assertThat(longhaul.status("m")).isEqualTo("ERROR");
  }

  @Test
  void doesNotWaitForTheTimeOfWhatIsNamed() {
    longhaul.register(
        Fixture.migration("m", "select 1", "").put("run_at", "2999-01-01T00:00:00Z").toString());
    trigger("m");
    longhaul.executeUntil("m", "FINISHED");
  }

  @Test
  void recordsWhoAsked() {
    Statuses.bring(longhaul, "m", MigrationStatus.SCHEDULED);
    longhaul.trigger("{\"migration_names\": [\"m\"], \"requested_by\": \"Ada\"}");

    JsonNode last = longhaul.control("history", "m").path("history").path(1);
    assertThat(last.path("requested_by").asText()).isEqualTo("Ada");
    assertThat(last.path("reason").asText()).isEqualTo("triggered by name");
  }

  @Test
  void refusesPayloadsThatItDoesNotUnderstand() {
    for (Map.Entry<String, String> wrong :
        Map.of(
                "{\"migration_names\": []}", "migration_names: is empty; name at least one",
                "{\"migration_names\": \"m\"}", "migration_names: must be a list of strings",
                "{\"migration_names\": [1]}", "migration_names[0]: must be a string",
                "{\"migration_names\": [\"m\"], \"all\": true}", "all: contradicts migration_names",
                "{\"all\": \"yes\"}", "all: must be true or false",
                "{\"names\": [\"m\"]}", "names: is no field that is known here",
                "{\"all\": true, \"target\": \"x\"}", "target: \"x\" is not configured",
                "{\"target\": 1}", "target: must be a string")
            .entrySet()) {
      Refused.by(() -> longhaul.trigger(wrong.getKey())).is("InvalidMigration", wrong.getValue());
    }
    assertThat(longhaul.registered()).isEqualTo(List.of());
  }
}
