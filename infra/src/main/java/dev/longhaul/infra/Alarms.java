package dev.longhaul.infra;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.CfnAlarm;
import software.amazon.awscdk.services.cloudwatch.CfnAlarm.DimensionProperty;
import software.amazon.awscdk.services.iam.AccountRootPrincipal;
import software.amazon.awscdk.services.iam.AnyPrincipal;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyDocument;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.CfnKey;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.sns.CfnSubscription;
import software.amazon.awscdk.services.sns.CfnTopic;
import software.amazon.awscdk.services.sns.CfnTopicPolicy;
import software.amazon.awscdk.services.sqs.Queue;
import software.constructs.Construct;

/// What a person is told of, and only that: what goes on by itself after a retry is no alarm.
/// docs/console.md says what to do at each. Their metrics are silent when nothing happens, and what
/// silence means differs from one to the next.
final class Alarms {
  /// The state stays as it was.
  private static final String IGNORE = "ignore";

  private static final String NOT_BREACHING = "notBreaching";

  private final Construct scope;
  private final String prefix;
  private final List<String> told = new ArrayList<>();
  private final List<CfnAlarm.Builder> begun = new ArrayList<>();

  Alarms(Construct scope, String prefix) {
    this.scope = scope;
    this.prefix = prefix;
  }

  // --- who is told ---

  void tell(String topicArn) {
    told.add(topicArn);
  }

  void tellByMail(String address, @Nullable IKey given) {
    String arns =
        Stack.of(scope)
            .formatArn(
                ArnComponents.builder()
                    .service("cloudwatch")
                    .resource("alarm")
                    .resourceName(prefix + "-*")
                    .arnFormat(ArnFormat.COLON_RESOURCE_NAME)
                    .build());
    PolicyStatement.Builder fromAlarms =
        PolicyStatement.Builder.create()
            .sid("TellOfAlarms")
            .principals(List.of(new ServicePrincipal("cloudwatch.amazonaws.com")))
            .conditions(Map.of("ArnLike", Map.of("aws:SourceArn", arns)));
    CfnTopic topic =
        CfnTopic.Builder.create(scope, "AlarmTopic")
            .topicName(prefix + "-alarms")
            .displayName("Longhaul")
            .kmsMasterKeyId(given == null ? key(fromAlarms).getAttrArn() : given.getKeyArn())
            .build();
    CfnSubscription.Builder.create(scope, "AlarmSubscription")
        .topicArn(topic.getRef())
        .protocol("email")
        .endpoint(address)
        .build();
    CfnTopicPolicy.Builder.create(scope, "AlarmTopicPolicy")
        .topics(List.of(topic.getRef()))
        .policyDocument(
            document(
                PolicyStatement.Builder.create()
                    .sid("DenyWithoutTls")
                    .effect(Effect.DENY)
                    .principals(List.of(new AnyPrincipal()))
                    .actions(List.of("sns:Publish"))
                    .resources(List.of(topic.getRef()))
                    .conditions(Map.of("Bool", Map.of("aws:SecureTransport", "false")))
                    .build(),
                fromAlarms
                    .actions(List.of("sns:Publish"))
                    .resources(List.of(topic.getRef()))
                    .build()))
        .build();
    told.add(topic.getRef());
  }

  /// CloudWatch may not use the key that AWS manages for SNS.
  private CfnKey key(PolicyStatement.Builder fromAlarms) {
    CfnKey key =
        CfnKey.Builder.create(scope, "AlarmKey")
            .description("The topic for the alarms of Longhaul")
            .enableKeyRotation(true)
            .pendingWindowInDays(7)
            .keyPolicy(
                document(
                    PolicyStatement.Builder.create()
                        .sid("LeaveItToTheAccount")
                        .principals(List.of(new AccountRootPrincipal()))
                        .actions(List.of("kms:*"))
                        .resources(List.of("*"))
                        .build(),
                    fromAlarms
                        .actions(List.of("kms:GenerateDataKey", "kms:Decrypt"))
                        .resources(List.of("*"))
                        .build()))
            .build();
    key.applyRemovalPolicy(RemovalPolicy.DESTROY);
    return key;
  }

  private static PolicyDocument document(PolicyStatement... statements) {
    return PolicyDocument.Builder.create().statements(List.of(statements)).build();
  }

  // --- of what ---

  List<CfnAlarm> add(Function trigger, Function executor, Queues queues, String sweepRule) {
    String sweeper = trigger.getFunctionName();
    // Counted by the sweep, which is off while nothing is outstanding. Its last count before that
    // is the one that holds: what is in ERROR stays there until a person acts, and every action
    // switches the sweep on. Minutes, so that an old count does not outlast a new one in the same
    // period.
    alarm("MigrationInError", "migration-in-error")
        .alarmDescription(
            "A migration has failed and waits for a person. Look at it in the dashboard, or with"
                + " longhaul list; its error says what to do.")
        .namespace("Longhaul")
        .metricName("MigrationsInError")
        .dimensions(of("FunctionName", sweeper))
        .statistic("Maximum")
        .period(60)
        .treatMissingData(IGNORE);
    // The sweep is on as long as there is anything to count; should it fail, that is another alarm.
    alarm("MigrationWithoutProgress", "migration-without-progress")
        .alarmDescription(
            "A migration that ought to run has made no progress for an hour. Its phase and what it"
                + " waits for stand in the dashboard, or in longhaul status.")
        .namespace("Longhaul")
        .metricName("MigrationsWithoutProgress")
        .dimensions(of("FunctionName", sweeper))
        .statistic("Maximum")
        .treatMissingData(NOT_BREACHING);
    notEmpty("DeadLetters", "dead-letters", queues.deadLetters)
        .alarmDescription(
            "A message could not be taken five times. The executor cannot start, or cannot reach"
                + " its database. The sweep sends the migration again; mend the cause, then redrive"
                + " or purge the queue.");
    notEmpty("UndeliveredEvents", "undelivered-events", queues.undeliveredEvents)
        .alarmDescription(
            "A Run Migrations event, a timed run or a sweep was not taken in spite of retries. The"
                + " message in the queue says which and why; send it again with longhaul run.");
    // Nothing is reported while the sweep is off. Four minutes of five, so that a failover is none,
    // and neither is a single wrong event, which Lambda tries three times within five minutes.
    alarm("SweepFails", "sweep-fails")
        .alarmDescription(
            "The sweep fails every minute, so nobody looks after migrations whose executor has"
                + " died. Its log says why. Most often a database cannot be reached.")
        .namespace("AWS/Lambda")
        .metricName("Errors")
        .dimensions(of("FunctionName", sweeper))
        .statistic("Sum")
        .period(60)
        .evaluationPeriods(5)
        .datapointsToAlarm(4)
        .treatMissingData(NOT_BREACHING);
    // Reported only when it is not zero.
    alarm("SweepNotInvoked", "sweep-not-invoked")
        .alarmDescription(
            "EventBridge cannot invoke the sweep. Look whether the function, its alias live and the"
                + " permission of the rule are still there.")
        .namespace("AWS/Events")
        .metricName("FailedInvocations")
        .dimensions(of("RuleName", sweepRule))
        .statistic("Sum")
        .treatMissingData(NOT_BREACHING);
    // Nothing is reported while nothing runs. A migration that fails is no error of the function. A
    // single crash is none either: the sweep sends the migration again.
    alarm("ExecutorFails", "executor-fails")
        .alarmDescription(
            "The executor crashes or runs out of time or memory, again and again. What it has"
                + " committed is safe; its log has the reason.")
        .namespace("AWS/Lambda")
        .metricName("Errors")
        .dimensions(of("FunctionName", executor.getFunctionName()))
        .statistic("Sum")
        .evaluationPeriods(3)
        .datapointsToAlarm(2)
        .treatMissingData(NOT_BREACHING);
    return begun.stream().map(CfnAlarm.Builder::build).toList();
  }

  /// SQS reports nothing of a queue that nobody has touched for six hours; it is then as it was.
  private CfnAlarm.Builder notEmpty(String id, String name, Queue queue) {
    return alarm(id, name)
        .namespace("AWS/SQS")
        .metricName("ApproximateNumberOfMessagesVisible")
        .dimensions(of("QueueName", queue.getQueueName()))
        .statistic("Maximum")
        .treatMissingData(IGNORE);
  }

  /// Once in five minutes, unless it says otherwise.
  private CfnAlarm.Builder alarm(String id, String name) {
    CfnAlarm.Builder alarm =
        CfnAlarm.Builder.create(scope, id + "Alarm")
            .alarmName(prefix + "-" + name)
            .period(300)
            .evaluationPeriods(1)
            .datapointsToAlarm(1)
            .comparisonOperator("GreaterThanThreshold")
            .threshold(0)
            .alarmActions(told)
            .okActions(told);
    begun.add(alarm);
    return alarm;
  }

  private static List<DimensionProperty> of(String name, String value) {
    return List.of(DimensionProperty.builder().name(name).value(value).build());
  }
}
