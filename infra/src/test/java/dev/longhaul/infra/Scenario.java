package dev.longhaul.infra;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.ISubnet;
import software.amazon.awscdk.services.ec2.IVpc;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.Subnet;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ec2.VpcAttributes;
import software.amazon.awscdk.services.events.EventBus;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.iam.ManagedPolicy;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.lambda.CodeSigningConfig;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.rds.DatabaseCluster;
import software.amazon.awscdk.services.rds.DatabaseClusterAttributes;
import software.amazon.awscdk.services.rds.IDatabaseCluster;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.secretsmanager.SecretAttributes;
import software.amazon.awscdk.services.sns.Topic;

/// One deployment, said twice: as parameters of the template, and as settings of the construct.
///
/// @param name the stack's
/// @param parameters those that are not left at their defaults
record Scenario(
    String name,
    Map<String, String> parameters,
    BiConsumer<Stack, LonghaulProps.Builder> settings) {
  private static final String SECRET =
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:longhaul-AbCdEf";
  private static final String VIEWER =
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:viewer-AbCdEf";
  private static final String REGISTRAR =
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:registrar-AbCdEf";
  private static final String KEY = "arn:aws:kms:us-east-1:123456789012:key/1f2e3d4c";
  private static final String HOST = "app.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com";
  private static final String BOUNDARY = "arn:aws:iam::123456789012:policy/boundary";
  private static final String TOPIC = "arn:aws:sns:us-east-1:123456789012:people";
  private static final String SIGNING =
      "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdefg";

  Scenario {
    parameters = Map.copyOf(parameters);
  }

  LonghaulProps props(Stack stack) {
    LonghaulProps.Builder builder = LonghaulProps.builder().archive(Synthesis.archive());
    settings.accept(stack, builder);
    return builder.build();
  }

  static final List<Scenario> ALL =
      List.of(
          new Scenario(
              "secret",
              Map.of(
                  "DatabaseSecretArn", SECRET,
                  "DatabaseSecretKeyArn", KEY,
                  "AlarmEmail", "people@example.com"),
              (stack, settings) ->
                  settings
                      .database(Database.withSecret(secret(stack, SECRET, KEY)))
                      .alarmEmail("people@example.com")),
          new Scenario(
              "user",
              Map.ofEntries(
                  Map.entry("DatabaseHost", HOST),
                  Map.entry("DatabasePort", "6432"),
                  Map.entry("DatabaseName", "app"),
                  Map.entry("DatabaseUser", "longhaul"),
                  Map.entry("DatabaseResourceId", "cluster-ABCDEFGHIJKL"),
                  Map.entry("RegistrarUser", "registrar"),
                  Map.entry("ViewerUser", "viewer"),
                  Map.entry(
                      "DatabaseHealth",
                      "{\"archive_queue_segments\":0,\"replica_lag_seconds\":[5,15,60],\"vcpus\":4}"),
                  Map.entry("AllowScheduledMigrations", "true"),
                  Map.entry("TimedTriggerSchedule", "cron(0 2 ? * SAT *)"),
                  Map.entry("EventBusName", "deployments"),
                  Map.entry("Architecture", "x86_64"),
                  Map.entry("SnapStart", "None"),
                  Map.entry("ExecutorMemory", "1024"),
                  Map.entry("ExecutorTimeout", "600"),
                  Map.entry("DetachAfter", "30"),
                  Map.entry("ExecutorConcurrency", "7"),
                  Map.entry("ReserveConcurrency", "true"),
                  Map.entry("LogRetentionDays", "90"),
                  Map.entry("HistoryRetentionDays", "400"),
                  Map.entry("AlarmEmail", "people@example.com"),
                  Map.entry("AlarmTopicArn", TOPIC),
                  Map.entry("Dashboard", "true"),
                  Map.entry("TestEvents", "NewRegistry"),
                  Map.entry("PermissionsBoundaryArn", BOUNDARY),
                  Map.entry("KmsKeyArn", KEY),
                  Map.entry("CodeSigningConfigArn", SIGNING)),
              (stack, settings) ->
                  settings
                      .database(
                          Database.withUser("longhaul")
                              .at(HOST, 6432, "cluster-ABCDEFGHIJKL")
                              .named("app")
                              .registeringAs("registrar")
                              .viewingAs("viewer"))
                      .health(
                          Map.of(
                              "vcpus", 4,
                              "replica_lag_seconds", List.of(5, 15, 60),
                              "archive_queue_segments", 0))
                      .allowScheduledMigrations(true)
                      .timedTrigger(Schedule.expression("cron(0 2 ? * SAT *)"))
                      .eventBus(EventBus.fromEventBusName(stack, "Bus", "deployments"))
                      .architecture(Architecture.X86_64)
                      .snapStart(false)
                      .executorMemory(1024)
                      .executorTimeout(Duration.minutes(10))
                      .detachAfter(Duration.seconds(30))
                      .executorConcurrency(7)
                      .reserveConcurrency(true)
                      .logRetention(RetentionDays.THREE_MONTHS)
                      .historyRetentionDays(400)
                      .alarmEmail("people@example.com")
                      .alarmTopic(Topic.fromTopicArn(stack, "Topic", TOPIC))
                      .dashboard(true)
                      .testEvents(TestEventRegistry.NEW)
                      .permissionsBoundary(
                          ManagedPolicy.fromManagedPolicyArn(stack, "Boundary", BOUNDARY))
                      .encryptionKey(Key.fromKeyArn(stack, "Key", KEY))
                      .codeSigningConfig(
                          CodeSigningConfig.fromCodeSigningConfigArn(stack, "Signing", SIGNING))),
          new Scenario(
              "network",
              Map.ofEntries(
                  Map.entry("DatabaseSecretArn", SECRET),
                  Map.entry("RegistrarSecretArn", REGISTRAR),
                  Map.entry("ViewerSecretArn", VIEWER),
                  Map.entry("DatabaseHost", HOST),
                  Map.entry("DatabasePort", "6432"),
                  Map.entry("SubnetIds", "subnet-0a1b2c3d,subnet-2c3d4e5f"),
                  Map.entry("SecurityGroupIds", "sg-0c1d2e3f"),
                  Map.entry("VpcId", "vpc-0a1b2c3d"),
                  Map.entry("DatabaseSecurityGroupId", "sg-0e1f2a3b"),
                  Map.entry("SqsEndpoint", "true"),
                  Map.entry("EventBridgeEndpoint", "true"),
                  Map.entry("SecretsManagerEndpoint", "true"),
                  Map.entry("Alarms", "false"),
                  Map.entry("Dashboard", "true"),
                  Map.entry("TestEvents", "ExistingRegistry")),
              (stack, settings) ->
                  settings
                      .database(
                          Database.withSecret(secret(stack, SECRET, null))
                              .at(cluster(stack))
                              .registeringWith(
                                  Secret.fromSecretCompleteArn(stack, "Registrar", REGISTRAR))
                              .viewingWith(Secret.fromSecretCompleteArn(stack, "Viewer", VIEWER)))
                      .vpc(vpc(stack))
                      .vpcSubnets(subnets(stack))
                      .securityGroups(
                          List.of(SecurityGroup.fromSecurityGroupId(stack, "Other", "sg-0c1d2e3f")))
                      .sqsEndpoint(true)
                      .eventBridgeEndpoint(true)
                      .secretsManagerEndpoint(true)
                      .alarms(false)
                      .dashboard(true)
                      .testEvents(TestEventRegistry.EXISTING)),
          new Scenario(
              "several",
              Map.of(
                  "DatabaseTargets",
                  "{\"audit\":{\"host\":\"%s\",\"name\":\"audit\",\"port\":5432,\"user\":\"longhaul\"},\"main\":{\"secret_arn\":\"%s\"}}"
                      .formatted(HOST, SECRET),
                  "TargetSecretArns",
                  SECRET,
                  "TargetSecretKeyArns",
                  KEY,
                  "TargetDatabaseUserArns",
                  "arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:cluster-ABCDEFGHIJKL/longhaul"),
              (stack, settings) ->
                  settings
                      .target("main", Database.withSecret(secret(stack, SECRET, KEY)))
                      .target(
                          "audit",
                          Database.withUser("longhaul")
                              .at(HOST, 5432, "cluster-ABCDEFGHIJKL")
                              .named("audit"))));

  private static ISecret secret(Stack stack, String arn, @Nullable String key) {
    SecretAttributes.Builder attributes = SecretAttributes.builder().secretCompleteArn(arn);
    if (key != null) {
      attributes.encryptionKey(Key.fromKeyArn(stack, "SecretKey", key));
    }
    return Secret.fromSecretAttributes(stack, "Secret", attributes.build());
  }

  private static IDatabaseCluster cluster(Stack stack) {
    return DatabaseCluster.fromDatabaseClusterAttributes(
        stack,
        "Cluster",
        DatabaseClusterAttributes.builder()
            .clusterIdentifier("app")
            .clusterEndpointAddress(HOST)
            .port(6432)
            .securityGroups(
                List.of(SecurityGroup.fromSecurityGroupId(stack, "ClusterGroup", "sg-0e1f2a3b")))
            .build());
  }

  private static IVpc vpc(Stack stack) {
    return Vpc.fromVpcAttributes(
        stack,
        "Vpc",
        VpcAttributes.builder()
            .vpcId("vpc-0a1b2c3d")
            .availabilityZones(List.of("us-east-1a", "us-east-1b"))
            .privateSubnetIds(List.of("subnet-0a1b2c3d", "subnet-2c3d4e5f"))
            .build());
  }

  private static SubnetSelection subnets(Stack stack) {
    List<ISubnet> subnets =
        List.of(
            Subnet.fromSubnetId(stack, "A", "subnet-0a1b2c3d"),
            Subnet.fromSubnetId(stack, "B", "subnet-2c3d4e5f"));
    return SubnetSelection.builder().subnets(subnets).build();
  }
}
