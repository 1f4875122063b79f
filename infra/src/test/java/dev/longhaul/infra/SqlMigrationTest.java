package dev.longhaul.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.AccountPrincipal;
import software.amazon.awscdk.services.iam.Role;

/// Migrations in a stack: beside the Longhaul that runs them, and apart from one that SAM has
/// deployed.
class SqlMigrationTest {
  private record Synthesized(
      Stack stack, LonghaulFunctions longhaul, ObjectNode beside, ObjectNode apart) {}

  private static final List<Synthesized> DONE = new ArrayList<>();

  @BeforeAll
  static void synthesize() {
    App app = Synthesis.app("migrations");
    Stack beside = new Stack(app, "beside");
    Longhaul longhaul =
        new Longhaul(
            beside,
            "Longhaul",
            LonghaulProps.builder()
                .archive(Synthesis.archive())
                .database(Database.withUser("u").at("host", 5432, "db-ABC").named("app"))
                .build());
    SqlMigration first =
        migration(beside, "First", longhaul)
            .migrationName("0001_first")
            .sqlForwards("create table a (n int)", "create table b (n int)")
            .sqlBackwards("drop table a, b")
            .targets("main", "audit")
            .lockTimeout(Duration.millis(500))
            .detachAfter(Duration.seconds(30))
            .maxAttempts(3)
            .runAt(Instant.parse("2027-03-28T02:30:00Z"))
            .window(
                LocalTime.of(22, 0),
                LocalTime.MIDNIGHT,
                ZoneId.of("Europe/Berlin"),
                DayOfWeek.SATURDAY,
                DayOfWeek.SUNDAY)
            .batch("tasks", List.of("id"), Map.of("size", 500))
            .applyOnSqlite(true)
            .requestedBy("release 7")
            .build();
    migration(beside, "Second", longhaul)
        .migrationName("0002_second")
        .dependsOn(first)
        .executeImmediately(false)
        .build();
    migration(beside, "Awaited", longhaul)
        .migrationName("0003_awaited")
        .waitFor(Duration.minutes(10))
        .build();
    migration(beside, "Undone", longhaul)
        .migrationName("0004_undone")
        .sqlBackwards("select 1")
        .rollbackOnDelete(true)
        .build();
    Role role =
        Role.Builder.create(beside, "Role").assumedBy(new AccountPrincipal("123456789012")).build();
    longhaul.grantRegister(role);
    longhaul.grantTrigger(role);
    longhaul.grantView(role);
    Role operator =
        Role.Builder.create(beside, "Operator")
            .assumedBy(new AccountPrincipal("123456789012"))
            .build();
    longhaul.grantControl(operator);

    Stack apart = new Stack(app, "apart");
    LonghaulFunctions deployed = LonghaulFunctions.fromStackName(apart, "Longhaul", "longhaul");
    migration(apart, "Index", deployed).migrationName("0001_index").build();
    app.synth();
    DONE.add(
        new Synthesized(
            new Stack(new App(), "scratch"),
            deployed,
            Synthesis.template(app, "beside"),
            Synthesis.template(app, "apart")));
  }

  private static SqlMigration.Builder migration(
      Stack stack, String id, LonghaulFunctions longhaul) {
    return SqlMigration.Builder.create(stack, id).longhaul(longhaul).sqlForwards("select 1");
  }

  private static Map<String, JsonNode> resources(ObjectNode template, String type) {
    Map<String, JsonNode> found = new TreeMap<>();
    template
        .path("Resources")
        .properties()
        .forEach(
            resource -> {
              if (resource.getValue().path("Type").asText().equals(type)) {
                found.put(
                    resource.getValue().at("/Metadata/aws:cdk:path").asText(), resource.getValue());
              }
            });
    return found;
  }

  private static JsonNode custom(String place) {
    Map<String, JsonNode> all = resources(DONE.get(0).beside(), "Custom::SqlMigration");
    assertThat(all).containsKey("beside/" + place + "/Default");
    return all.getOrDefault("beside/" + place + "/Default", MissingNode.getInstance());
  }

  @Test
  void saysTheMigrationInTheContractsFields() throws IOException {
    ObjectNode properties = custom("First/main").path("Properties").deepCopy();
    properties.remove("ServiceToken");

    assertThat(properties)
        .isEqualTo(
            SamTemplate.JSON.readTree(
                """
                {"migration_name": "0001_first",
                 "sql_forwards": ["create table a (n int)", "create table b (n int)"],
                 "sql_backwards": ["drop table a, b"],
                 "target": "main", "lock_timeout": "500ms", "detach_after": "30000ms", "max_attempts": 3,
                 "run_at": "2027-03-28T02:30:00Z",
                 "window": {"days": ["SAT", "SUN"], "from": "22:00", "to": "24:00", "time_zone": "Europe/Berlin"},
                 "batch": {"table": "tasks", "key": ["id"], "size": 500},
                 "apply_on_sqlite": true,
                 "requested_by": "release 7"}
                """));
    assertThat(custom("First/audit").at("/Properties/target").asText()).isEqualTo("audit");
  }

  /// Registration refuses a dependency that nobody knows, so the order matters.
  @Test
  void registersWhatItDependsOnFirst() {
    JsonNode second = custom("Second/main");

    assertThat(second.at("/Properties/depends_on").toString()).isEqualTo("[\"0001_first\"]");
    assertThat(second.at("/Properties/execute_immediately").asBoolean(true)).isFalse();
    List<String> dependsOn = new ArrayList<>();
    second.path("DependsOn").forEach(id -> dependsOn.add(id.asText()));
    assertThat(dependsOn).anyMatch(id -> id.startsWith("Firstmain"));
    // And after all that runs it.
    assertThat(dependsOn)
        .anyMatch(id -> id.startsWith("LonghaulExecutorFunctionQueue"))
        .anyMatch(id -> id.startsWith("LonghaulSweepRule"));
  }

  @Test
  void waitsAndUndoesOnlyWhereAsked() {
    JsonNode plain = custom("First/main").path("Properties");
    JsonNode awaited = custom("Awaited/main").path("Properties");
    JsonNode undone = custom("Undone/main").path("Properties");

    assertThat(plain.has("wait_for")).isFalse();
    assertThat(plain.has("rollback_on_delete")).isFalse();
    assertThat(awaited.path("wait_for").asInt()).isEqualTo(600);
    assertThat(awaited.path("execute_immediately").asBoolean()).isTrue();
    assertThat(undone.path("rollback_on_delete").asBoolean()).isTrue();
    assertThat(undone.has("wait_for")).isFalse();

    // Whoever asks again knows by whom to ask.
    assertThat(awaited.path("ServiceToken")).isEqualTo(undone.path("ServiceToken"));
    assertThat(awaited.path("ServiceToken")).isNotEqualTo(plain.path("ServiceToken"));
    assertThat(custom("Second/main").at("/Properties/ServiceToken"))
        .isEqualTo(plain.path("ServiceToken"));
  }

  @Test
  void frameworkMayCallNothingElse() {
    Map<String, String> rights = new TreeMap<>();
    resources(DONE.get(0).beside(), "AWS::IAM::Policy")
        .forEach(
            (path, policy) -> {
              if (path.matches(".*/\\w*Migrations\\w*/(Event|Wait)Role/DefaultPolicy/Resource")) {
                TreeSet<String> actions = new TreeSet<>();
                policy
                    .at("/Properties/PolicyDocument/Statement")
                    .forEach(
                        statement -> {
                          assertThat(statement.path("Resource").toString()).doesNotContain("*");
                          statement.path("Action").forEach(a -> actions.add(a.asText()));
                          actions.add(statement.path("Action").asText());
                        });
                actions.remove("");
                rights.put(path.replaceAll("\\w{10}/(\\w+)/.*", "/$1"), actions.toString());
              }
            });

    String call =
        "lambda:GetFunction, lambda:InvokeFunction, logs:CreateLogStream, logs:PutLogEvents";
    assertThat(rights)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "beside/Migrations/EventRole", "[" + call + "]",
                "beside/AwaitedMigrations/EventRole", "[" + call + ", states:StartExecution]",
                "beside/AwaitedMigrations/WaitRole", "[" + call + "]"));
  }

  @Test
  void grantsOneFunctionEach() {
    assertThat(granted("beside/Role/DefaultPolicy/Resource"))
        .containsExactly(
            "ControlFunction:view",
            "DashboardFunction",
            "DashboardFunction:live",
            "RegistrationFunction",
            "RegistrationFunction:live",
            "TriggerFunction",
            "TriggerFunction:live");
    assertThat(granted("beside/Operator/DefaultPolicy/Resource"))
        .containsExactly(
            "ControlFunction",
            "ControlFunction:live",
            "DashboardFunction",
            "DashboardFunction:live");
  }

  private static Set<String> granted(String path) {
    TreeSet<String> granted = new TreeSet<>();
    JsonNode policy =
        resources(DONE.get(0).beside(), "AWS::IAM::Policy")
            .getOrDefault(path, MissingNode.getInstance());
    Pattern function =
        Pattern.compile("\"Longhaul(\\w+Function)\\w{8}\",\"Arn\"]}(?:,\"(:\\w+)\")?");
    for (JsonNode statement : policy.at("/Properties/PolicyDocument/Statement")) {
      assertThat(statement.path("Action").asText()).isEqualTo("lambda:InvokeFunction");
      function
          .matcher(statement.path("Resource").toString())
          .results()
          .forEach(m -> granted.add(m.group(1) + (m.group(2) == null ? "" : m.group(2))));
    }
    return granted;
  }

  @Test
  void findsWhatAnotherStackHasDeployed() {
    assertThat(DONE.get(0).apart().toString())
        .contains(":function:longhaul-RegistrationFunction:live")
        .doesNotContain("ControlFunction");
    assertThat(resources(DONE.get(0).apart(), "Custom::SqlMigration")).hasSize(1);
  }

  @Test
  void refusesWhatCannotBeKept() {
    refused(m -> m, "migrationName");
    refused(m -> m.migrationName("m").waitFor(Duration.minutes(51)), "waitFor: at most 50 minutes");
    refused(
        m -> m.migrationName("m").waitFor(Duration.minutes(1)).runAt(Instant.EPOCH),
        "waitFor: a deployment cannot wait for runAt");
    refused(
        m ->
            m.migrationName("m")
                .waitFor(Duration.minutes(1))
                .window(LocalTime.NOON, LocalTime.MIDNIGHT, ZoneId.of("UTC")),
        "waitFor: a deployment cannot wait for a window");
    refused(
        m -> m.migrationName("m").waitFor(Duration.minutes(1)).executeImmediately(false),
        "waitFor: a deployment cannot wait for a trigger");
    refused(m -> m.migrationName("m").rollbackOnDelete(true), "rollbackOnDelete");
    refused(m -> m.migrationName("m").targets(), "targets");
    refused(
        m -> m.migrationName("m").sqlForwards("x".repeat(200_001)),
        "too many for a template",
        "longhaul register");
  }

  private static void refused(UnaryOperator<SqlMigration.Builder> with, String... parts) {
    Synthesized done = DONE.get(0);
    String id = "M" + done.stack().getNode().getChildren().size();

    assertThatThrownBy(() -> with.apply(migration(done.stack(), id, done.longhaul())).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }

  /// A field of the contract that the construct cannot say would be a migration that only others
  /// can have. The reader of registrations names the fields.
  @Test
  void knowsTheFieldsThatRegistrationTakes() throws IOException {
    String reader =
        Files.readString(
            Synthesis.PROJECT.resolve(
                "functions/src/main/java/dev/longhaul/registration/MigrationReader.java"));
    TreeSet<String> fields = new TreeSet<>();
    Pattern.compile(
            "(?:fields\\s*\\.(?:string|bool|integer|strings|value)|script|duration)\\(\\s*\"(\\w+)\"")
        .matcher(reader)
        .results()
        .forEach(match -> fields.add(match.group(1)));
    fields.add("requested_by");
    TreeSet<String> said = new TreeSet<>();
    for (String place : List.of("First/main", "Second/main")) {
      custom(place).path("Properties").fieldNames().forEachRemaining(said::add);
    }
    said.remove("ServiceToken");

    assertThat(said).isEqualTo(fields);
  }
}
