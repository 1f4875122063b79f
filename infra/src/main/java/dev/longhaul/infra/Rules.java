package dev.longhaul.infra;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.events.CfnRule;
import software.amazon.awscdk.services.events.CfnRule.DeadLetterConfigProperty;
import software.amazon.awscdk.services.events.CfnRule.RetryPolicyProperty;
import software.amazon.awscdk.services.events.CfnRule.TargetProperty;
import software.amazon.awscdk.services.events.IEventBus;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.lambda.Alias;
import software.amazon.awscdk.services.lambda.CfnPermission;
import software.constructs.Construct;

/// What invokes TriggerFunction. Resources of CloudFormation and no constructs above them, which
/// would write a policy of their own for each rule.
final class Rules {
  /// The next sweep makes up for a missed one; nothing does for the others.
  private static final RetryPolicyProperty SWEEP =
      RetryPolicyProperty.builder().maximumRetryAttempts(1).maximumEventAgeInSeconds(60).build();

  private static final RetryPolicyProperty OTHERS =
      RetryPolicyProperty.builder().maximumRetryAttempts(10).maximumEventAgeInSeconds(3600).build();

  private final Construct scope;
  private final String prefix;
  private final Alias trigger;
  private final Queues queues;
  private final List<String> arns = new ArrayList<>();
  private @Nullable CfnRule sweep;

  Rules(Construct scope, String prefix, Alias trigger, Queues queues) {
    this.scope = scope;
    this.prefix = prefix;
    this.trigger = trigger;
    this.queues = queues;
  }

  void add(@Nullable Schedule timed, IEventBus bus) {
    // ENABLED is the safe side: a sweep with nothing to do switches the rule off by itself.
    sweep =
        add(
            "Sweep",
            rule("sweep")
                .description(
                    "Every minute while there is something to look after; Longhaul itself switches"
                        + " this rule off and on")
                .scheduleExpression("rate(1 minute)")
                .targets(List.of(target(SWEEP).input("{}").build())));
    if (timed != null) {
      add(
          "Timed",
          rule("timed")
              .description("Runs all migrations that wait")
              .scheduleExpression(timed.getExpressionString())
              .targets(List.of(target(OTHERS).input("{\"all\":true}").build())));
    }
    // Without an input, so that the function gets the whole event and reads its detail.
    add(
        "Manual",
        rule("manual")
            .description("Runs the migrations that a \"Run Migrations\" event names")
            .eventBusName(bus.getEventBusName())
            .eventPattern(Map.of("detail-type", List.of("Run Migrations")))
            .targets(List.of(target(OTHERS).build())));
    queues.keepWhatCannotBeDelivered(arns);
  }

  private CfnRule.Builder rule(String name) {
    return CfnRule.Builder.create(
            scope, Character.toUpperCase(name.charAt(0)) + name.substring(1) + "Rule")
        .name(prefix + "-" + name)
        .state("ENABLED");
  }

  private TargetProperty.Builder target(RetryPolicyProperty retries) {
    return TargetProperty.builder()
        .id("TriggerFunction")
        .arn(trigger.getFunctionArn())
        .retryPolicy(retries)
        .deadLetterConfig(
            DeadLetterConfigProperty.builder().arn(queues.undeliveredEvents.getQueueArn()).build());
  }

  String sweepName() {
    return Objects.requireNonNull(sweep).getRef();
  }

  private CfnRule add(String id, CfnRule.Builder start) {
    CfnRule rule = start.build();
    arns.add(rule.getAttrArn());
    CfnPermission.Builder.create(scope, id + "Permission")
        .action("lambda:InvokeFunction")
        .functionName(trigger.getFunctionArn())
        .principal("events.amazonaws.com")
        .sourceArn(rule.getAttrArn())
        .build();
    return rule;
  }
}
