package dev.longhaul.infra;

import dev.longhaul.infra.Database.Door;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.services.ec2.CfnSecurityGroup;
import software.amazon.awscdk.services.ec2.CfnSecurityGroup.EgressProperty;
import software.amazon.awscdk.services.ec2.CfnSecurityGroup.IngressProperty;
import software.amazon.awscdk.services.ec2.CfnSecurityGroupIngress;
import software.amazon.awscdk.services.ec2.CfnVPCEndpoint;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.ISubnet;
import software.amazon.awscdk.services.ec2.IVpc;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SecurityGroupImportOptions;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.iam.AnyPrincipal;
import software.amazon.awscdk.services.iam.PolicyDocument;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.constructs.Construct;

/// The functions' security group, its way into the databases, and interface endpoints for subnets
/// without NAT. The groups are plain resources: imported, nothing else changes their rules.
final class Network {
  private final Construct scope;
  private final IVpc vpc;
  private final SubnetSelection subnets;
  private final CfnSecurityGroup functions;
  private final Map<String, String> variables = new HashMap<>();

  Network(Construct scope, IVpc vpc, SubnetSelection subnets, List<Database> databases) {
    this.scope = scope;
    this.vpc = vpc;
    this.subnets = subnets;
    List<EgressProperty> egress = new ArrayList<>();
    egress.add(
        EgressProperty.builder()
            .description("APIs of AWS, by NAT or interface endpoints")
            .ipProtocol("tcp")
            .fromPort(443)
            .toPort(443)
            .cidrIp("0.0.0.0/0")
            .build());
    List<Door> doors =
        databases.stream().flatMap(database -> database.doors().stream()).distinct().toList();
    for (Door door : doors) {
      egress.add(
          EgressProperty.builder()
              .description("The database")
              .ipProtocol("tcp")
              .fromPort(door.port())
              .toPort(door.port())
              .destinationSecurityGroupId(door.securityGroup())
              .build());
    }
    functions =
        CfnSecurityGroup.Builder.create(scope, "FunctionSecurityGroup")
            .groupDescription("The functions of Longhaul")
            .vpcId(vpc.getVpcId())
            .securityGroupEgress(egress)
            .build();
    for (int i = 0; i < doors.size(); i++) {
      CfnSecurityGroupIngress.Builder.create(scope, "DatabaseIngress" + (i == 0 ? "" : i + 1))
          .description("The functions of Longhaul")
          .groupId(doors.get(i).securityGroup())
          .ipProtocol("tcp")
          .fromPort(doors.get(i).port())
          .toPort(doors.get(i).port())
          .sourceSecurityGroupId(functions.getAttrGroupId())
          .build();
    }
  }

  ISecurityGroup securityGroup() {
    return imported("FunctionSecurityGroupById", functions);
  }

  private ISecurityGroup imported(String id, CfnSecurityGroup group) {
    return SecurityGroup.fromSecurityGroupId(
        scope,
        id,
        group.getAttrGroupId(),
        SecurityGroupImportOptions.builder().mutable(false).build());
  }

  /// What the functions call; Lambda polls the queue from outside the VPC. The policies name the
  /// functions' roles, so nobody else in the VPC gets anywhere by these endpoints.
  void addEndpoint(Endpoint endpoint, List<String> resources, List<String> roles) {
    CfnSecurityGroup group =
        (CfnSecurityGroup) scope.getNode().tryFindChild("EndpointSecurityGroup");
    if (group == null) {
      group =
          CfnSecurityGroup.Builder.create(scope, "EndpointSecurityGroup")
              .groupDescription("Interface endpoints of Longhaul")
              .vpcId(vpc.getVpcId())
              .securityGroupIngress(
                  List.of(
                      IngressProperty.builder()
                          .description("The functions of Longhaul")
                          .ipProtocol("tcp")
                          .fromPort(443)
                          .toPort(443)
                          .sourceSecurityGroupId(functions.getAttrGroupId())
                          .build()))
              .build();
    }
    PolicyStatement statement =
        PolicyStatement.Builder.create()
            .principals(List.of(new AnyPrincipal()))
            .actions(endpoint.actions())
            .resources(resources)
            .conditions(Map.of("ArnEquals", Map.of("aws:PrincipalArn", roles)))
            .build();
    CfnVPCEndpoint made =
        CfnVPCEndpoint.Builder.create(scope, endpoint.id())
            .serviceName("com.amazonaws.%s.%s".formatted(Aws.REGION, endpoint.service()))
            .vpcEndpointType("Interface")
            .vpcId(vpc.getVpcId())
            .subnetIds(subnetIds())
            .securityGroupIds(List.of(group.getAttrGroupId()))
            .privateDnsEnabled(false)
            .policyDocument(PolicyDocument.Builder.create().statements(List.of(statement)).build())
            .build();
    // The first of its entries, "zone id:name": its own name needs no private one, which would send
    // the calls of all others in the VPC through it.
    String name = Fn.select(1, Fn.split(":", Fn.select(0, made.getAttrDnsEntries())));
    variables.put(endpoint.variable(), "https://" + name);
  }

  /// Chosen by hand, they may be known by their ids alone; a selection reads more of them.
  private List<String> subnetIds() {
    List<ISubnet> chosen = subnets.getSubnets();
    return chosen == null
        ? vpc.selectSubnets(subnets).getSubnetIds()
        : chosen.stream().map(ISubnet::getSubnetId).toList();
  }

  Map<String, String> variables() {
    return variables;
  }

  /// @param variable what tells the SDK the endpoint's name
  record Endpoint(String id, String service, String variable, List<String> actions) {
    static final Endpoint SQS =
        new Endpoint(
            "SqsInterface",
            "sqs",
            "AWS_ENDPOINT_URL_SQS",
            List.of("sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"));
    static final Endpoint EVENT_BRIDGE =
        new Endpoint(
            "EventBridgeInterface",
            "events",
            "AWS_ENDPOINT_URL_EVENTBRIDGE",
            List.of("events:PutEvents", "events:EnableRule", "events:DisableRule"));
    static final Endpoint SECRETS_MANAGER =
        new Endpoint(
            "SecretsManagerInterface",
            "secretsmanager",
            "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            List.of("secretsmanager:GetSecretValue"));

    Endpoint {
      actions = List.copyOf(actions);
    }
  }
}
