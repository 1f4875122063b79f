package dev.longhaul.template;

import static dev.longhaul.template.Template.brief;
import static dev.longhaul.template.Template.properties;
import static dev.longhaul.template.Template.resource;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkTest {
  private static final JsonNode CONDITIONS = Template.section("Conditions");

  @Test
  void nothingOfTheNetworkIsMadeUnasked() {
    for (String type : List.of("SecurityGroup", "SecurityGroupIngress", "VPCEndpoint")) {
      for (String logicalId : Template.resources("AWS::EC2::" + type).keySet()) {
        assertThat(resource(logicalId).path("Condition").asText())
            .as(logicalId)
            .isIn(
                "HasVpc",
                "HasDatabaseSecurityGroup",
                "HasEndpoints",
                "HasSqsEndpoint",
                "HasEventBridgeEndpoint",
                "HasSecretsManagerEndpoint");
      }
    }
    assertThat(Template.resources("AWS::EC2::VPCEndpoint")).hasSize(3);
    assertThat(CONDITIONS.path("HasVpc").toString())
        .isEqualTo("{\"Fn::And\":[{\"Condition\":\"InVpc\"},%s]}".formatted(given("VpcId")));
    assertThat(CONDITIONS.path("HasDatabaseSecurityGroup").toString())
        .isEqualTo(
            "{\"Fn::And\":[{\"Condition\":\"HasVpc\"},%s]}"
                .formatted(given("DatabaseSecurityGroupId")));
    assertThat(CONDITIONS.path("HasEndpoints").toString())
        .isEqualTo(
            "{\"Fn::Or\":[{\"Condition\":\"HasSqsEndpoint\"},"
                + "{\"Condition\":\"HasEventBridgeEndpoint\"},"
                + "{\"Condition\":\"HasSecretsManagerEndpoint\"}]}");
  }

  private static String given(String parameter) {
    return "{\"Fn::Not\":[{\"Fn::Equals\":[{\"Ref\":\"%s\"},\"\"]}]}".formatted(parameter);
  }

  @Test
  void functionsJoinTheirOwnSecurityGroupWhereTheVpcIsGiven() {
    JsonNode vpc = Template.section("Globals").at("/Function/VpcConfig/Fn::If");
    JsonNode groups = vpc.at("/1/SecurityGroupIds/Fn::If");

    assertThat(vpc.path(0).asText()).isEqualTo("InVpc");
    assertThat(brief(vpc.path(1).path("SubnetIds"))).isEqualTo("SubnetIds");
    assertThat(brief(vpc.path(2))).isEqualTo("AWS::NoValue");
    assertThat(groups.path(0).asText()).isEqualTo("HasVpc");
    assertThat(groups.at("/1/Fn::If/0").asText()).isEqualTo("HasSecurityGroups");
    assertThat(groups.at("/1/Fn::If/1/Fn::Split/1/Fn::Sub/0").asText())
        .isEqualTo("${FunctionSecurityGroup.GroupId},${Others}");
    assertThat(groups.at("/1/Fn::If/1/Fn::Split/1/Fn::Sub/1/Others").toString())
        .isEqualTo("{\"Fn::Join\":[\",\",{\"Ref\":\"SecurityGroupIds\"}]}");
    assertThat(groups.at("/1/Fn::If/2").toString())
        .isEqualTo("[{\"Fn::GetAtt\":\"FunctionSecurityGroup.GroupId\"}]");
    assertThat(brief(groups.path(2))).isEqualTo("SecurityGroupIds");
  }

  @Test
  void functionsReachTheDatabaseAndAwsAndNothingElse() {
    JsonNode egress = properties("FunctionSecurityGroup").path("SecurityGroupEgress");
    JsonNode toDatabase = egress.at("/1/Fn::If/1");

    assertThat(properties("FunctionSecurityGroup").has("SecurityGroupIngress")).isFalse();
    assertThat(egress).hasSize(2);
    assertThat(ports(egress.path(0))).isEqualTo("tcp 443 443");
    assertThat(egress.at("/1/Fn::If/0").asText()).isEqualTo("HasDatabaseSecurityGroup");
    assertThat(ports(toDatabase)).isEqualTo("tcp DatabasePort DatabasePort");
    assertThat(brief(toDatabase.path("DestinationSecurityGroupId")))
        .isEqualTo("DatabaseSecurityGroupId");
  }

  @Test
  void databaseLetsTheFunctionsInAtItsPort() {
    JsonNode ingress = properties("DatabaseIngress");

    assertThat(brief(ingress.path("GroupId"))).isEqualTo("DatabaseSecurityGroupId");
    assertThat(ports(ingress)).isEqualTo("tcp DatabasePort DatabasePort");
    assertThat(brief(ingress.path("SourceSecurityGroupId")))
        .isEqualTo("FunctionSecurityGroup.GroupId");
  }

  @Test
  void endpointsLetTheFunctionsInOnly() {
    JsonNode ingress = properties("EndpointSecurityGroup").path("SecurityGroupIngress");

    assertThat(ingress).hasSize(1);
    assertThat(ports(ingress.path(0))).isEqualTo("tcp 443 443");
    assertThat(brief(ingress.at("/0/SourceSecurityGroupId")))
        .isEqualTo("FunctionSecurityGroup.GroupId");
  }

  @ParameterizedTest
  @CsvSource({
    "Sqs, sqs, SQS",
    "EventBridge, events, EVENTBRIDGE",
    "SecretsManager, secretsmanager, SECRETS_MANAGER"
  })
  void endpointIsUsedByTheFunctionsAndByNobodyElse(String name, String service, String variable) {
    JsonNode endpoint = properties(name + "Interface");
    JsonNode statements = endpoint.at("/PolicyDocument/Statement");

    assertThat(resource(name + "Interface").path("Condition").asText())
        .isEqualTo("Has" + name + "Endpoint");
    assertThat(brief(endpoint.path("ServiceName")))
        .isEqualTo("com.amazonaws.${AWS::Region}." + service);
    assertThat(endpoint.path("VpcEndpointType").asText()).isEqualTo("Interface");
    assertThat(endpoint.path("PrivateDnsEnabled").asBoolean(true)).isFalse();
    assertThat(endpoint.path("SecurityGroupIds").toString())
        .isEqualTo("[{\"Fn::GetAtt\":\"EndpointSecurityGroup.GroupId\"}]");
    assertThat(statements).hasSize(1);
    assertThat(
            statements.at("/0/Condition/ArnEquals/aws:PrincipalArn").findValuesAsText("Fn::GetAtt"))
        .containsExactlyElementsOf(
            (name.equals("SecretsManager") ? Template.FUNCTIONS : Template.WRITERS)
                .stream().map(f -> f.replace("Function", "Role.Arn")).toList());
    assertThat(
            Template.section("Globals")
                .at("/Function/Environment/Variables/AWS_ENDPOINT_URL_" + variable)
                .toString())
        .isEqualTo(
            "{\"Fn::If\":[\"Has%1$sEndpoint\",{\"Fn::Sub\":[\"https://${Name}\",{\"Name\":{\"Fn::Select\":[1,{\"Fn::Split\":[\":\",{\"Fn::Select\":[0,{\"Fn::GetAtt\":\"%1$sInterface.DnsEntries\"}]}]}]}}]},{\"Ref\":\"AWS::NoValue\"}]}"
                .formatted(name));
  }

  /// What a function may do by its role and cannot by an endpoint would fail in a VPC only.
  @ParameterizedTest
  @CsvSource({"Sqs, sqs:", "EventBridge, events:"})
  void endpointTakesWhatTheFunctionsCall(String name, String prefix) {
    Set<String> byRoles = new TreeSet<>();
    for (String function : Template.FUNCTIONS) {
      JsonNode policies = properties(function.replace("Function", "Role")).path("Policies");
      byRoles.addAll(actions(policies, prefix));
    }
    // Lambda receives and deletes, from outside the VPC.
    byRoles.removeAll(Set.of("sqs:ReceiveMessage", "sqs:DeleteMessage"));

    assertThat(new TreeSet<>(actions(properties(name + "Interface"), prefix))).isEqualTo(byRoles);
  }

  @Test
  void endpointReadsTheSecretsOnly() {
    JsonNode statement = properties("SecretsManagerInterface").at("/PolicyDocument/Statement/0");

    assertThat(statement.path("Action").asText()).isEqualTo("secretsmanager:GetSecretValue");
    assertThat(statement.path("Resource").toString())
        .isEqualTo(
            "{\"Fn::If\":[\"HasSecret\",[{\"Ref\":\"DatabaseSecretArn\"},"
                + "{\"Fn::If\":[\"HasRegistrarSecret\",{\"Ref\":\"RegistrarSecretArn\"},{\"Ref\":\"AWS::NoValue\"}]},"
                + "{\"Fn::If\":[\"HasViewerSecret\",{\"Ref\":\"ViewerSecretArn\"},{\"Ref\":\"AWS::NoValue\"}]}],"
                + "{\"Ref\":\"TargetSecretArns\"}]}");
    assertThat(CONDITIONS.at("/HasSecretsManagerEndpoint/Fn::And/2").toString())
        .isEqualTo(
            "{\"Fn::Or\":[{\"Condition\":\"HasSecret\"},{\"Condition\":\"HasTargetSecrets\"}]}");
  }

  private static List<String> actions(JsonNode policy, String prefix) {
    List<String> actions = new ArrayList<>();
    for (JsonNode action : policy.findValues("Action")) {
      if (action.isTextual()) {
        actions.add(action.asText());
      } else {
        action.forEach(one -> actions.add(one.asText()));
      }
    }
    actions.removeIf(action -> !action.startsWith(prefix));
    return actions;
  }

  private static String ports(JsonNode rule) {
    return "%s %s %s"
        .formatted(
            rule.path("IpProtocol").asText(),
            brief(rule.path("FromPort")),
            brief(rule.path("ToPort")));
  }
}
