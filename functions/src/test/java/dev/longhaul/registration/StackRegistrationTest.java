package dev.longhaul.registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.Stack;
import dev.longhaul.testing.TestContext;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StackRegistrationTest {
  /// What CloudFormation calls when nothing is between it and the function.
  private static final String DIRECT = new TestContext().getInvokedFunctionArn();

  private static final String FRAMEWORK = DIRECT + "-framework-onEvent";

  private final Stack stack = new Stack();
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    stack.close();
    longhaul.close();
  }

  private JsonNode direct(String type, ObjectNode properties) {
    longhaul.register(stack.request(type, DIRECT, properties).toString());
    return stack.answer();
  }

  private JsonNode byFramework(String type, ObjectNode properties) {
    JsonNode answer = longhaul.register(stack.request(type, FRAMEWORK, properties).toString());
    assertThat(stack.puts).isEmpty();
    return answer;
  }

  private static ObjectNode migration(String name) {
    return Fixture.migration(name, "create table " + name + " (n int)", "drop table " + name);
  }

  @Test
  void answersExactlyWhatCloudFormationWants() throws Exception {
    assertThat(direct("Create", migration("m")))
        .isEqualTo(
            JsonFunction.JSON.readTree(
                """
                {"Status": "SUCCESS", "PhysicalResourceId": "main/m",
                 "StackId": "%s", "RequestId": "5b1c2d3e", "LogicalResourceId": "Index",
                 "Data": {"migration_name": "m", "target": "main", "status": "STARTED", "created": "true"}}
                """
                    .formatted(Stack.ID)));
    assertThat(direct("Update", migration("m")).at("/Data/created").asText()).isEqualTo("false");
  }

  /// By an alias or a version, too.
  @ParameterizedTest
  @ValueSource(strings = {"", ":live", ":7"})
  void knowsThatItIsCalledItself(String qualifier) {
    longhaul.register(stack.request("Create", DIRECT + qualifier, migration("m")).toString());

    assertThat(stack.answer().path("Status").asText()).isEqualTo("SUCCESS");
  }

  @Test
  void returnsTheAnswerToCdksFramework() throws Exception {
    assertThat(byFramework("Create", migration("m")))
        .isEqualTo(
            JsonFunction.JSON.readTree(
                """
                {"PhysicalResourceId": "main/m",
                 "Data": {"migration_name": "m", "target": "main", "status": "STARTED", "created": "true"}}
                """));
  }

  @Test
  void takesTheStringsThatCloudFormationMakesOfEverything() {
    ObjectNode properties =
        migration("m")
            .put("target", "main")
            .put("execute_immediately", "true")
            .put("apply_on_sqlite", "false")
            .put("max_attempts", "3")
            .put("lock_timeout", "500")
            .put("detach_after", "60000")
            .put("ServiceTimeout", "60");
    properties.putArray("sql_forwards").add("select 1").add("select 2");
    properties.putArray("depends_on");

    assertThat(direct("Create", properties).path("Status").asText()).isEqualTo("SUCCESS");
    assertThat(
            longhaul.database.value(
                "select max_attempts || ' ' || execute_immediately || ' ' || lock_timeout_ms || ' '"
                    + " || detach_after_ms from longhaul.async_migration"))
        .isEqualTo("3 true 500 60000");
  }

  @Test
  void takesTheLimitsOfABatchAsStringsToo() {
    longhaul.database.execute("create table t (id int primary key, n int)");
    ObjectNode properties = migration("m").put("sql_forwards", "update t set n = 1 where :batch");
    ObjectNode batch = properties.putObject("batch").put("table", "t").put("key", "id");
    ObjectNode health = batch.put("size", "10").putObject("health").put("vcpus", "2");
    health
        .put("wraparound_vacuum", "false")
        .putArray("replica_lag_seconds")
        .add("0.5")
        .add("3")
        .add("60");

    assertThat(direct("Create", properties).path("Status").asText()).isEqualTo("SUCCESS");
    assertThat(
            longhaul.database.value(
                "select batch -> 'health' ->> 'vcpus' from longhaul.async_migration"))
        .isEqualTo("2");
  }

  @ParameterizedTest
  @CsvSource({", CloudFormation stack app", "release 7, release 7"})
  void saysWhoHasAsked(String person, String expected) {
    ObjectNode properties = migration("m");
    if (person != null) {
      properties.put("requested_by", person);
    }

    direct("Create", properties);

    assertThat(longhaul.control("history", "m").at("/history/0/requested_by").asText())
        .isEqualTo(expected);
  }

  @Test
  void namesEveryWrongField() {
    JsonNode answer =
        direct("Create", migration("m").put("max_attempts", "many").put("colour", "blue"));

    assertThat(answer.path("Status").asText()).isEqualTo("FAILED");
    assertThat(answer.path("Reason").asText())
        .startsWith("InvalidMigration: 2 things are wrong")
        .contains("max_attempts", "colour")
        .doesNotContain("ServiceToken");
    assertThat(answer.path("PhysicalResourceId").asText()).isEqualTo("main/m");
    assertThat(answer.path("RequestId").asText()).isEqualTo("5b1c2d3e");
    assertThat(longhaul.registered()).isEmpty();
  }

  @Test
  void otherSqlUnderTheSameNameIsAConflictAndTheResourceStays() {
    direct("Create", migration("m"));
    ObjectNode changed = stack.request("Update", DIRECT, migration("m").put("sql_forwards", "x"));

    longhaul.register(changed.put("PhysicalResourceId", "main/m").toString());

    JsonNode answer = stack.answer();
    assertThat(answer.path("Status").asText()).isEqualTo("FAILED");
    assertThat(answer.path("Reason").asText())
        .startsWith("MigrationConflict: ")
        .contains("give the changed migration a new name");
    assertThat(answer.path("PhysicalResourceId").asText()).isEqualTo("main/m");

    // What CloudFormation does next: it goes back.
    assertThat(direct("Update", migration("m")).path("Status").asText()).isEqualTo("SUCCESS");
  }

  @Test
  void newNameIsANewResourceAndTheOldMigrationStays() {
    direct("Create", migration("a"));
    longhaul.executeUntil("a", "FINISHED");

    JsonNode updated = direct("Update", migration("b"));
    assertThat(updated.path("PhysicalResourceId").asText()).isEqualTo("main/b");

    ObjectNode delete = stack.request("Delete", DIRECT, migration("a"));
    longhaul.register(delete.put("PhysicalResourceId", "main/a").toString());
    JsonNode deleted = stack.answer();
    assertThat(deleted.path("Status").asText()).isEqualTo("SUCCESS");
    assertThat(deleted.path("PhysicalResourceId").asText()).isEqualTo("main/a");
    assertThat(longhaul.status("a")).isEqualTo("FINISHED");
    assertThat(longhaul.status("b")).isEqualTo("STARTED");
  }

  @Test
  void deletionAsksNoDatabase() {
    try (Fixture gone =
        new Fixture(
            Database.create(),
            Map.of("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/gone?sslmode=disable"))) {
      gone.register(stack.request("Create", DIRECT, migration("m")).toString());
      assertThat(stack.answer().path("Reason").asText()).startsWith("TargetUnavailable: ");

      ObjectNode delete = stack.request("Delete", DIRECT, migration("m"));
      gone.register(delete.put("PhysicalResourceId", "main/m").toString());
      assertThat(stack.answer().path("Status").asText()).isEqualTo("SUCCESS");
    }
  }

  @Test
  void answersWhenItFailsItself() {
    longhaul.register("a", "select 1", "");
    longhaul.database.execute("alter table longhaul.async_migration drop column max_attempts");

    JsonNode answer = direct("Create", migration("m"));

    assertThat(answer.path("Status").asText()).isEqualTo("FAILED");
    assertThat(answer.path("Reason").asText())
        .isEqualTo(
            "failed; the reason is in the log of test, request"
                + " c6af9ac6-7b61-11e6-9a41-93e8deadbeef");
  }

  @ParameterizedTest
  @CsvSource({"wait_for, 600", "rollback_on_delete, true"})
  void promisesNothingThatNobodyCouldKeep(String option, String value) {
    JsonNode answer = direct("Create", migration("m").put(option, value));

    assertThat(answer.path("Status").asText()).isEqualTo("FAILED");
    assertThat(answer.path("Reason").asText()).contains(option, "SqlMigration");
    assertThat(longhaul.registered()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"wait_for, soon", "rollback_on_delete, perhaps"})
  void refusesOptionsThatSayNothing(String option, String value) {
    ObjectNode request = stack.request("Create", FRAMEWORK, migration("m").put(option, value));

    Refused.by(() -> longhaul.register(request.toString())).is("InvalidMigration", option);
  }

  /// When the waiting ends is fixed when it begins.
  @Test
  void saysUntilWhenAStackWaits() {
    Instant before = Instant.now();

    JsonNode created = byFramework("Create", migration("m").put("wait_for", "600"));

    Instant until = Instant.parse(created.at("/Data/wait_until").asText());
    assertThat(until).isBetween(before.plusSeconds(600), Instant.now().plusSeconds(601));

    ObjectNode delete =
        stack.request("Delete", FRAMEWORK, migration("m").put("rollback_on_delete", "true"));
    JsonNode deleted = longhaul.register(delete.put("PhysicalResourceId", "main/m").toString());
    assertThat(deleted.path("PhysicalResourceId").asText()).isEqualTo("main/m");
    assertThat(Instant.parse(deleted.at("/Data/wait_until").asText()))
        .isAfter(Instant.now().plus(40, ChronoUnit.MINUTES));
    assertThat(longhaul.status("m")).isEqualTo("STARTED");
  }

  /// The framework adds a stack trace, and CloudFormation takes 4,096 bytes.
  @Test
  void refusalsAreShort() {
    ObjectNode request =
        stack.request("Create", FRAMEWORK, migration("m").put("x".repeat(9_000), "y"));

    Refused refused = Refused.by(() -> longhaul.register(request.toString()));
    assertThat(refused.is("InvalidMigration", "xxx … ").message()).hasSizeLessThan(1_300);
  }

  @Test
  void refusesNamesThatCloudFormationCannotKeep() {
    JsonNode answer = direct("Create", migration("m").put("migration_name", "𝄞".repeat(255)));

    assertThat(answer.path("Reason").asText()).contains("migration_name", "1,024 bytes");
    assertThat(answer.path("PhysicalResourceId").asText()).isEqualTo("5b1c2d3e");
    assertThat(longhaul.registered()).isEmpty();
  }

  @Test
  void refusesRequestsThatThereAreNot() {
    assertThat(direct("Read", migration("m")).path("Reason").asText()).contains("RequestType");
  }

  @Test
  void callsNobodyElse() {
    ObjectNode request = stack.request("Create", DIRECT, migration("m"));
    request.put("ResponseURL", "http://169.254.169.254/");

    Refused.by(() -> longhaul.register(request.toString())).is("InvalidMigration", "ResponseURL");
    assertThat(longhaul.registered()).isEmpty();
  }
}
