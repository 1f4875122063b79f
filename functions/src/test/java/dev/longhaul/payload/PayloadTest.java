package dev.longhaul.payload;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What all functions have in common: how they read their payload, and how they refuse it.
class PayloadTest {
  private static final int MEGABYTES = 1 << 20;
  private static Fixture longhaul;

  @BeforeAll
  static void open() {
    longhaul = new Fixture();
  }

  @AfterAll
  static void close() {
    longhaul.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"register", "trigger", "execute", "control"})
  void refusesWhatIsNotJson(String function) {
    Refused.by(() -> longhaul.invoke(function, "hello")).is("InvalidMigration", "is not JSON");
    Refused.by(() -> longhaul.invoke(function, "{\"a\": }")).is("InvalidMigration", "line 1");
    Refused.by(() -> longhaul.invoke(function, "{\"a\": 1"))
        .is("InvalidMigration", "is not JSON: line 1, column 8: it ends, and what opens");
    Refused.by(() -> longhaul.invoke(function, "{'a': 1}")).is("InvalidMigration", "is not JSON");
  }

  @ParameterizedTest
  @ValueSource(strings = {"register", "trigger", "execute", "control"})
  void refusesWhatIsNoObject(String function) {
    for (String payload : new String[] {"", "  ", "null", "[]", "\"a\"", "1", "true"}) {
      Refused.by(() -> longhaul.invoke(function, payload))
          .is("InvalidMigration", "the payload must be a JSON object");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"register", "trigger", "execute", "control"})
  void refusesDuplicateKeys(String function) {
    Refused.by(() -> longhaul.invoke(function, "{\"target\": \"main\", \"target\": \"main\"}"))
        .is(
            "InvalidMigration",
            "is not JSON: line 1, column ",
            ": the field 'target' stands twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"register", "trigger", "execute", "control"})
  void refusesWhatFollowsTheObject(String function) {
    Refused.by(() -> longhaul.invoke(function, "{} {}")).is("InvalidMigration", "is not JSON");
    Refused.by(() -> longhaul.invoke(function, "{} x")).is("InvalidMigration", "is not JSON");
  }

  @ParameterizedTest
  @ValueSource(strings = {"register", "trigger", "execute", "control"})
  void refusesDeepNesting(String function) {
    String deep = "{\"target\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}";

    Refused.by(() -> longhaul.invoke(function, deep)).is("InvalidMigration", "nesting is too deep");
  }

  @Test
  void refusesNumbersOfAnyLength() {
    Refused.by(() -> longhaul.control("{\"action\": \"list\", \"limit\": " + "9".repeat(900) + "}"))
        .is("InvalidMigration", "limit: must be a whole number");
    Refused.by(
            () -> longhaul.control("{\"action\": \"list\", \"limit\": " + "9".repeat(5000) + "}"))
        .is("InvalidMigration", "the payload is not JSON");
  }

  /// A refusal is read by people, and travels in an answer and in logs.
  @ParameterizedTest
  @CsvSource({
    "register, migration_name",
    "register, target",
    "register, requested_by",
    "register, run_at",
    "register, lock_timeout",
    "register, depends_on",
    "trigger,  target",
    "control,  action",
    "control,  migration_name",
    "control,  target",
    "control,  status"
  })
  void doesNotRepeatAMegabyte(String function, String field) {
    String text = "x".repeat(5 * MEGABYTES);
    String value = field.equals("depends_on") ? "[\"" + text + "\"]" : "\"" + text + "\"";
    String others =
        switch (function + " " + field) {
          case "register migration_name" ->
              ", \"sql_forwards\": \"select 1\", \"sql_backwards\": \"\"";
          case "control status" -> ", \"action\": \"list\"";
          case "control migration_name" -> ", \"action\": \"status\"";
          case "control target" -> ", \"action\": \"list\"";
          case "trigger target" -> "";
          case "control action" -> ", \"migration_name\": \"m\"";
          default ->
              ", \"migration_name\": \"m\", \"sql_forwards\": \"select 1\", \"sql_backwards\":"
                  + " \"\"";
        };

    Refused refused =
        Refused.by(() -> longhaul.invoke(function, "{\"" + field + "\": " + value + others + "}"));
    assertThat(refused.message().length()).isLessThan(30_000);
  }

  @Test
  void doesNotRepeatAMegabyteOfAnUnknownField() {
    String field = "x".repeat(40_000);
    Refused refused = Refused.by(() -> longhaul.trigger("{\"" + field + "\": 1}"));

    assertThat(refused.is("InvalidMigration", "is no field").message().length()).isLessThan(30_000);
  }

  @Test
  void takesScriptsOfSeveralMegabytes() {
    String sql = "select '" + "x".repeat(4 * MEGABYTES) + "'";
    JsonNode answer = longhaul.register("long", sql, "");
    longhaul.executeUntil("long", "FINISHED");

    assertThat(answer.path("created").asBoolean()).isTrue();
  }

  @Test
  void takesUnicodeHoweverItIsWritten() {
    longhaul.register(
        """
        {"migration_name": "\\ud83d\\ude80", "sql_forwards": "select 1", "sql_backwards": ""}
        """);
    assertThat(longhaul.status("🚀")).isEqualTo("STARTED");
    longhaul.queue.drain();
  }
}
