package dev.longhaul.template;

import static dev.longhaul.template.Template.brief;
import static dev.longhaul.template.Template.functionProperty;
import static dev.longhaul.template.Template.properties;
import static dev.longhaul.template.Template.resource;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class FunctionsTest {
  static final List<String> FUNCTIONS = Template.FUNCTIONS;

  private static final Map<String, String> HANDLERS =
      Map.of(
          "RegistrationFunction", "dev.longhaul.registration.RegistrationFunction",
          "TriggerFunction", "dev.longhaul.trigger.TriggerFunction",
          "ExecutorFunction", "dev.longhaul.execution.ExecutorFunction",
          "ControlFunction", "dev.longhaul.control.ControlFunction",
          "DashboardFunction", "dev.longhaul.dashboard.DashboardFunction");

  /// What the functions read. `DATABASE_URL` is not among them: it may hold a password.
  private static final Set<String> VARIABLES =
      Set.of(
          "DATABASE_SECRET_ARN",
          "DATABASE_HOST",
          "DATABASE_PORT",
          "DATABASE_NAME",
          "DATABASE_USER",
          "DATABASE_TARGETS",
          "DATABASE_HEALTH",
          "QUEUE_URL",
          "EVENT_BUS_NAME",
          "SWEEP_RULE_NAME",
          "AWS_ENDPOINT_URL_SQS",
          "AWS_ENDPOINT_URL_EVENTBRIDGE",
          "AWS_ENDPOINT_URL_SECRETS_MANAGER");

  @Test
  void thereAreNoOtherFunctions() {
    assertThat(Template.resources("AWS::Serverless::Function"))
        .containsOnlyKeys(FUNCTIONS.toArray(String[]::new));
    assertThat(Template.resources("AWS::Lambda::Function")).isEmpty();
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void namesItsHandler(String function) {
    assertThat(functionProperty(function, "Handler").asText()).isEqualTo(HANDLERS.get(function));
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void handlerIsInTheCode(String function) throws ReflectiveOperationException {
    Class<?> handler = Class.forName(functionProperty(function, "Handler").asText());

    assertThat(handler).isAssignableTo(RequestStreamHandler.class);
    assertThat(handler.getConstructor()).isNotNull();
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void runsOnJava25OnTheChosenArchitecture(String function) {
    assertThat(functionProperty(function, "Runtime").asText()).isEqualTo("java25");
    assertThat(functionProperty(function, "Architectures").toString())
        .isEqualTo("[{\"Ref\":\"Architecture\"}]");
    assertThat(Template.section("Parameters").path("Architecture").path("Default").asText())
        .isEqualTo("arm64");
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void runsWhatMavenBuilt(String function) {
    assertThat(functionProperty(function, "CodeUri").asText())
        .isEqualTo("functions/target/longhaul-functions.zip");
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void isNamedAfterTheStack(String function) {
    assertThat(brief(functionProperty(function, "FunctionName")))
        .isEqualTo("${AWS::StackName}-" + function);
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void writesToItsOwnLogGroupWhichIsRetained(String function) {
    String logs = brief(functionProperty(function, "LoggingConfig").path("LogGroup"));

    assertThat(logs).isEqualTo(function.replace("Function", "Logs"));
    assertThat(resource(logs).path("Type").asText()).isEqualTo("AWS::Logs::LogGroup");
    assertThat(brief(properties(logs).path("LogGroupName")))
        .isEqualTo("/aws/lambda/${AWS::StackName}-" + function);
    assertThat(brief(properties(logs).path("RetentionInDays"))).isEqualTo("LogRetentionDays");
    assertThat(properties(logs).path("KmsKeyId").toString())
        .isEqualTo(optional("HasKey", "KmsKeyArn"));
    assertThat(resource(logs).path("DeletionPolicy").asText()).isEqualTo("Delete");
    assertThat(resource(logs).path("UpdateReplacePolicy").asText()).isEqualTo("Delete");
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void setsDocumentedVariablesOnly(String function) {
    Set<String> variables = new TreeSet<>();
    Template.section("Globals")
        .at("/Function/Environment/Variables")
        .fieldNames()
        .forEachRemaining(variables::add);
    assertThat(variables).isEqualTo(new TreeSet<>(VARIABLES));

    Set<String> own = new TreeSet<>();
    properties(function).at("/Environment/Variables").fieldNames().forEachRemaining(own::add);
    assertThat(own)
        .isEqualTo(
            switch (function) {
              case "RegistrationFunction" ->
                  Set.of("ALLOW_SCHEDULED_MIGRATIONS", "DATABASE_SECRET_ARN", "DATABASE_USER");
              case "TriggerFunction" ->
                  Set.of("DATABASE_SECRET_ARN", "DATABASE_USER", "HISTORY_RETENTION_DAYS");
              case "ExecutorFunction" -> Set.of("DETACH_AFTER");
              case "DashboardFunction" ->
                  Set.of(
                      "DATABASE_SECRET_ARN",
                      "DATABASE_USER",
                      "CONTROL_FUNCTION_ARN",
                      "TRIGGER_FUNCTION_ARN");
              default -> Set.of("DATABASE_SECRET_ARN", "DATABASE_USER");
            });
  }

  @Test
  void whoOnlyWritesTheJournalLogsInAsTheRegistrarIfThereIsOne() {
    for (String function : FUNCTIONS) {
      if (function.equals("ExecutorFunction")) {
        continue;
      }
      JsonNode own = properties(function).at("/Environment/Variables");
      String user = or("RegistrarUser", optional("HasUser", "DatabaseUser"));
      String secret = or("RegistrarSecretArn", optional("HasSecret", "DatabaseSecretArn"));
      boolean reads = function.equals("DashboardFunction");
      assertThat(own.path("DATABASE_USER").toString())
          .isEqualTo(reads ? or("ViewerUser", user) : user);
      assertThat(own.path("DATABASE_SECRET_ARN").toString())
          .isEqualTo(reads ? or("ViewerSecretArn", secret) : secret);
    }
  }

  private static String or(String parameter, String other) {
    return "{\"Fn::If\":[\"Has%s\",{\"Ref\":\"%s\"},%s]}"
        .formatted(parameter.replace("Arn", ""), parameter, other);
  }

  /// An empty variable would read as a setting; an absent one does not.
  @Test
  void leavesOutVariablesThatHaveNoValue() {
    JsonNode variables = Template.section("Globals").at("/Function/Environment/Variables");
    Map<String, String> expected =
        Map.of(
            "DATABASE_SECRET_ARN", optional("HasSecret", "DatabaseSecretArn"),
            "DATABASE_HOST", optional("HasHost", "DatabaseHost"),
            // A port without a host would override the secret's own.
            "DATABASE_PORT", optional("HasHost", "DatabasePort"),
            "DATABASE_NAME", optional("HasName", "DatabaseName"),
            "DATABASE_USER", optional("HasUser", "DatabaseUser"),
            "DATABASE_TARGETS", optional("HasTargets", "DatabaseTargets"),
            "DATABASE_HEALTH", optional("HasHealth", "DatabaseHealth"));

    expected.forEach(
        (name, value) -> assertThat(variables.path(name).toString()).as(name).isEqualTo(value));
  }

  private static String optional(String condition, String parameter) {
    return "{\"Fn::If\":[\"%s\",{\"Ref\":\"%s\"},{\"Ref\":\"AWS::NoValue\"}]}"
        .formatted(condition, parameter);
  }

  @Test
  void sweepRuleNameIsTheNameOfTheSweepRule() {
    JsonNode variables = Template.section("Globals").at("/Function/Environment/Variables");

    assertThat(variables.path("SWEEP_RULE_NAME")).isEqualTo(properties("SweepRule").path("Name"));
    assertThat(brief(variables.path("QUEUE_URL"))).isEqualTo("Queue");
    assertThat(brief(variables.path("EVENT_BUS_NAME"))).isEqualTo("EventBusName");
    assertThat(properties("ManualRule").path("EventBusName"))
        .isEqualTo(variables.path("EVENT_BUS_NAME"));
  }

  /// They start from a snapshot, and move to new code in one step with it.
  @Test
  void buttonsOfTheDashboardCallTheLiveVersions() {
    JsonNode own = properties("DashboardFunction").at("/Environment/Variables");

    assertThat(brief(own.path("CONTROL_FUNCTION_ARN"))).isEqualTo("ControlFunction.Alias");
    assertThat(brief(own.path("TRIGGER_FUNCTION_ARN"))).isEqualTo("TriggerFunction.Alias");
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void environmentSnapshotAndArchiveFollowTheRulesOfTheOrganisation(String function) {
    assertThat(functionProperty(function, "KmsKeyArn").toString())
        .isEqualTo(optional("HasKey", "KmsKeyArn"));
    assertThat(functionProperty(function, "CodeSigningConfigArn").toString())
        .isEqualTo(optional("HasCodeSigning", "CodeSigningConfigArn"));
  }

  /// What nobody waits for needs no quick start, and a snapshot would freeze the executor's random
  /// numbers.
  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void startsFromASnapshotWhereSomebodyWaits(String function) {
    boolean isWaitedFor =
        Set.of("RegistrationFunction", "ControlFunction", "DashboardFunction").contains(function);

    assertThat(functionProperty(function, "SnapStart").toString())
        .isEqualTo(isWaitedFor ? "{\"ApplyOn\":{\"Ref\":\"SnapStart\"}}" : "");
  }

  /// A snapshot keeps compiled code, which `TieredStopAtLevel` would cap for good.
  @Test
  void leavesTheJvmAlone() throws IOException {
    assertThat(Files.readString(Template.PROJECT.resolve("template.yaml")))
        .doesNotContain("JAVA_TOOL_OPTIONS")
        .doesNotContain("TieredStopAtLevel");
  }

  @Test
  void onlyTheExecutorReservesConcurrencyAndOnlyWhereAsked() {
    for (String function : FUNCTIONS) {
      assertThat(functionProperty(function, "ReservedConcurrentExecutions").toString())
          .as(function)
          .isEqualTo(
              function.equals("ExecutorFunction")
                  ? optional("ReservesConcurrency", "ExecutorConcurrency")
                  : "");
    }
  }
}
