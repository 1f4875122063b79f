package dev.longhaul.registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What cannot be registered is refused with the field, the reason and the way out; and nothing is
/// written, not even a journal.
class RegistrationRefusalTest {
  /// As JSON, in which half of a surrogate pair can travel.
  private static final ObjectWriter ESCAPING =
      JsonFunction.JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

  private static Fixture longhaul;

  @BeforeAll
  static void open() {
    longhaul = new Fixture();
  }

  @AfterAll
  static void close() {
    longhaul.close();
  }

  @AfterEach
  void nothingIsWritten() {
    assertThat(longhaul.database.query("select 1 where to_regnamespace('longhaul') is not null"))
        .as("a journal")
        .isEmpty();
    assertThat(longhaul.queue.receive()).isEmpty();
  }

  private static Refused refused(Consumer<ObjectNode> change) {
    ObjectNode migration = Fixture.migration("m", "create table a (n int)", "drop table a");
    change.accept(migration);
    return Refused.by(() -> longhaul.register(ESCAPING.writeValueAsString(migration)));
  }

  /// A change of one field, and what the message must say.
  static Stream<Arguments> wrongFields() {
    return Stream.of(
        wrong("\"sql\": \"\"", "sql: is no field that is known", "known are migration_name"),
        wrong("\"Migration_name\": \"m\"", "Migration_name: is no field"),
        wrong(
            "\"migration_name\": null", "migration_name: is missing", "give the migration a name"),
        wrong("\"migration_name\": \"\"", "migration_name: must be a string that is not empty"),
        wrong("\"migration_name\": \"  \"", "migration_name: must be", "not an empty string"),
        wrong("\"migration_name\": 5", "migration_name: must be a string", "not the number 5"),
        wrong("\"migration_name\": [\"m\"]", "migration_name: must be a string", "not a list"),
        wrong(
            "\"migration_name\": \"" + "x".repeat(256) + "\"",
            "migration_name: is longer than 255 characters",
            "shorten it"),
        wrong("\"migration_name\": \"a\\nb\"", "migration_name: holds a control", "take it out"),
        wrong("\"migration_name\": \"a\\u007fb\"", "migration_name: holds a control"),
        wrong("\"migration_name\": \"a\\u0085b\"", "migration_name: holds a control"),
        wrong("\"migration_name\": \"a\\u0000b\"", "migration_name: holds a NUL", "take it out"),
        wrong("\"migration_name\": \"a\\ud83d\"", "migration_name: holds half of a surrogate"),
        wrong("\"sql_forwards\": null", "sql_forwards: is missing", "say what the migration does"),
        wrong(
            "\"sql_backwards\": null",
            "sql_backwards: is missing",
            "or \"\" to say that nothing can"),
        wrong("\"sql_forwards\": \"\"", "sql_forwards: holds no statement"),
        wrong("\"sql_forwards\": \" \\n\"", "sql_forwards: holds no statement"),
        wrong("\"sql_forwards\": \"-- nothing; /* \\n\"", "sql_forwards: holds no statement"),
        wrong("\"sql_forwards\": []", "sql_forwards: holds no statement"),
        wrong(
            "\"sql_forwards\": [\"select 1\", \"\"]", "sql_forwards[1]: must be SQL, not an empty"),
        wrong("\"sql_forwards\": [\" \"]", "sql_forwards[0]: must be SQL, not an empty string"),
        wrong("\"sql_backwards\": [\"select 1\", null]", "sql_backwards[1]: must be SQL, not null"),
        wrong("\"sql_backwards\": [[\"select 1\"]]", "sql_backwards[0]: must be SQL, not a list"),
        wrong("\"sql_forwards\": 1", "sql_forwards: must be SQL as a string or a list", "number 1"),
        wrong("\"sql_forwards\": {\"up\": \"\"}", "sql_forwards: must be SQL", "not an object"),
        wrong("\"sql_backwards\": false", "sql_backwards: must be SQL", "not false"),
        wrong("\"sql_forwards\": \"select '\\u0000'\"", "sql_forwards: holds a NUL character"),
        wrong(
            "\"sql_forwards\": [\"select '\\udc00'\"]", "sql_forwards: holds half of a surrogate"),
        wrong(
            "\"apply_on_sqlite\": \"true\"", "apply_on_sqlite: must be true or false", "a string"),
        wrong(
            "\"execute_immediately\": 1", "execute_immediately: must be true or false", "number 1"),
        wrong("\"depends_on\": \"a\"", "depends_on: must be a list of strings, not a string"),
        wrong("\"depends_on\": [1]", "depends_on[0]: must be a string", "not the number 1"),
        wrong("\"depends_on\": [\"a\", \"\"]", "depends_on[1]: must be a string that is not empty"),
        wrong("\"depends_on\": [\"m\"]", "depends_on: \"m\" depends on itself", "take it out"),
        wrong("\"run_at\": \"tomorrow\"", "run_at: must be a time with an offset in ISO-8601", "Z"),
        wrong("\"run_at\": \"2027-03-28\"", "run_at: must be a time with an offset"),
        wrong("\"run_at\": \"2027-03-28T02:30:00\"", "run_at: must be a time with an offset"),
        wrong("\"run_at\": \"2027-02-30T02:30:00Z\"", "run_at: must be a time with an offset"),
        wrong("\"run_at\": \"+10000-01-01T00:00:00Z\"", "run_at: must lie between 1970 and 9999"),
        wrong("\"run_at\": \"1969-12-31T23:59:59Z\"", "run_at: must lie between 1970 and 9999"),
        wrong("\"run_at\": 1806200000", "run_at: must be a string"),
        wrong(
            "\"run_at\": \"2027-03-28T02:30:00Z\", \"execute_immediately\": true",
            "run_at: contradicts execute_immediately",
            "leave one of them out"),
        wrong("\"lock_timeout\": \"3 hours\"", "lock_timeout: must be a time from 1ms to 60min"),
        wrong("\"lock_timeout\": 0", "lock_timeout: must be a time from 1ms"),
        wrong("\"lock_timeout\": -5", "lock_timeout: must be a time from 1ms"),
        wrong("\"lock_timeout\": \"61min\"", "lock_timeout: must be a time from 1ms to 60min"),
        wrong("\"lock_timeout\": 99999999999999999999", "lock_timeout: must be a time"),
        wrong("\"lock_timeout\": true", "lock_timeout: must be a time"),
        wrong("\"detach_after\": \"16min\"", "detach_after: must be a time from 1ms to 15min"),
        wrong("\"detach_after\": 0", "detach_after: must be a time from 1ms to 15min"),
        wrong("\"max_attempts\": 0", "max_attempts: must be a whole number from 1 to 100"),
        wrong("\"max_attempts\": 101", "max_attempts: must be a whole number", "number 101"),
        wrong("\"max_attempts\": 1.5", "max_attempts: must be a whole number", "number 1.5"),
        wrong("\"max_attempts\": 1e999999999", "max_attempts: must be a whole number"),
        wrong("\"max_attempts\": \"3\"", "max_attempts: must be a whole number", "a string"),
        wrong("\"requested_by\": 7", "requested_by: must be a string"),
        wrong("\"requested_by\": \"a\\tb\"", "requested_by: must be at most 255 characters"),
        wrong("\"requested_by\": \"" + "x".repeat(256) + "\"", "requested_by: must be at most 255"),
        wrong("\"target\": \"other\"", "target: \"other\" is not configured", "[main]", "TARGETS"),
        wrong("\"target\": {}", "target: must be a string"),
        wrong("\"batch\": {}", "batch.table: is missing", "batch.key: is missing"),
        wrong(
            "\"window\": \"night\"",
            "window: must be an object like",
            "\"time_zone\": ",
            "a string"),
        wrong("\"window\": []", "window: must be an object like", "not an empty list"),
        wrong(
            "\"window\": {}",
            "2 things are wrong",
            "window.from: is missing; say when the window opens",
            "window.to: is missing; say when the window closes"),
        window("\"from\": \"2:00\"", "window.from: must be a time of the day", "like 02:00"),
        window("\"from\": \"24:00\"", "window.from: must be a time of the day"),
        window("\"from\": 2", "window.from: must be a string", "the number 2"),
        window("\"to\": \"24:01\"", "window.to: must be a time", "24:00 is the end of the day"),
        window("\"to\": \"06:00:30\"", "window.to: must be a time of the day"),
        window("\"to\": \"02:00\"", "window.to: is the same as from", "from 00:00 to 24:00"),
        window("\"from\": \"00:00\", \"to\": \"00:00\"", "window.to: is the same as from"),
        window(
            "\"from\": \"00:00\", \"to\": \"24:00\"",
            "window.days: all day on every day is no window",
            "leave the window out"),
        window("\"days\": []", "window.days: is empty", "leave it out for every day"),
        window("\"days\": \"SAT\"", "window.days: must be a list of strings, not a string"),
        window("\"days\": [\"SAT\", 7]", "window.days[1]: must be a string"),
        window("\"days\": [\"Saturday\"]", "window.days: \"Saturday\" is no day", "MON, TUE, WED"),
        window("\"time_zone\": \"CEST\"", "window.time_zone: \"CEST\" is no time zone", "Berlin"),
        window("\"time_zone\": \"+02:00\"", "window.time_zone: \"+02:00\" is no", "or UTC"),
        window("\"time_zone\": \"europe/berlin\"", "window.time_zone: ", "Europe/Berlin"),
        window("\"timezone\": \"UTC\"", "window.timezone: is no field", "known are days, from"),
        wrong(
            "\"sql_forwards\": \"select 1; begin\"",
            "sql_forwards: statement 2",
            "transaction control"),
        wrong("\"sql_forwards\": [\"select 1; select 2\", \"begin\"]", "sql_forwards: statement 3"),
        wrong("\"sql_backwards\": [\"COMMIT\"]", "sql_backwards: statement 1", "leave it out"),
        wrong(
            "\"sql_forwards\": \"\\\\i a.sql\"", "sql_forwards: statement 1", "psql meta-command"),
        wrong(
            "\"apply_on_sqlite\": true, \"sql_forwards\": \"create index concurrently i on t (n)\"",
            "apply_on_sqlite: SQLite does not know CONCURRENTLY",
            "leave apply_on_sqlite out"));
  }

  /// One field of a window is other than it should be.
  private static Arguments window(String fields, String... parts) {
    try {
      ObjectNode changed = (ObjectNode) JsonFunction.JSON.readTree("{" + fields + "}");
      ObjectNode sound =
          JsonFunction.JSON.createObjectNode().put("from", "02:00").put("to", "06:00");
      return wrong("\"window\": " + sound.setAll(changed), parts);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Arguments wrong(String fields, String... parts) {
    return Arguments.of(fields, List.of(parts));
  }

  @ParameterizedTest
  @MethodSource("wrongFields")
  void namesTheFieldTheReasonAndTheWayOut(String fields, List<String> parts) throws Exception {
    ObjectNode changes = (ObjectNode) JsonFunction.JSON.readTree("{" + fields + "}");

    refused(migration -> migration.setAll(changes))
        .is("InvalidMigration", parts.toArray(String[]::new));
  }

  @Test
  void asksForEveryFieldThatIsMissing() {
    Refused.by(() -> longhaul.register("{}"))
        .is(
            "InvalidMigration",
            "3 things are wrong",
            "migration_name: is missing",
            "sql_forwards: is missing",
            "sql_backwards: is missing");
  }

  @Test
  void namesEverythingThatIsWrongAtOnce() {
    refused(
            migration ->
                migration
                    .put("migration_name", 1)
                    .put("sql_forwards", "begin; select 1; \\q")
                    .put("sql_backwards", "rollback")
                    .put("target", "nowhere")
                    .put("run_at", "soon")
                    .put("max_attempts", 0)
                    .put("apply_on_sqlite", "no")
                    .put("colour", "blue")
                    .put("window", "night"))
        .is(
            "InvalidMigration",
            "10 things are wrong",
            "migration_name:",
            "sql_forwards: statement 1",
            "sql_forwards: statement 3",
            "sql_backwards:",
            "target:",
            "run_at:",
            "max_attempts:",
            "apply_on_sqlite:",
            "window:",
            "colour:");
  }

  @Test
  void saysWhichOfSeveralMigrationsIsWrong() {
    Refused.by(
            () ->
                longhaul.register(
                    """
                    {"migrations": [
                      {"migration_name": "a", "sql_forwards": "select 1", "sql_backwards": ""},
                      {"migration_name": "b", "sql_forwards": "", "sql_backwards": "", "x": 1},
                      "c",
                      {"migration_name": "a", "sql_forwards": "select 1", "sql_backwards": ""}]}
                    """))
        .is(
            "InvalidMigration",
            "4 things are wrong",
            "migrations[1].sql_forwards: holds no statement",
            "migrations[1].x: is no field",
            "migrations[2]: must be an object, not a string",
            "migrations[3].migration_name: \"a\" stands twice in this call");
  }

  @Test
  void saysHowManyMigrationsACallMayHold() {
    List<String> migrations =
        IntStream.rangeClosed(1, 1001)
            .mapToObj(i -> Fixture.migration("m" + i, "select 1", "").toString())
            .toList();

    Refused.by(() -> longhaul.register("{\"migrations\": " + migrations + "}"))
        .is("InvalidMigration", "migrations: 1,001 in one call; at most 1,000", "split the call");
  }

  @Test
  void wantsAListOfMigrations() {
    for (String migrations : List.of("null", "[]", "{}", "\"a\"")) {
      Refused.by(() -> longhaul.register("{\"migrations\": " + migrations + "}"))
          .is("InvalidMigration", "migrations: must be a list of migrations, not ");
    }
    Refused.by(() -> longhaul.register("{\"migrations\": [{}], \"target\": \"main\"}"))
        .is("InvalidMigration", "target: is no field that is known here");
  }
}
