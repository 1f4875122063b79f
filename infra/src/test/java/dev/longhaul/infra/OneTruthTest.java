package dev.longhaul.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;

/// template.yaml and the construct deploy the same: every value of every resource is compared, in
/// deployments that together use every parameter. What is added to one side only fails here, unless
/// it stands below with the reason.
class OneTruthTest {
  /// Lines that are meant to stand on one side only.
  ///
  /// @param sam whether that is the template's
  private record Difference(boolean sam, String lines, String reason) {
    private static Difference inTemplate(String lines, String reason) {
      return new Difference(true, lines, reason);
    }

    private static Difference inConstruct(String lines, String reason) {
      return new Difference(false, lines, reason);
    }

    private boolean matches(boolean fromSam, String line) {
      return sam == fromSam && Pattern.compile(lines, Pattern.DOTALL).matcher(line).matches();
    }
  }

  private static final List<Difference> MEANT =
      List.of(
          Difference.inTemplate(
              "Settings(Application|Profile)? .*",
              "SAM publishes no version for a parameter's new value; CDK sees the value itself"),
          Difference.inTemplate(
              "\\w+Function Properties/Description = .* \\(settings \\$\\{Settings}\\)",
              "the same: the number of the settings"),
          Difference.inConstruct(
              "\\w+Function Properties/Description = .*", "the same, without the number"),
          Difference.inTemplate(
              "\\w+FunctionVersion Properties/Description = Settings \\$\\{Settings}", "the same"),
          Difference.inTemplate(
              "\\w+Function Properties/Code = functions/target/longhaul-functions.zip",
              "the archive, before SAM uploads it"),
          Difference.inConstruct(
              "\\w+Function Properties/Code/S3\\w+ = .*", "the archive, as CDK uploads it"),
          Difference.inTemplate(
              "\\w+Function Properties/Tags\\[] = \\{Key=lambda:createdBy, Value=SAM}",
              "SAM's own tag"),
          Difference.inTemplate(
              "\\w+Function Properties/SnapStart/ApplyOn = None", "what CDK says by nothing"),
          Difference.inConstruct(
              "\\w+FunctionVersion UpdateReplacePolicy = Retain",
              "SAM never replaces a version: each is a resource of its own"),
          Difference.inConstruct("\\w+Access Properties/Path = /", "the default, spelled out"));

  /// From what the builder takes to the parameters that say the same.
  private static final Map<String, Set<String>> SETTINGS = new TreeMap<>();

  /// What a template has no need of.
  private static final Map<String, String> ONLY_CDK =
      Map.of(
          "archive", "SAM takes what Maven has built",
          "name", "one deployment is one stack of SAM's");

  static {
    SETTINGS.put(
        "database",
        Set.of(
            "DatabaseSecretArn",
            "DatabaseSecretKeyArn",
            "DatabaseHost",
            "DatabasePort",
            "DatabaseName",
            "DatabaseUser",
            "DatabaseResourceId",
            "DatabaseSecurityGroupId",
            "RegistrarSecretArn",
            "RegistrarUser",
            "ViewerSecretArn",
            "ViewerUser"));
    SETTINGS.put(
        "target",
        Set.of(
            "DatabaseTargets",
            "TargetSecretArns",
            "TargetSecretKeyArns",
            "TargetDatabaseUserArns"));
    SETTINGS.put("health", Set.of("DatabaseHealth"));
    SETTINGS.put("vpc", Set.of("VpcId"));
    SETTINGS.put("vpcSubnets", Set.of("SubnetIds"));
    SETTINGS.put("securityGroups", Set.of("SecurityGroupIds"));
    SETTINGS.put("sqsEndpoint", Set.of("SqsEndpoint"));
    SETTINGS.put("eventBridgeEndpoint", Set.of("EventBridgeEndpoint"));
    SETTINGS.put("secretsManagerEndpoint", Set.of("SecretsManagerEndpoint"));
    SETTINGS.put("allowScheduledMigrations", Set.of("AllowScheduledMigrations"));
    SETTINGS.put("timedTrigger", Set.of("TimedTriggerSchedule"));
    SETTINGS.put("eventBus", Set.of("EventBusName"));
    SETTINGS.put("architecture", Set.of("Architecture"));
    SETTINGS.put("snapStart", Set.of("SnapStart"));
    SETTINGS.put("executorMemory", Set.of("ExecutorMemory"));
    SETTINGS.put("executorTimeout", Set.of("ExecutorTimeout"));
    SETTINGS.put("detachAfter", Set.of("DetachAfter"));
    SETTINGS.put("executorConcurrency", Set.of("ExecutorConcurrency"));
    SETTINGS.put("reserveConcurrency", Set.of("ReserveConcurrency"));
    SETTINGS.put("logRetention", Set.of("LogRetentionDays"));
    SETTINGS.put("historyRetentionDays", Set.of("HistoryRetentionDays"));
    SETTINGS.put("alarms", Set.of("Alarms"));
    SETTINGS.put("alarmEmail", Set.of("AlarmEmail"));
    SETTINGS.put("alarmTopic", Set.of("AlarmTopicArn"));
    SETTINGS.put("dashboard", Set.of("Dashboard"));
    SETTINGS.put("testEvents", Set.of("TestEvents"));
    SETTINGS.put("permissionsBoundary", Set.of("PermissionsBoundaryArn"));
    SETTINGS.put("encryptionKey", Set.of("KmsKeyArn"));
    SETTINGS.put("codeSigningConfig", Set.of("CodeSigningConfigArn"));
  }

  private static final ObjectNode SOURCE =
      SamTemplate.read(Synthesis.PROJECT.resolve("template.yaml"));

  private static final List<Scenario> SCENARIOS = Scenario.ALL;

  /// @param sam what only the template deploys
  /// @param cdk what only the construct deploys
  private record Comparison(int same, SortedSet<String> sam, SortedSet<String> cdk) {}

  private static final Map<String, Comparison> COMPARISONS = new LinkedHashMap<>();

  @BeforeAll
  static void compare() {
    App app = Synthesis.app("one-truth");
    for (Scenario scenario : SCENARIOS) {
      Stack stack = new Stack(app, scenario.name());
      new Longhaul(stack, "Longhaul", scenario.props(stack));
    }
    app.synth();
    ObjectNode transformed = SamTemplate.transform(SOURCE);
    for (Scenario scenario : SCENARIOS) {
      Map<String, String> parameters = new TreeMap<>(scenario.parameters());
      parameters.put("AWS::StackName", scenario.name());
      SortedSet<String> sam = new Deployed(transformed, parameters, id -> id).lines();
      ObjectNode template = Synthesis.template(app, scenario.name());
      SortedSet<String> cdk =
          new Deployed(template, parameters, id -> ConstructNames.of(template, id)).lines();
      SortedSet<String> onlySam = new TreeSet<>(sam);
      onlySam.removeAll(cdk);
      SortedSet<String> onlyCdk = new TreeSet<>(cdk);
      onlyCdk.removeAll(sam);
      COMPARISONS.put(
          scenario.name(), new Comparison(sam.size() - onlySam.size(), onlySam, onlyCdk));
    }
  }

  @Test
  void everyValueOfEveryResourceAgrees() {
    List<String> unexplained = new ArrayList<>();
    COMPARISONS.forEach(
        (scenario, comparison) -> {
          comparison.sam().stream()
              .filter(line -> MEANT.stream().noneMatch(d -> d.matches(true, line)))
              .forEach(line -> unexplained.add(scenario + ": only template.yaml: " + line));
          comparison.cdk().stream()
              .filter(line -> MEANT.stream().noneMatch(d -> d.matches(false, line)))
              .forEach(line -> unexplained.add(scenario + ": only the construct: " + line));
          assertThat(comparison.same()).as("values that agree").isGreaterThan(300);
        });

    assertThat(unexplained).isEmpty();
  }

  @Test
  void everyDifferenceThatIsMeantIsThere() {
    for (Difference difference : MEANT) {
      assertThat(COMPARISONS.values())
          .as(difference.toString())
          .anyMatch(
              comparison ->
                  (difference.sam() ? comparison.sam() : comparison.cdk())
                      .stream().anyMatch(line -> difference.matches(difference.sam(), line)));
    }
  }

  @Test
  void everyParameterAndEverySettingIsCompared() {
    Set<String> settings = new TreeSet<>();
    for (Method method : LonghaulProps.Builder.class.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers()) && !method.getName().equals("build")) {
        settings.add(method.getName());
      }
    }
    Set<String> known = new TreeSet<>(SETTINGS.keySet());
    known.addAll(ONLY_CDK.keySet());
    Set<String> said = new TreeSet<>();
    SETTINGS.values().forEach(said::addAll);
    Set<String> parameters = new TreeSet<>();
    SOURCE.path("Parameters").fieldNames().forEachRemaining(parameters::add);

    assertThat(settings).isEqualTo(known);
    assertThat(parameters).isEqualTo(said);
  }

  /// And so does every branch of every condition.
  @Test
  void everyParameterTakesAnotherValueThanItsDefault() {
    for (Map.Entry<String, JsonNode> parameter : SOURCE.path("Parameters").properties()) {
      String preset = parameter.getValue().path("Default").asText();
      assertThat(SCENARIOS)
          .as(parameter.getKey())
          .anyMatch(s -> !s.parameters().getOrDefault(parameter.getKey(), preset).equals(preset));
    }
  }
}
