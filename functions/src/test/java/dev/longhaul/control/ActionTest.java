package dev.longhaul.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.Statuses;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every action in every status.
class ActionTest {
  /// A row for each status, a column for each action: the status after it, what is asked for of a
  /// running one (`+`), or the words of the refusal.
  private static final String EXPECTED =
      """
      status      | pause                | resume           | cancel                 | retry                | rollback
      SCHEDULED   | until it is triggered| can be resumed   | CANCELLED              | trigger it           | ROLLED BACK
      STARTED     | PAUSED               | can be resumed   | CANCELLED              | is under way already | ROLLED BACK
      IN_PROGRESS | +PAUSED              | can be resumed   | +CANCELLED             | is under way already | cancel it first
      FINISHED    | can be paused        | can be resumed   | roll it back           | nothing to retry     | STARTED
      ERROR       | can be paused        | retry it instead | it does not run        | STARTED              | ROLLED BACK
      PAUSED      | can be paused        | STARTED          | CANCELLED              | resume it instead    | ROLLED BACK
      CANCELLED   | can be paused        | retry it instead | it does not run        | STARTED              | ROLLED BACK
      ROLLED_BACK | can be paused        | can be resumed   | it does not run        | STARTED              | rolled back already
      """;

  private static Fixture longhaul;

  @BeforeAll
  static void open() {
    longhaul = new Fixture(Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));
  }

  @AfterAll
  static void close() {
    longhaul.close();
  }

  static Stream<Arguments> everyActionInEveryStatus() {
    List<String[]> rows = EXPECTED.lines().map(line -> line.strip().split(" *\\| *", -1)).toList();
    String[] actions = rows.getFirst();
    assertThat(rows).hasSize(MigrationStatus.values().length + 1);
    return rows.stream()
        .skip(1)
        .flatMap(
            row ->
                Stream.iterate(1, i -> i < row.length, i -> i + 1)
                    .map(i -> Arguments.of(MigrationStatus.valueOf(row[0]), actions[i], row[i])));
  }

  @ParameterizedTest(name = "{1} what is {0}: {2}")
  @MethodSource("everyActionInEveryStatus")
  void doesWhatIsAllowedAndRefusesTheRest(MigrationStatus status, String action, String expected) {
    String name = action + "_" + status.name().toLowerCase(Locale.ROOT);
    Statuses.bring(longhaul, name, status);
    List<String> path = longhaul.pathOf(name);

    if (MigrationStatus.ofLabel(expected).isPresent()) {
      JsonNode answer = longhaul.control(action, name);
      assertThat(answer.path("status").asText()).isEqualTo(expected);
      assertThat(answer).isEqualTo(longhaul.control("status", name));
      assertThat(longhaul.pathOf(name)).hasSize(path.size() + 1).last().isEqualTo(expected);
      assertThat(longhaul.queue.drain()).hasSize(expected.equals("STARTED") ? 1 : 0);
    } else if (expected.startsWith("+")) {
      JsonNode answer = longhaul.control(action, name);
      assertThat(answer.path("status").asText()).isEqualTo(status.label());
      assertThat(answer.path("meta").path("stop_requested").asText())
          .isEqualTo(expected.substring(1));
      assertThat(longhaul.pathOf(name)).isEqualTo(path);
      longhaul.executeUntil(name, expected.substring(1));
      assertThat(longhaul.database.value("select to_regclass('%s')".formatted(name)))
          .isEqualTo("null");
    } else {
      Refused.by(() -> longhaul.control(action, name))
          .is("InvalidTransition", action + ": \"" + name + "\" is " + status.label(), expected);
      assertThat(longhaul.pathOf(name)).isEqualTo(path);
      assertThat(longhaul.queue.drain()).isEmpty();
    }
  }

  @Test
  void resumesWhatWasPausedBeforeItsTimeWithoutForgettingThat() {
    Fixture immediate = new Fixture();
    immediate.register(
        Fixture.migration("m", "select 1", "").put("run_at", "2999-01-01T00:00:00Z").toString());
    immediate.control("pause", "m");
    immediate.control("resume", "m");
    immediate.executeAll();

    JsonNode status = immediate.control("status", "m");
    assertThat(status.path("status").asText()).isEqualTo("STARTED");
    assertThat(status.path("attempt").asInt()).isZero();
    assertThat(status.at("/meta/next_attempt_at").asText()).isEqualTo("2999-01-01T00:00:00Z");
    immediate.close();
  }

  /// No transition, so that nobody who waits for one is told; but people ask who it was.
  @Test
  void remembersWhoHasSetWhat() {
    longhaul.database.execute("create table walked (id int primary key, n int)");
    longhaul.register(
        Fixture.migration("walk", "update walked set n = 1 where :batch", "")
            .putRawValue("batch", new RawValue("{\"table\":\"walked\",\"key\":\"id\"}"))
            .toString());
    longhaul.control(
        """
        {"action": "set", "migration_name": "walk", "requested_by": "me@example.com",
         "batch": {"parallelism": 4, "health": {"vcpus": 2}}}
        """);

    JsonNode last = longhaul.control("history", "walk").path("history").path(1);
    assertThat(last.path("from").asText()).isEqualTo("SCHEDULED");
    assertThat(last.path("to").asText()).isEqualTo("SCHEDULED");
    assertThat(last.path("requested_by").asText()).isEqualTo("me@example.com");
    assertThat(last.path("reason").asText())
        .isEqualTo("set {\"parallelism\":4,\"health\":{\"vcpus\":2}}");
    assertThat(
            longhaul.database.query(
                "select to_status from longhaul.async_migration_history"
                    + " where migration_name = 'walk' and published_at is null"))
        .as("what events tell of")
        .containsExactly("SCHEDULED");
  }

  @Test
  void saysThatWhatIsBeingCancelledCannotBePaused() {
    Statuses.bring(longhaul, "cancelled", MigrationStatus.IN_PROGRESS);
    longhaul.control("cancel", "cancelled");
    Refused.by(() -> longhaul.control("pause", "cancelled"))
        .is("InvalidTransition", "it is being cancelled");
    longhaul.executeUntil("cancelled", "CANCELLED");
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {"status", "history", "pause", "resume", "cancel", "retry", "rollback"})
  void saysThatNobodyKnowsTheMigration(String action) {
    Refused.by(() -> longhaul.control(action, "nobody"))
        .is(
            "UnknownMigration",
            "no migration \"nobody\" is registered in target \"main\"",
            "check the name");
  }

  @Test
  void refusesRequestsThatItDoesNotUnderstand() {
    for (Map.Entry<String, String> wrong :
        Map.ofEntries(
                Map.entry("{}", "action: must be one of status, list, history, pause"),
                Map.entry("{\"action\": \"delete\", \"migration_name\": \"m\"}", "action: must be"),
                Map.entry("{\"action\": 1, \"migration_name\": \"m\"}", "action: must be a string"),
                Map.entry("{\"action\": \"PAUSE\", \"migration_name\": \"m\"}", "action: must be"),
                Map.entry("{\"action\": \"status\"}", "migration_name: is missing"),
                Map.entry(
                    "{\"action\": \"retry\", \"migration_name\": \"\"}", "migration_name: must be"),
                Map.entry(
                    "{\"action\": \"status\", \"migration_name\": \"m\", \"limit\": 1}",
                    "limit: is no field"),
                Map.entry(
                    "{\"action\": \"list\", \"migration_name\": \"m\"}",
                    "migration_name: has no place in a list"),
                Map.entry("{\"action\": \"list\", \"limit\": 0}", "limit: must be a whole number"),
                Map.entry("{\"action\": \"list\", \"limit\": 1001}", "from 1 to 1000"),
                Map.entry(
                    "{\"action\": \"list\", \"status\": \"DONE\"}", "status: \"DONE\" is none"),
                Map.entry("{\"action\": \"list\", \"status\": 1}", "status: must be a list"),
                Map.entry("{\"action\": \"list\", \"after\": 5}", "after: must be a string"),
                Map.entry("{\"action\": \"list\", \"target\": \"x\"}", "target: \"x\" is not"))
            .entrySet()) {
      Refused.by(() -> longhaul.control(wrong.getKey())).is("InvalidMigration", wrong.getValue());
    }
  }
}
