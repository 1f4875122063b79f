package dev.longhaul.infra;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.IEventBus;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.IManagedPolicy;
import software.amazon.awscdk.services.iam.ManagedPolicy;
import software.amazon.awscdk.services.iam.PolicyDocument;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.constructs.Construct;

/// One role for each function, which may do what its function does and no more: docs/permissions.md
/// says of each permission why. What CDK would grant by itself is more.
final class Roles {
  /// Lambda uses these with the function's role; no resource has an id yet when it does.
  private static final List<String> NETWORK_INTERFACES =
      List.of(
          "ec2:CreateNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:DeleteNetworkInterface",
          "ec2:AssignPrivateIpAddresses",
          "ec2:UnassignPrivateIpAddresses");

  private static final String READER = "Dashboard";

  private final Construct scope;
  private final Queues queues;
  private final String busArn;
  private final String sweepArn;
  private @Nullable IManagedPolicy network;
  private @Nullable IManagedPolicy key;
  private @Nullable IManagedPolicy runner;
  private @Nullable IManagedPolicy registrar;
  private @Nullable IManagedPolicy viewer;
  private final @Nullable IManagedPolicy boundary;
  private final Map<String, Role> roles = new LinkedHashMap<>();

  Roles(
      Construct scope,
      String prefix,
      Queues queues,
      IEventBus bus,
      @Nullable IManagedPolicy boundary) {
    this.scope = scope;
    this.queues = queues;
    this.boundary = boundary;
    this.busArn = bus.getEventBusArn();
    this.sweepArn = Stack.of(scope).formatArn(arn("events", "rule", prefix + "-sweep").build());
  }

  private static ArnComponents.Builder arn(String service, String resource, String name) {
    return ArnComponents.builder().service(service).resource(resource).resourceName(name);
  }

  // --- what is theirs in common ---

  /// All functions read and write the journal, which is in the database.
  ///
  /// @param registrars what those use instead that run no SQL; empty if they do as the executor
  ///   does
  /// @param viewers what the dashboard uses instead; empty if it does as the others
  void enter(List<Database> databases, List<Database> registrars, List<Database> viewers) {
    runner =
        access(
            "DatabaseAccess",
            "The databases of Longhaul, by IAM authentication or by secret",
            databases);
    registrar =
        registrars.isEmpty()
            ? runner
            : access(
                "RegistrarAccess",
                "The database of Longhaul, as the user that only writes the journal",
                registrars);
    viewer =
        viewers.isEmpty()
            ? registrar
            : access(
                "ViewerAccess",
                "The database of Longhaul, as the user that only reads the journal",
                viewers);
  }

  private IManagedPolicy access(String id, String description, List<Database> databases) {
    List<String> secretArns = LonghaulProps.secretArns(databases);
    List<PolicyStatement> statements = new ArrayList<>();
    List<String> users = databases.stream().filter(d -> d.user() != null).map(this::user).toList();
    List<String> keys =
        databases.stream()
            .map(Database::secret)
            .filter(Objects::nonNull)
            .map(ISecret::getEncryptionKey)
            .filter(Objects::nonNull)
            .map(IKey::getKeyArn)
            .distinct()
            .toList();
    if (!users.isEmpty()) {
      statements.add(allow("ConnectAsUser", users, "rds-db:connect"));
    }
    if (!secretArns.isEmpty()) {
      statements.add(allow("ReadSecret", secretArns, "secretsmanager:GetSecretValue"));
    }
    if (!keys.isEmpty()) {
      PolicyStatement decrypt = allow("DecryptSecret", keys, "kms:Decrypt");
      decrypt.addCondition("StringEquals", onlyBy("secretsmanager"));
      statements.add(decrypt);
    }
    return policy(id, description, statements);
  }

  private String user(Database database) {
    return Stack.of(scope)
        .formatArn(
            arn("rds-db", "dbuser", database.resourceId() + "/" + database.user())
                .arnFormat(ArnFormat.COLON_RESOURCE_NAME)
                .build());
  }

  /// @param functionNames whose code may not do what Lambda does for it
  void joinVpc(List<String> functionNames) {
    List<String> arns =
        functionNames.stream()
            .map(
                name ->
                    Stack.of(scope)
                        .formatArn(
                            arn("lambda", "function", name + "*")
                                .arnFormat(ArnFormat.COLON_RESOURCE_NAME)
                                .build()))
            .toList();
    PolicyStatement deny =
        PolicyStatement.Builder.create()
            .sid("DenyTheFunctionsThemselves")
            .effect(Effect.DENY)
            .actions(NETWORK_INTERFACES)
            .resources(List.of("*"))
            .conditions(Map.of("ArnLike", Map.of("lambda:SourceFunctionArn", arns)))
            .build();
    network =
        policy(
            "NetworkAccess",
            "Lets Lambda join the functions of Longhaul to the VPC, and keeps their code from doing"
                + " so",
            List.of(
                allow(
                    "LetLambdaManageNetworkInterfaces",
                    List.of("*"),
                    NETWORK_INTERFACES.toArray(String[]::new)),
                deny));
    Acknowledged.finding(
        scope.getNode().findChild("NetworkAccess"),
        "IAM5[Resource::*]",
        "Network interfaces have no ids yet when this is decided, and EC2 knows no resources for"
            + " its Describe actions. It is Lambda that uses this; a second statement denies it to"
            + " the functions' code.");
  }

  /// The key of the queues, and nothing else that it encrypts.
  void use(IKey queueKey) {
    PolicyStatement use =
        allow(
            "UseKeyForQueues", List.of(queueKey.getKeyArn()), "kms:GenerateDataKey", "kms:Decrypt");
    use.addCondition("StringEquals", onlyBy("sqs"));
    key =
        policy(
            "KeyAccess",
            "The key of Longhaul's queues, and nothing else that it encrypts",
            List.of(use));
  }

  private static Map<String, String> onlyBy(String service) {
    return Map.of("kms:ViaService", service + "." + Aws.REGION + "." + Aws.URL_SUFFIX);
  }

  private ManagedPolicy policy(String id, String description, List<PolicyStatement> statements) {
    return ManagedPolicy.Builder.create(scope, id)
        .description(description)
        .statements(statements)
        .build();
  }

  // --- each function's own; after what is in common ---

  Role registration(LogGroup logs) {
    return role(
        "Registration",
        logs,
        allow("QueueMigrations", queues.queue.getQueueArn(), "sqs:SendMessage"),
        publish(),
        allow("SwitchSweepOn", sweepArn, "events:EnableRule"));
  }

  Role trigger(LogGroup logs) {
    return role(
        "Trigger",
        logs,
        allow(
            "QueueMigrations",
            queues.queue.getQueueArn(),
            "sqs:SendMessage",
            "sqs:GetQueueAttributes"),
        allow("KeepFailedRequests", queues.undeliveredEvents.getQueueArn(), "sqs:SendMessage"),
        publish(),
        allow("SwitchSweepOnAndOff", sweepArn, "events:EnableRule", "events:DisableRule"));
  }

  Role executor(LogGroup logs) {
    return role(
        "Executor",
        logs,
        allow(
            "TakeAndContinueMigrations",
            queues.queue.getQueueArn(),
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ChangeMessageVisibility",
            "sqs:SendMessage"),
        publish());
  }

  Role control(LogGroup logs) {
    return role(
        "Control",
        logs,
        allow("QueueMigrations", queues.queue.getQueueArn(), "sqs:SendMessage"),
        publish(),
        allow("SwitchSweepOn", sweepArn, "events:EnableRule"));
  }

  /// It reads, and no more: no queue, no bus, no rule, and no function that it could invoke.
  Role dashboard(LogGroup logs) {
    return role(READER, logs);
  }

  private Role role(String name, LogGroup logs, PolicyStatement... own) {
    List<PolicyStatement> statements = new ArrayList<>();
    statements.add(
        PolicyStatement.Builder.create()
            .sid("WriteOwnLogs")
            .actions(List.of("logs:CreateLogStream", "logs:PutLogEvents"))
            .resources(List.of(logs.getLogGroupArn()))
            .build());
    statements.addAll(List.of(own));
    List<IManagedPolicy> policies = new ArrayList<>();
    policies.add(
        Objects.requireNonNull(
            switch (name) {
              case "Executor" -> runner;
              case READER -> viewer;
              default -> registrar;
            }));
    if (network != null) {
      policies.add(network);
    }
    if (key != null && !name.equals(READER)) {
      policies.add(key);
    }
    Role.Builder start =
        Role.Builder.create(scope, name + "Role")
            .description("Longhaul's " + name + "Function")
            .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
            .managedPolicies(policies)
            .inlinePolicies(
                Map.of(
                    name.toLowerCase(Locale.ROOT),
                    PolicyDocument.Builder.create().statements(statements).build()));
    if (boundary != null) {
      start.permissionsBoundary(boundary);
    }
    Role role = start.build();
    roles.put(name, role);
    return role;
  }

  /// Under Longhaul's own name only, and never "Run Migrations", so that no function can trigger
  /// another.
  private PolicyStatement publish() {
    PolicyStatement publish = allow("PublishStatus", busArn, "events:PutEvents");
    publish.addCondition(
        "ForAllValues:StringEquals",
        Map.of("events:source", "longhaul", "events:detail-type", "Migration Status Changed"));
    return publish;
  }

  private static PolicyStatement allow(String sid, String resource, String... actions) {
    return allow(sid, List.of(resource), actions);
  }

  private static PolicyStatement allow(String sid, List<String> resources, String... actions) {
    return PolicyStatement.Builder.create()
        .sid(sid)
        .actions(List.of(actions))
        .resources(resources)
        .build();
  }

  String sweepArn() {
    return sweepArn;
  }

  List<String> arns() {
    return roles.values().stream().map(Role::getRoleArn).toList();
  }

  /// Of those that do more than read.
  List<String> writerArns() {
    return roles.entrySet().stream()
        .filter(role -> !role.getKey().equals(READER))
        .map(role -> role.getValue().getRoleArn())
        .toList();
  }
}
