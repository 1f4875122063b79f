package dev.longhaul.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {
  private static final JsonNode PARAMETERS = Template.section("Parameters");

  @Test
  void eachIsDescribedHasADefaultAndSaysWhatItTakes() {
    for (Map.Entry<String, JsonNode> parameter : PARAMETERS.properties()) {
      JsonNode value = parameter.getValue();
      assertThat(value.path("Description").asText())
          .as(parameter.getKey())
          .endsWith(".")
          .hasSizeGreaterThan(20);
      assertThat(value.has("Default")).as(parameter.getKey()).isTrue();
      assertThat(List.of("AllowedPattern", "AllowedValues", "MaxValue", "MaxLength"))
          .as(parameter.getKey())
          .anyMatch(value::has);
      assertThat(value.has("ConstraintDescription"))
          .as(parameter.getKey())
          .isEqualTo(value.has("AllowedPattern"));
    }
  }

  @Test
  void eachIsInOneGroupOfTheConsoleAndIsUsed() {
    List<String> grouped = new ArrayList<>();
    Template.section("Metadata")
        .at("/AWS::CloudFormation::Interface/ParameterGroups")
        .forEach(group -> group.path("Parameters").forEach(name -> grouped.add(name.asText())));
    List<String> declared = new ArrayList<>();
    PARAMETERS.fieldNames().forEachRemaining(declared::add);
    String uses =
        Template.section("Globals").toString()
            + Template.section("Conditions")
            + Template.section("Resources");

    assertThat(grouped).containsExactlyElementsOf(declared);
    for (String name : declared) {
      assertThat(List.of("{\"Ref\":\"" + name + "\"}", "${" + name + "}"))
          .as(name)
          .anyMatch(uses::contains);
    }
  }

  /// A default that breaks its own pattern would fail every deployment that leaves it alone.
  @Test
  void defaultsAreAllowed() {
    for (Map.Entry<String, JsonNode> parameter : PARAMETERS.properties()) {
      JsonNode value = parameter.getValue();
      String preset = value.path("Default").asText();
      if (value.has("AllowedPattern")) {
        assertThat(preset).as(parameter.getKey()).matches(value.path("AllowedPattern").asText());
      }
      if (value.has("AllowedValues")) {
        List<String> allowed = new ArrayList<>();
        value.path("AllowedValues").forEach(v -> allowed.add(v.asText()));
        assertThat(allowed).as(parameter.getKey()).contains(preset);
      }
      if (value.has("MaxValue")) {
        assertThat(value.path("Default").asInt())
            .as(parameter.getKey())
            .isBetween(value.path("MinValue").asInt(), value.path("MaxValue").asInt());
      }
    }
  }

  /// What is empty is optional; see the rules and conditions below.
  @Test
  void presetsAreThese() {
    Map<String, String> presets = new TreeMap<>();
    for (Map.Entry<String, JsonNode> parameter : PARAMETERS.properties()) {
      String preset = parameter.getValue().path("Default").asText();
      if (!preset.isEmpty()) {
        presets.put(parameter.getKey(), preset);
      }
    }

    assertThat(presets)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("DatabasePort", "5432"),
                Map.entry("SqsEndpoint", "false"),
                Map.entry("EventBridgeEndpoint", "false"),
                Map.entry("SecretsManagerEndpoint", "false"),
                Map.entry("AllowScheduledMigrations", "false"),
                Map.entry("EventBusName", "default"),
                Map.entry("Architecture", "arm64"),
                Map.entry("SnapStart", "PublishedVersions"),
                Map.entry("ExecutorMemory", "512"),
                Map.entry("ExecutorTimeout", "900"),
                Map.entry("DetachAfter", "60"),
                Map.entry("ExecutorConcurrency", "5"),
                Map.entry("ReserveConcurrency", "false"),
                Map.entry("LogRetentionDays", "30"),
                Map.entry("HistoryRetentionDays", "0"),
                Map.entry("Alarms", "true"),
                Map.entry("Dashboard", "false"),
                Map.entry("TestEvents", "None")));
  }

  @Test
  void noneTakesAPassword() {
    for (Map.Entry<String, JsonNode> parameter : PARAMETERS.properties()) {
      assertThat(parameter.getKey()).doesNotContainIgnoringCase("password");
      assertThat(parameter.getKey()).doesNotContainIgnoringCase("url");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          DatabaseSecretArn    | arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1f2e-AbCdEf
          DatabaseSecretArn    | arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:prod/longhaul-AbCdEf
          DatabaseSecretKeyArn | arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef
          DatabaseHost         | app.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com
          DatabaseUser         | longhaul
          RegistrarSecretArn   | arn:aws:secretsmanager:us-east-1:123456789012:secret:registrar-AbCdEf
          RegistrarUser        | longhaul_registrar
          ViewerSecretArn      | arn:aws:secretsmanager:us-east-1:123456789012:secret:viewer-AbCdEf
          ViewerUser           | longhaul_viewer
          DatabaseResourceId   | cluster-ABCDEFGHIJKL01234
          DatabaseResourceId   | db-ABCDEFGHIJKL01234
          DatabaseTargets      | {"main":{"secret_arn":"arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf"}}
          DatabaseTargets      | {"main":{"host":"h","port":5432,"name":"n","user":"u"},"a":{"url":"postgresql://u@h/n"}}
          TargetDatabaseUserArns | arn:aws:rds-db:us-east-1:123456789012:dbuser:cluster-ABCDEFGHIJKL/longhaul
          DatabaseHealth       | {"vcpus":4,"replica_lag_seconds":[5,15,60],"archive_queue_segments":0}
          SubnetIds            | subnet-0a1b2c3d
          SecurityGroupIds     | sg-0a1b2c3d
          VpcId                | vpc-0a1b2c3d
          DatabaseSecurityGroupId | sg-0a1b2c3d
          TimedTriggerSchedule | cron(0 2 ? * SAT *)
          TimedTriggerSchedule | rate(12 hours)
          EventBusName         | deployments
          AlarmEmail           | people+longhaul@mail.example.com
          AlarmTopicArn        | arn:aws:sns:us-east-1:123456789012:people
          PermissionsBoundaryArn | arn:aws:iam::123456789012:policy/teams/boundary
          PermissionsBoundaryArn | arn:aws:iam::aws:policy/PowerUserAccess
          KmsKeyArn            | arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef
          CodeSigningConfigArn | arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdef0
          """)
  void takes(String parameter, String value) {
    assertThat(value).matches(pattern(parameter));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          DatabaseSecretArn    | prod/longhaul
          DatabaseSecretArn    | arn:aws:secretsmanager:us-east-1:123456789012:secret:*
          DatabaseSecretKeyArn | arn:aws:kms:us-east-1:123456789012:key/*
          DatabaseSecretKeyArn | arn:aws:kms:us-east-1:123456789012:alias/longhaul
          DatabaseHost         | postgresql://host/database
          DatabaseHost         | host:5432
          DatabaseUser         | *
          RegistrarSecretArn   | registrar
          RegistrarUser        | longhaul/*
          ViewerSecretArn      | viewer
          ViewerUser           | longhaul/*
          DatabaseResourceId   | my-cluster
          DatabaseResourceId   | cluster-*
          DatabaseTargets      | {"main":{"url":"postgresql://user:secret@host/database"}}
          DatabaseTargets      | {"main":{"url":"jdbc:postgresql://host/database?user=u&password=secret"}}
          DatabaseTargets      | main
          DatabaseHealth       | 4
          TargetSecretArns     | arn:aws:secretsmanager:us-east-1:123456789012:secret:*
          TargetDatabaseUserArns | arn:aws:rds-db:us-east-1:123456789012:dbuser:cluster-ABCDEFGHIJKL/*
          TargetDatabaseUserArns | *
          SubnetIds            | vpc-0a1b2c3d
          SecurityGroupIds     | default
          VpcId                | subnet-0a1b2c3d
          DatabaseSecurityGroupId | default
          AlarmEmail           | people
          AlarmEmail           | people@example.com,others@example.com
          AlarmTopicArn        | people
          PermissionsBoundaryArn | arn:aws:iam::123456789012:role/boundary
          KmsKeyArn            | alias/longhaul
          CodeSigningConfigArn | csc-0123456789abcdef0
          TimedTriggerSchedule | 0 2 * * *
          EventBusName         | arn:aws:events:us-east-1:123456789012:event-bus/default
          """)
  void refuses(String parameter, String value) {
    assertThat(value).doesNotMatch(pattern(parameter));
  }

  @Test
  void databaseIsAskedForBeforeAnythingIsCreated() {
    JsonNode rules = Template.section("Rules");

    assertThat(rules).hasSize(10);
    for (JsonNode assertion : rules.findValues("AssertDescription")) {
      assertThat(assertion.asText()).endsWith(".");
    }
    assertThat(rules.at("/DatabaseIsGiven/Assertions/0/Assert").toString())
        .isEqualTo(
            "{\"Fn::Or\":[%s,%s,%s]}"
                .formatted(
                    given("DatabaseSecretArn"), given("DatabaseHost"), given("DatabaseTargets")));
    assertThat(rules.at("/OneOrSeveral/RuleCondition").toString())
        .isEqualTo(given("DatabaseTargets"));
    assertThat(rules.at("/OneOrSeveral/Assertions/0/Assert").toString())
        .isEqualTo(
            "{\"Fn::And\":[%s,%s]}".formatted(empty("DatabaseSecretArn"), empty("DatabaseHost")));
    assertThat(rules.at("/TokenNeedsUser/RuleCondition").toString())
        .isEqualTo(
            "{\"Fn::And\":[%s,%s]}".formatted(given("DatabaseHost"), empty("DatabaseSecretArn")));
    assertThat(rules.at("/TokenNeedsUser/Assertions/0/Assert").toString())
        .isEqualTo(
            "{\"Fn::And\":[%s,%s,%s]}"
                .formatted(
                    given("DatabaseName"), given("DatabaseUser"), given("DatabaseResourceId")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Registrar", "Viewer"})
  void otherUsersLogInLikeTheRunner(String user) {
    JsonNode assertions =
        Template.section("Rules").at("/" + user + "LogsInLikeTheRunner/Assertions");

    assertThat(assertions.at("/0/Assert").toString())
        .isEqualTo(
            "{\"Fn::Or\":[%s,%s]}"
                .formatted(empty(user + "SecretArn"), given("DatabaseSecretArn")));
    assertThat(assertions.at("/1/Assert").toString())
        .isEqualTo(
            "{\"Fn::Or\":[%s,{\"Fn::And\":[%s,%s]}]}"
                .formatted(
                    empty(user + "User"), given("DatabaseUser"), empty("DatabaseSecretArn")));
    assertThat(condition("Has" + user + "Secret"))
        .isEqualTo(
            "{\"Fn::And\":[{\"Condition\":\"HasSecret\"},%s]}"
                .formatted(given(user + "SecretArn")));
    assertThat(condition("Has" + user + "User"))
        .isEqualTo(
            "{\"Fn::And\":[{\"Condition\":\"UsesToken\"},%s]}".formatted(given(user + "User")));
    assertThat(condition("Has" + user))
        .isEqualTo(
            "{\"Fn::Or\":[{\"Condition\":\"Has%sSecret\"},{\"Condition\":\"Has%sUser\"}]}"
                .formatted(user, user));
  }

  @Test
  void networkIsAskedForAsAWhole() {
    JsonNode rules = Template.section("Rules");

    assertThat(rules.at("/SubnetsNeedSecurityGroup/RuleCondition").toString())
        .isEqualTo(givenList("SubnetIds"));
    assertThat(rules.at("/SubnetsNeedSecurityGroup/Assertions/0/Assert").toString())
        .isEqualTo("{\"Fn::Or\":[%s,%s]}".formatted(given("VpcId"), givenList("SecurityGroupIds")));
    assertThat(rules.at("/VpcNeedsSubnets/RuleCondition").toString())
        .isEqualTo("{\"Fn::Or\":[%s,%s]}".formatted(given("VpcId"), givenList("SecurityGroupIds")));
    assertThat(rules.at("/VpcNeedsSubnets/Assertions/0/Assert").toString())
        .isEqualTo(givenList("SubnetIds"));
    assertThat(rules.at("/NetworkNeedsVpc/RuleCondition").toString())
        .isEqualTo(
            "{\"Fn::Or\":[%s,%s,%s,%s]}"
                .formatted(
                    given("DatabaseSecurityGroupId"),
                    isTrue("SqsEndpoint"),
                    isTrue("EventBridgeEndpoint"),
                    isTrue("SecretsManagerEndpoint")));
    assertThat(rules.at("/NetworkNeedsVpc/Assertions/0/Assert").toString())
        .isEqualTo(given("VpcId"));
    assertThat(rules.at("/SecretsManagerEndpointNeedsSecret/RuleCondition").toString())
        .isEqualTo(isTrue("SecretsManagerEndpoint"));
    assertThat(rules.at("/SecretsManagerEndpointNeedsSecret/Assertions/0/Assert").toString())
        .isEqualTo(
            "{\"Fn::Or\":[%s,%s]}"
                .formatted(given("DatabaseSecretArn"), givenList("TargetSecretArns")));
  }

  @ParameterizedTest
  @CsvSource({
    "HasSecret, DatabaseSecretArn",
    "HasSecretKey, DatabaseSecretKeyArn",
    "HasHost, DatabaseHost",
    "HasName, DatabaseName",
    "HasUser, DatabaseUser",
    "HasTargets, DatabaseTargets",
    "HasTimedTrigger, TimedTriggerSchedule",
    "HasAlarmTopic, AlarmTopicArn",
    "HasBoundary, PermissionsBoundaryArn",
    "HasKey, KmsKeyArn",
    "HasCodeSigning, CodeSigningConfigArn"
  })
  void conditionAsksWhetherItsParameterIsGiven(String condition, String parameter) {
    assertThat(condition(condition)).isEqualTo(given(parameter));
  }

  @ParameterizedTest
  @CsvSource({
    "HasTargetSecrets, TargetSecretArns",
    "HasTargetSecretKeys, TargetSecretKeyArns",
    "HasTargetDatabaseUsers, TargetDatabaseUserArns",
    "InVpc, SubnetIds",
    "HasSecurityGroups, SecurityGroupIds"
  })
  void conditionAsksWhetherItsListIsGiven(String condition, String parameter) {
    assertThat(condition(condition))
        .isEqualTo(
            "{\"Fn::Not\":[{\"Fn::Equals\":[{\"Fn::Join\":[\"\",{\"Ref\":\"%s\"}]},\"\"]}]}"
                .formatted(parameter));
  }

  /// A policy without statements could not be created.
  @Test
  void databasePolicyExistsWhereItGrantsSomething() {
    assertThat(condition("UsesToken"))
        .isEqualTo(
            "{\"Fn::And\":[{\"Condition\":\"HasHost\"},"
                + "{\"Fn::Not\":[{\"Condition\":\"HasSecret\"}]}]}");
    assertThat(condition("HasCredentials"))
        .isEqualTo(
            "{\"Fn::Or\":[{\"Condition\":\"HasSecret\"},{\"Condition\":\"UsesToken\"},"
                + "{\"Condition\":\"HasTargetSecrets\"},{\"Condition\":\"HasTargetDatabaseUsers\"}]}");
  }

  @Test
  void nobodyIsToldOfAlarmsThatAreNotThere() {
    JsonNode rule = Template.section("Rules").path("NobodyIsToldOfNoAlarms");

    assertThat(rule.path("RuleCondition").toString())
        .isEqualTo("{\"Fn::Equals\":[{\"Ref\":\"Alarms\"},\"false\"]}");
    assertThat(rule.at("/Assertions/0/Assert").toString())
        .isEqualTo("{\"Fn::And\":[%s,%s]}".formatted(empty("AlarmEmail"), empty("AlarmTopicArn")));
    assertThat(condition("HasAlarms")).isEqualTo(isTrue("Alarms"));
    assertThat(condition("HasAlarmEmail"))
        .isEqualTo(
            "{\"Fn::And\":[{\"Condition\":\"HasAlarms\"},%s]}".formatted(given("AlarmEmail")));
  }

  private static String condition(String name) {
    return Template.section("Conditions").path(name).toString();
  }

  private static String empty(String parameter) {
    return "{\"Fn::Equals\":[{\"Ref\":\"%s\"},\"\"]}".formatted(parameter);
  }

  private static String given(String parameter) {
    return "{\"Fn::Not\":[%s]}".formatted(empty(parameter));
  }

  private static String isTrue(String parameter) {
    return "{\"Fn::Equals\":[{\"Ref\":\"%s\"},\"true\"]}".formatted(parameter);
  }

  /// In a rule, which knows no `Fn::Join`.
  private static String givenList(String parameter) {
    return "{\"Fn::Not\":[{\"Fn::EachMemberEquals\":[{\"Ref\":\"%s\"},\"\"]}]}"
        .formatted(parameter);
  }

  private static Pattern pattern(String parameter) {
    return Pattern.compile(PARAMETERS.path(parameter).path("AllowedPattern").asText());
  }
}
