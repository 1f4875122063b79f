package dev.longhaul.infra;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.AnyPrincipal;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.sqs.DeadLetterQueue;
import software.amazon.awscdk.services.sqs.Queue;
import software.amazon.awscdk.services.sqs.QueueEncryption;
import software.amazon.awscdk.services.sqs.RedriveAllowPolicy;
import software.amazon.awscdk.services.sqs.RedrivePermission;
import software.constructs.Construct;

/// The queue, and where its messages and the rules' events go that nobody could take. They go with
/// the stack: a message only points to a row of the journal, which is in the database.
final class Queues {
  final Queue queue;
  final Queue deadLetters;

  /// Apart from the dead letters, which can be sent back to the queue as they are: these are no
  /// messages of ours.
  final Queue undeliveredEvents;

  Queues(Construct scope, String prefix, @Nullable IKey key) {
    // By its name, because the queue refers to its dead letters.
    String source =
        Stack.of(scope)
            .formatArn(ArnComponents.builder().service("sqs").resource(prefix + "-queue").build());
    deadLetters =
        start(scope, "DeadLetters", prefix + "-dead-letters", key)
            .retentionPeriod(Duration.days(14))
            .redriveAllowPolicy(
                RedriveAllowPolicy.builder()
                    .redrivePermission(RedrivePermission.BY_QUEUE)
                    .sourceQueues(List.of(Queue.fromQueueArn(scope, "QueueByName", source)))
                    .build())
            .build();
    queue =
        start(scope, "Queue", prefix + "-queue", key)
            // Six times the longest timeout that a function can have, as AWS advises.
            .visibilityTimeout(Duration.seconds(5400))
            .deadLetterQueue(
                DeadLetterQueue.builder().queue(deadLetters).maxReceiveCount(5).build())
            .build();
    undeliveredEvents =
        start(scope, "UndeliveredEvents", prefix + "-undelivered-events", key)
            .retentionPeriod(Duration.days(14))
            .redriveAllowPolicy(
                RedriveAllowPolicy.builder().redrivePermission(RedrivePermission.DENY_ALL).build())
            .build();
    List.of(queue, deadLetters, undeliveredEvents).forEach(Queues::denyWithoutTls);
    Acknowledged.finding(
        undeliveredEvents,
        "SQS3",
        "It is itself where failed deliveries go, those of rules and of asynchronous invocations,"
            + " which cdk-nag does not see.");
  }

  private static Queue.Builder start(Construct scope, String id, String name, @Nullable IKey key) {
    Queue.Builder start =
        Queue.Builder.create(scope, id).queueName(name).removalPolicy(RemovalPolicy.DESTROY);
    return key == null
        ? start.encryption(QueueEncryption.SQS_MANAGED)
        : start.encryption(QueueEncryption.KMS).encryptionMasterKey(key);
  }

  private static void denyWithoutTls(Queue queue) {
    queue.addToResourcePolicy(
        PolicyStatement.Builder.create()
            .sid("DenyWithoutTls")
            .effect(Effect.DENY)
            .principals(List.of(new AnyPrincipal()))
            .actions(List.of("sqs:*"))
            .resources(List.of(queue.getQueueArn()))
            .conditions(Map.of("Bool", Map.of("aws:SecureTransport", "false")))
            .build());
  }

  void keepWhatCannotBeDelivered(List<String> ruleArns) {
    undeliveredEvents.addToResourcePolicy(
        PolicyStatement.Builder.create()
            .sid("KeepWhatRulesCannotDeliver")
            .principals(List.of(new ServicePrincipal("events.amazonaws.com")))
            .actions(List.of("sqs:SendMessage"))
            .resources(List.of(undeliveredEvents.getQueueArn()))
            .conditions(Map.of("ArnEquals", Map.of("aws:SourceArn", ruleArns)))
            .build());
  }
}
