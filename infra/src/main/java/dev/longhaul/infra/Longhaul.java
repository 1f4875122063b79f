package dev.longhaul.infra;

import dev.longhaul.infra.Network.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Annotations;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.CfnAlarm;
import software.amazon.awscdk.services.cloudwatch.CfnDashboard;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.events.EventBus;
import software.amazon.awscdk.services.events.IEventBus;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.lambda.CfnEventInvokeConfig;
import software.amazon.awscdk.services.lambda.CfnEventSourceMapping;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.LoggingFormat;
import software.amazon.awscdk.services.lambda.RecursiveLoop;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.lambda.SnapStartConf;
import software.amazon.awscdk.services.lambda.VersionOptions;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.sqs.IQueue;
import software.constructs.Construct;

/// Longhaul in a stack: the functions, their queue, and the rules that trigger them.
///
/// ```java
/// Longhaul longhaul =
///     new Longhaul(
///         this,
///         "Longhaul",
///         LonghaulProps.builder()
///             .database(Database.withUser("longhaul").at(cluster).named("app"))
///             .vpc(vpc)
///             .build());
/// longhaul.grantRegister(pipeline);
/// ```
///
/// Deleting it touches no database: the journal and the data stay.
public final class Longhaul extends Construct implements LonghaulFunctions {
  private static final String REGISTRATION = "RegistrationFunction";
  private static final String TRIGGER = "TriggerFunction";
  private static final String EXECUTOR = "ExecutorFunction";
  private static final String CONTROL = "ControlFunction";
  private static final String DASHBOARD = "DashboardFunction";
  private static final List<String> FUNCTIONS =
      List.of(REGISTRATION, TRIGGER, EXECUTOR, CONTROL, DASHBOARD);

  private final LonghaulProps props;
  private final String prefix;
  private final Code code;
  private final Queues queues;
  private final IEventBus bus;
  private final Map<String, String> variables = new HashMap<>();
  private final List<ISecurityGroup> securityGroups = new ArrayList<>();
  private final Function registration;
  private final Function trigger;
  private final Function executor;
  private final Function control;
  private final Function dashboard;

  public Longhaul(Construct scope, String id, LonghaulProps props) {
    super(scope, id);
    this.props = props;
    prefix = props.name == null ? Stack.of(this).getStackName() : props.name;
    props.requireValid(prefix);
    code = Code.fromAsset(Archive.path(props.archive).toString());
    queues = new Queues(this, prefix, props.encryptionKey);
    bus =
        props.eventBus == null
            ? EventBus.fromEventBusName(this, "EventBus", "default")
            : props.eventBus;
    variables.put("QUEUE_URL", queues.queue.getQueueUrl());
    variables.put("EVENT_BUS_NAME", bus.getEventBusName());
    // The name, not a reference: the rule's target is a function that has this variable.
    variables.put("SWEEP_RULE_NAME", prefix + "-sweep");

    Roles roles = new Roles(this, prefix, queues, bus, props.permissionsBoundary);
    roles.enter(props.databases(), props.registrars(), props.viewers());
    Network network = null;
    if (props.vpc != null) {
      roles.joinVpc(FUNCTIONS.stream().map(this::functionName).toList());
      network = new Network(this, props.vpc, props.vpcSubnets, props.databases());
      securityGroups.add(network.securityGroup());
      securityGroups.addAll(props.securityGroups);
    }
    if (props.encryptionKey != null) {
      roles.use(props.encryptionKey);
    }
    LogGroup registrationLogs = logs(REGISTRATION);
    LogGroup triggerLogs = logs(TRIGGER);
    LogGroup executorLogs = logs(EXECUTOR);
    LogGroup controlLogs = logs(CONTROL);
    LogGroup dashboardLogs = logs(DASHBOARD);
    Role registrationRole = roles.registration(registrationLogs);
    Role triggerRole = roles.trigger(triggerLogs);
    Role executorRole = roles.executor(executorLogs);
    Role controlRole = roles.control(controlLogs);
    Role dashboardRole = roles.dashboard(dashboardLogs);
    if (network != null) {
      addEndpoints(network, roles);
    }

    registration =
        start(REGISTRATION, "registration", registrationRole, registrationLogs)
            .description("Records migrations, and queues what is to run now")
            // One call may bring 1,000 migrations, and an Aurora that sleeps takes a while to wake.
            .timeout(Duration.seconds(120))
            .snapStart(snapStart())
            .build();
    trigger =
        start(TRIGGER, "trigger", triggerRole, triggerLogs)
            .description(
                "Starts migrations by name or by time, and every minute looks after those that"
                    + " nobody runs")
            .timeout(Duration.seconds(120))
            .build();
    executor =
        start(EXECUTOR, "execution", executorRole, executorLogs)
            .description("Runs migrations")
            .memorySize(props.executorMemory)
            .timeout(props.executorTimeout)
            .reservedConcurrentExecutions(
                props.reserveConcurrency ? props.executorConcurrency : null)
            // Lambda would take a statement that is watched by one message after another for a
            // runaway loop, and stop it after 16 rounds. The journal ends this loop.
            .recursiveLoop(RecursiveLoop.ALLOW)
            .build();
    control =
        start(CONTROL, "control", controlRole, controlLogs)
            .description(
                "Shows migrations, and pauses, resumes, cancels, retries and rolls them back")
            .snapStart(snapStart())
            .build();
    publish(registration);
    dropWhatStacksNoLongerWaitFor();
    Alias controls = publish(control);
    Alias triggers = publish(trigger);
    dashboard =
        start(DASHBOARD, "dashboard", dashboardRole, dashboardLogs)
            .description("Draws the widget of a CloudWatch dashboard that shows migrations")
            .snapStart(snapStart())
            .build();
    // What its buttons name. It calls neither: the browser does, with the rights of the person who
    // looks.
    dashboard.addEnvironment("CONTROL_FUNCTION_ARN", controls.getFunctionArn());
    dashboard.addEnvironment("TRIGGER_FUNCTION_ARN", triggers.getFunctionArn());
    Alias widget = publish(dashboard);
    for (Function waitedFor : List.of(registration, control, dashboard)) {
      Annotations.of(waitedFor)
          .acknowledgeWarning(
              "@aws-cdk/aws-lambda:snapStartRequirePublish", "It is published, with the alias.");
    }
    // For those who may only look: it changes nothing for who calls it by this alias.
    Alias.Builder.create(control, "view")
        .aliasName("view")
        .description("Shows migrations, and changes none")
        .version(control.getCurrentVersion())
        .build();
    takeFromQueue(publish(executor));
    keepFailedRequests(triggers);
    Rules rules = new Rules(this, prefix, triggers, queues);
    rules.add(props.timedTrigger, bus);
    List<CfnAlarm> alarms = props.alarms ? alarms(rules) : List.of();
    if (props.dashboard) {
      show(widget, rules, alarms);
    }
    if (props.testEvents != null) {
      TestEvents.add(
          this,
          props.testEvents,
          Map.of(
              REGISTRATION, registration,
              TRIGGER, trigger,
              EXECUTOR, executor,
              CONTROL, control,
              DASHBOARD, dashboard));
    }
  }

  private String functionName(String function) {
    return prefix + "-" + function;
  }

  private void addEndpoints(Network network, Roles roles) {
    if (props.sqsEndpoint) {
      network.addEndpoint(Endpoint.SQS, List.of(queues.queue.getQueueArn()), roles.writerArns());
    }
    if (props.eventBridgeEndpoint) {
      network.addEndpoint(
          Endpoint.EVENT_BRIDGE,
          List.of(bus.getEventBusArn(), roles.sweepArn()),
          roles.writerArns());
    }
    if (props.secretsManagerEndpoint) {
      List<Database> all = new ArrayList<>(props.databases());
      all.addAll(props.registrars());
      all.addAll(props.viewers());
      network.addEndpoint(Endpoint.SECRETS_MANAGER, LonghaulProps.secretArns(all), roles.arns());
    }
    variables.putAll(network.variables());
  }

  /// They go with the stack: log groups of these names left behind would stand in the way of the
  /// next deployment.
  private LogGroup logs(String function) {
    LogGroup.Builder start =
        LogGroup.Builder.create(this, function.replace("Function", "Logs"))
            .logGroupName("/aws/lambda/" + functionName(function))
            .retention(props.logRetention)
            .removalPolicy(RemovalPolicy.DESTROY);
    if (props.encryptionKey != null) {
      start.encryptionKey(props.encryptionKey);
    }
    return start.build();
  }

  private Function.Builder start(String function, String folder, Role role, LogGroup logs) {
    Function.Builder start =
        Function.Builder.create(this, function)
            .functionName(functionName(function))
            .runtime(Runtime.JAVA_25)
            .architecture(props.architecture)
            .code(code)
            .handler("dev.longhaul.%s.%s".formatted(folder, function))
            .memorySize(512)
            .timeout(Duration.seconds(60))
            .role(role)
            .logGroup(logs)
            .loggingFormat(LoggingFormat.JSON)
            .environment(environment(function))
            // What runs goes on to its end on the version that it began with.
            .currentVersionOptions(
                VersionOptions.builder().removalPolicy(RemovalPolicy.RETAIN).build());
    if (props.vpc != null) {
      start.vpc(props.vpc).vpcSubnets(props.vpcSubnets).securityGroups(securityGroups);
    }
    if (props.encryptionKey != null) {
      start.environmentEncryption(props.encryptionKey);
    }
    if (props.codeSigningConfig != null) {
      start.codeSigningConfig(props.codeSigningConfig);
    }
    return start;
  }

  /// Null as the executor.
  private static @Nullable Database login(String function, Database database) {
    return switch (function) {
      case EXECUTOR -> null;
      case DASHBOARD -> database.viewer() == null ? database.registrar() : database.viewer();
      default -> database.registrar();
    };
  }

  private Map<String, String> environment(String function) {
    Map<String, String> environment = new HashMap<>(variables);
    environment.putAll(
        props.databaseVariables(Stack.of(this), database -> login(function, database)));
    if (function.equals(REGISTRATION)) {
      environment.put("ALLOW_SCHEDULED_MIGRATIONS", String.valueOf(props.allowScheduledMigrations));
    }
    if (function.equals(TRIGGER)) {
      environment.put("HISTORY_RETENTION_DAYS", String.valueOf(props.historyRetentionDays));
    }
    if (function.equals(EXECUTOR)) {
      environment.put("DETACH_AFTER", props.detachAfter.toSeconds().toString());
    }
    return environment;
  }

  /// Where somebody waits for the answer.
  private @Nullable SnapStartConf snapStart() {
    return props.snapStart ? SnapStartConf.ON_PUBLISHED_VERSIONS : null;
  }

  /// Whatever changes in a function becomes a version, and the alias moves to it in one step.
  private static Alias publish(Function function) {
    return Alias.Builder.create(function, "live")
        .aliasName("live")
        .version(function.getCurrentVersion())
        .build();
  }

  private void takeFromQueue(Alias live) {
    CfnEventSourceMapping.Builder.create(this, "ExecutorFunctionQueue")
        .functionName(live.getFunctionArn())
        .eventSourceArn(queues.queue.getQueueArn())
        .batchSize(1)
        .functionResponseTypes(List.of("ReportBatchItemFailures"))
        .scalingConfig(
            CfnEventSourceMapping.ScalingConfigProperty.builder()
                .maximumConcurrency(props.executorConcurrency)
                .build())
        .build();
  }

  /// CloudFormation's own calls do not wait, and take the plain name. What they bring must not be
  /// registered long after the deployment has failed, and it holds SQL, so it is kept nowhere:
  /// CloudFormation fails the deployment when it hears nothing.
  private void dropWhatStacksNoLongerWaitFor() {
    CfnEventInvokeConfig.Builder.create(this, "RegistrationFunctionForStacks")
        .functionName(registration.getFunctionName())
        .qualifier("$LATEST")
        .maximumRetryAttempts(2)
        .maximumEventAgeInSeconds(300)
        .build();
  }

  /// Rules invoke asynchronously. Should the database be away for all three tries, the request is
  /// kept.
  private void keepFailedRequests(Alias live) {
    CfnEventInvokeConfig.Builder.create(this, "TriggerFunctionEventInvokeConfig")
        .functionName(trigger.getFunctionName())
        .qualifier("live")
        .maximumRetryAttempts(2)
        .maximumEventAgeInSeconds(3600)
        .destinationConfig(
            CfnEventInvokeConfig.DestinationConfigProperty.builder()
                .onFailure(
                    CfnEventInvokeConfig.OnFailureProperty.builder()
                        .destination(queues.undeliveredEvents.getQueueArn())
                        .build())
                .build())
        .build()
        .getNode()
        .addDependency(live);
  }

  private List<CfnAlarm> alarms(Rules rules) {
    Alarms alarms = new Alarms(this, prefix);
    if (props.alarmEmail != null) {
      alarms.tellByMail(props.alarmEmail, props.encryptionKey);
    }
    if (props.alarmTopic != null) {
      alarms.tell(props.alarmTopic.getTopicArn());
    }
    return alarms.add(trigger, executor, queues, rules.sweepName());
  }

  private void show(Alias widget, Rules rules, List<CfnAlarm> alarms) {
    CfnDashboard.Builder.create(this, "MigrationsDashboard")
        .dashboardName(prefix)
        .dashboardBody(
            DashboardBody.of(
                Map.of(
                    "Widget", widget.getFunctionArn(),
                    "QueueName", queues.queue.getQueueName(),
                    "DeadLettersName", queues.deadLetters.getQueueName(),
                    "UndeliveredEventsName", queues.undeliveredEvents.getQueueName(),
                    "ExecutorFunction", executor.getFunctionName(),
                    "TriggerFunction", trigger.getFunctionName(),
                    "SweepRule", rules.sweepName()),
                alarms))
        .build();
  }

  @Override
  public Function getRegistrationFunction() {
    return registration;
  }

  @Override
  public Function getTriggerFunction() {
    return trigger;
  }

  public Function getExecutorFunction() {
    return executor;
  }

  @Override
  public Function getControlFunction() {
    return control;
  }

  @Override
  public Function getDashboardFunction() {
    return dashboard;
  }

  /// Migrations on their way to the executor.
  public IQueue getQueue() {
    return queues.queue;
  }

  /// Messages that the executor failed to take five times; empty when all is well.
  public IQueue getDeadLetters() {
    return queues.deadLetters;
  }

  /// Events and timed runs that TriggerFunction failed to take; empty when all is well.
  public IQueue getUndeliveredEvents() {
    return queues.undeliveredEvents;
  }

  /// Where `Migration Status Changed` is published, and `Run Migrations` is heard.
  public IEventBus getEventBus() {
    return bus;
  }
}
