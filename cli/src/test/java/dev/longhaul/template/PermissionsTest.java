package dev.longhaul.template;

import static dev.longhaul.template.Template.brief;
import static dev.longhaul.template.Template.functionProperty;
import static dev.longhaul.template.Template.properties;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class PermissionsTest {
  static final List<String> FUNCTIONS = Template.FUNCTIONS;
  static final List<String> SHARED =
      List.of("DatabaseAccess", "RegistrarAccess", "ViewerAccess", "NetworkAccess", "KeyAccess");

  private static final String OWN_ACCOUNT = "${AWS::Region}:${AWS::AccountId}:";
  private static final String BUS =
      "arn:${AWS::Partition}:events:" + OWN_ACCOUNT + "event-bus/${EventBusName}";
  private static final String SWEEP =
      "arn:${AWS::Partition}:events:" + OWN_ACCOUNT + "rule/${AWS::StackName}-sweep";

  /// All that each role may do, beside its own logs, the status events and the shared policies.
  private static final Map<String, List<String>> OWN =
      Map.of(
          "RegistrationFunction",
          List.of("sqs:SendMessage Queue.Arn", "events:EnableRule " + SWEEP),
          "TriggerFunction",
          List.of(
              "sqs:SendMessage Queue.Arn",
              "sqs:GetQueueAttributes Queue.Arn",
              "sqs:SendMessage UndeliveredEvents.Arn",
              "events:EnableRule " + SWEEP,
              "events:DisableRule " + SWEEP),
          "ExecutorFunction",
          List.of(
              "sqs:ReceiveMessage Queue.Arn",
              "sqs:DeleteMessage Queue.Arn",
              "sqs:GetQueueAttributes Queue.Arn",
              "sqs:ChangeMessageVisibility Queue.Arn",
              "sqs:SendMessage Queue.Arn"),
          "ControlFunction",
          List.of("sqs:SendMessage Queue.Arn", "events:EnableRule " + SWEEP),
          "DashboardFunction",
          List.of());

  @Test
  void thereAreNoOtherRolesAndPolicies() {
    assertThat(Template.resources("AWS::IAM::Role"))
        .containsOnlyKeys(FUNCTIONS.stream().map(PermissionsTest::role).toArray(String[]::new));
    assertThat(Template.resources("AWS::IAM::ManagedPolicy"))
        .containsOnlyKeys(SHARED.toArray(String[]::new));
    assertThat(Template.resources("AWS::IAM::Policy")).isEmpty();
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void functionHasARoleThatOnlyLambdaCanTakeOn(String function) {
    assertThat(brief(functionProperty(function, "Role"))).isEqualTo(role(function) + ".Arn");
    // SAM ignores these where a role is given: they would only seem to grant something.
    assertThat(properties(function).has("Policies")).isFalse();

    JsonNode trust = properties(role(function)).at("/AssumeRolePolicyDocument/Statement");
    assertThat(trust).hasSize(1);
    assertThat(trust.at("/0/Principal").toString())
        .isEqualTo("{\"Service\":\"lambda.amazonaws.com\"}");
    assertThat(trust.at("/0/Effect").asText()).isEqualTo("Allow");
    assertThat(trust.at("/0/Action").asText()).isEqualTo("sts:AssumeRole");
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void roleMayDoWhatItsFunctionDoesAndNoMore(String function) {
    String logs = function.replace("Function", "Logs") + ".Arn";
    List<String> expected = new ArrayList<>(OWN.get(function));
    expected.add("logs:CreateLogStream " + logs);
    expected.add("logs:PutLogEvents " + logs);
    if (Template.WRITERS.contains(function)) {
      expected.add("events:PutEvents " + BUS);
    }

    assertThat(grants(ownStatements(function))).containsExactlyInAnyOrderElementsOf(expected);
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void functionMayPublishStatusesOnly(String function) {
    for (JsonNode statement : ownStatements(function)) {
      if (actions(statement).contains("events:PutEvents")) {
        assertThat(statement.path("Condition").toString())
            .isEqualTo(
                "{\"ForAllValues:StringEquals\":{\"events:source\":\"longhaul\","
                    + "\"events:detail-type\":\"Migration Status Changed\"}}");
      }
    }
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void sharedPoliciesAreAttachedOnlyWhereTheyExist(String function) {
    JsonNode attached = properties(role(function)).path("ManagedPolicyArns");

    String database =
        "{\"Fn::If\":[\"HasCredentials\",{\"Ref\":\"DatabaseAccess\"},{\"Ref\":\"AWS::NoValue\"}]}";
    String registrar =
        "{\"Fn::If\":[\"HasRegistrar\",{\"Ref\":\"RegistrarAccess\"}," + database + "]}";
    String viewer = "{\"Fn::If\":[\"HasViewer\",{\"Ref\":\"ViewerAccess\"}," + registrar + "]}";
    assertThat(attached.toString())
        .isEqualTo(
            "["
                + switch (function) {
                  case "ExecutorFunction" -> database;
                  case "DashboardFunction" -> viewer;
                  default -> registrar;
                }
                + ","
                + "{\"Fn::If\":[\"InVpc\",{\"Ref\":\"NetworkAccess\"},{\"Ref\":\"AWS::NoValue\"}]}"
                + (Template.WRITERS.contains(function)
                    ? ",{\"Fn::If\":[\"HasKey\",{\"Ref\":\"KeyAccess\"},{\"Ref\":\"AWS::NoValue\"}]}"
                    : "")
                + "]");
    assertThat(Template.resource("DatabaseAccess").path("Condition").asText())
        .isEqualTo("HasCredentials");
    assertThat(Template.resource("NetworkAccess").path("Condition").asText()).isEqualTo("InVpc");
    assertThat(Template.resource("KeyAccess").path("Condition").asText()).isEqualTo("HasKey");
    assertThat(Template.resource("RegistrarAccess").path("Condition").asText())
        .isEqualTo("HasRegistrar");
    assertThat(Template.resource("ViewerAccess").path("Condition").asText()).isEqualTo("HasViewer");
  }

  @Test
  void eachWayIntoTheDatabaseIsGrantedOnlyWhereItIsUsed() {
    String user = "arn:${AWS::Partition}:rds-db:" + OWN_ACCOUNT + "dbuser:${DatabaseResourceId}/";

    assertThat(optionalGrants("DatabaseAccess"))
        .containsExactly(
            "UsesToken: rds-db:connect " + user + "${DatabaseUser}",
            "HasSecret: secretsmanager:GetSecretValue DatabaseSecretArn",
            "HasSecretKey: kms:Decrypt DatabaseSecretKeyArn",
            "HasTargetDatabaseUsers: rds-db:connect TargetDatabaseUserArns",
            "HasTargetSecrets: secretsmanager:GetSecretValue TargetSecretArns",
            "HasTargetSecretKeys: kms:Decrypt TargetSecretKeyArns");
    assertThat(optionalGrants("RegistrarAccess"))
        .containsExactly(
            "HasRegistrarUser: rds-db:connect " + user + "${RegistrarUser}",
            "HasRegistrarSecret: secretsmanager:GetSecretValue RegistrarSecretArn",
            "HasSecretKey: kms:Decrypt DatabaseSecretKeyArn");
    assertThat(optionalGrants("ViewerAccess"))
        .containsExactly(
            "HasViewerUser: rds-db:connect " + user + "${ViewerUser}",
            "HasViewerSecret: secretsmanager:GetSecretValue ViewerSecretArn",
            "HasSecretKey: kms:Decrypt DatabaseSecretKeyArn");
  }

  private static List<String> optionalGrants(String policy) {
    List<String> granted = new ArrayList<>();
    for (JsonNode optional : statements(policy)) {
      JsonNode choice = optional.path("Fn::If");
      assertThat(brief(choice.path(2))).isEqualTo("AWS::NoValue");
      if (actions(choice.path(1)).contains("kms:Decrypt")) {
        assertThat(brief(choice.at("/1/Condition/StringEquals/kms:ViaService")))
            .isEqualTo("secretsmanager.${AWS::Region}.${AWS::URLSuffix}");
      }
      for (String grant : grants(List.of(choice.path(1)))) {
        granted.add(choice.path(0).asText() + ": " + grant);
      }
    }
    return granted;
  }

  @Test
  void codeOfTheFunctionsIsDeniedWhatLambdaNeedsForTheVpc() {
    List<JsonNode> statements = statements("NetworkAccess");
    assertThat(statements).hasSize(2);
    JsonNode allow = statements.get(0);
    JsonNode deny = statements.get(1);

    assertThat(allow.path("Effect").asText()).isEqualTo("Allow");
    assertThat(deny.path("Effect").asText()).isEqualTo("Deny");
    assertThat(actions(deny)).isEqualTo(actions(allow));
    assertThat(allow.path("Resource").asText()).isEqualTo("*");
    assertThat(deny.path("Resource").asText()).isEqualTo("*");
    assertThat(deny.at("/Condition/ArnLike/lambda:SourceFunctionArn").findValuesAsText("Fn::Sub"))
        .containsExactlyElementsOf(
            FUNCTIONS.stream()
                .map(
                    f ->
                        "arn:${AWS::Partition}:lambda:"
                            + OWN_ACCOUNT
                            + "function:${AWS::StackName}-"
                            + f
                            + "*")
                .toList());
  }

  @Test
  void keyIsForTheQueuesOnly() {
    JsonNode statement = statements("KeyAccess").getFirst();

    assertThat(grants(statements("KeyAccess")))
        .containsExactly("kms:GenerateDataKey KmsKeyArn", "kms:Decrypt KmsKeyArn");
    assertThat(brief(statement.at("/Condition/StringEquals/kms:ViaService")))
        .isEqualTo("sqs.${AWS::Region}.${AWS::URLSuffix}");
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void roleStaysWithinTheBoundaryOfTheOrganisation(String function) {
    assertThat(properties(role(function)).path("PermissionsBoundary").toString())
        .isEqualTo(
            "{\"Fn::If\":[\"HasBoundary\",{\"Ref\":\"PermissionsBoundaryArn\"},{\"Ref\":\"AWS::NoValue\"}]}");
  }

  /// Without it a document is read by the rules of 2008, which know no variables.
  @Test
  void policiesAreInTheLanguageOfToday() {
    for (JsonNode document : Template.section("Resources").findParents("Statement")) {
      assertThat(document.path("Version").asText()).isEqualTo("2012-10-17");
    }
  }

  /// In a key's own policy "*" is that key: see AlarmsTest.
  @Test
  void nothingIsAllowedByWildcardButTheNetworkInterfaces() {
    List<String> wild = new ArrayList<>();
    ObjectNode others = Template.section("Resources").deepCopy();
    others.remove("AlarmKey");
    for (JsonNode statement : others.findParents("Effect")) {
      if (statement.path("Effect").asText().equals("Allow")) {
        assertThat(statement.has("NotAction") || statement.has("NotResource")).isFalse();
        actions(statement).stream().filter(a -> a.contains("*")).forEach(wild::add);
        if (statement.path("Resource").toString().contains("*")) {
          wild.addAll(actions(statement));
        }
      }
    }

    assertThat(wild)
        .containsExactlyInAnyOrder(
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DeleteNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses");
  }

  @Test
  void pageOnPermissionsSaysTheSame() throws IOException {
    String page = Files.readString(Template.PROJECT.resolve("docs/permissions.md"));

    for (String function : FUNCTIONS) {
      List<String> granted =
          ownStatements(function).stream().flatMap(s -> actions(s).stream()).toList();
      assertThat(documented(page, function))
          .as(function)
          .containsExactlyInAnyOrderElementsOf(granted);
    }
    assertThat(documented(page, "DatabaseAccess"))
        .containsExactlyInAnyOrder(
            "rds-db:connect", "secretsmanager:GetSecretValue", "kms:Decrypt");
    assertThat(documented(page, "RegistrarAccess"))
        .containsExactlyInAnyOrder(
            "rds-db:connect", "secretsmanager:GetSecretValue", "kms:Decrypt");
    assertThat(documented(page, "KeyAccess"))
        .containsExactlyElementsOf(actions(statements("KeyAccess").getFirst()));
    assertThat(documented(page, "NetworkAccess"))
        .containsExactlyElementsOf(actions(statements("NetworkAccess").getFirst()));
  }

  /// The first column of the table under a heading.
  private static List<String> documented(String page, String heading) {
    String section = page.split("\n## " + heading + "\n", 2)[1].split("\n## ", 2)[0];
    return Pattern.compile("(?m)^\\| `([^`]+)` \\|")
        .matcher(section)
        .results()
        .map((MatchResult row) -> row.group(1))
        .toList();
  }

  private static String role(String function) {
    return function.replace("Function", "Role");
  }

  private static List<JsonNode> ownStatements(String function) {
    JsonNode policies = properties(role(function)).path("Policies");
    assertThat(policies).hasSize(1);
    return elements(policies.at("/0/PolicyDocument/Statement"));
  }

  private static List<JsonNode> statements(String managedPolicy) {
    return elements(properties(managedPolicy).at("/PolicyDocument/Statement"));
  }

  private static List<String> grants(List<JsonNode> statements) {
    List<String> grants = new ArrayList<>();
    for (JsonNode statement : statements) {
      assertThat(statement.path("Effect").asText()).isEqualTo("Allow");
      for (String action : actions(statement)) {
        grants.add(action + " " + brief(statement.path("Resource")));
      }
    }
    return grants;
  }

  private static List<String> actions(JsonNode statement) {
    JsonNode action = statement.path("Action");
    return action.isTextual()
        ? List.of(action.asText())
        : elements(action).stream().map(JsonNode::asText).toList();
  }

  private static List<JsonNode> elements(JsonNode array) {
    List<JsonNode> elements = new ArrayList<>();
    array.forEach(elements::add);
    return elements;
  }
}
