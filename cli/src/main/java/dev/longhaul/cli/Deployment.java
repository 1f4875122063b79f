package dev.longhaul.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.DescribeRuleResponse;
import software.amazon.awssdk.services.eventbridge.model.ResourceNotFoundException;
import software.amazon.awssdk.services.eventbridge.model.RuleState;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/// What of a deployment can be seen from outside of the functions, with the caller's own rights.
/// What these do not show is told as a warning: the functions have rights of their own.
final class Deployment {
  private static final List<String> CALLED =
      List.of(Functions.REGISTRATION, Functions.TRIGGER, Functions.CONTROL);

  /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
  private static final int TIMES_TIMEOUT = 6;

  /// The longest that a function can have, in seconds.
  private static final int LONGEST_TIMEOUT = 900;

  private static final Duration MOST_SKEW = Duration.ofSeconds(5);

  /// Beyond it AWS takes no signature.
  private static final Duration SIGNATURE = Duration.ofMinutes(5);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Functions functions;
  private int executorTimeout = LONGEST_TIMEOUT;

  /// Whether it is a local stack, which has no settings of functions and no targets of rules.
  private final boolean isLocal;

  Deployment(Functions functions, boolean isLocal) {
    this.functions = functions;
    this.isLocal = isLocal;
  }

  List<Diagnosis> functions() {
    List<Diagnosis> all = new ArrayList<>();
    for (String name : CALLED) {
      String problem = functions.probe(name);
      all.add(
          problem.isEmpty()
              ? Diagnosis.ok(name, "is there, and may be called")
              : Diagnosis.fail(
                  name,
                  problem,
                  "Check --stack and --region, and the right lambda:InvokeFunction on it."));
    }
    if (!isLocal) {
      all.add(executor());
    }
    return all;
  }

  private Diagnosis executor() {
    try {
      Functions.Settings settings = functions.settings(Functions.EXECUTOR);
      executorTimeout = settings.timeout();
      @Nullable Integer reserved = settings.reservedConcurrency();
      if (reserved != null && reserved == 0) {
        return Diagnosis.fail(
            Functions.EXECUTOR,
            "is throttled: its reserved concurrency is 0",
            "Give it what ExecutorConcurrency says (aws lambda put-function-concurrency), or deploy"
                + " the stack again.");
      }
      if (settings.state().equals("Failed")) {
        return Diagnosis.fail(
            Functions.EXECUTOR,
            "cannot be invoked: Failed (%s)".formatted(settings.stateReason()),
            "Mend what it names, then deploy the stack again.");
      }
      return Diagnosis.ok(
          Functions.EXECUTOR,
          "%s, timeout %d s%s"
              .formatted(
                  settings.state(),
                  settings.timeout(),
                  reserved == null ? "" : ", reserved concurrency " + reserved));
    } catch (SdkException e) {
      return Diagnosis.warn(
          Functions.EXECUTOR,
          "cannot be looked at: " + e.getMessage(),
          "Ask for the rights lambda:GetFunctionConfiguration and lambda:GetFunctionConcurrency on"
              + " it.");
    }
  }

  /// What the user can do who runs migrations. Only the executor can log in as that user.
  ///
  /// @param payload as ControlFunction takes it
  List<Diagnosis> runner(JsonNode payload) {
    try {
      JsonNode checks = functions.invoke(Functions.EXECUTOR, payload).path("checks");
      List<Diagnosis> all = new ArrayList<>();
      checks.forEach(check -> all.add(Diagnosis.read(check)));
      return all;
    } catch (Failure failure) {
      return List.of(
          Diagnosis.warn(
              "runner",
              "cannot be looked at: " + failure.getMessage(),
              "Ask for the right lambda:InvokeFunction on ExecutorFunction: nobody else can log in"
                  + " as the user that runs migrations."));
    }
  }

  /// @param skew of this machine against the service's `Date`; null if it sent none
  List<Diagnosis> clock(@Nullable Duration skew) {
    if (skew == null) {
      return List.of();
    }
    String text = "this machine's is %d s off".formatted(skew.toSeconds());
    if (skew.abs().compareTo(SIGNATURE) >= 0) {
      return List.of(
          Diagnosis.fail(
              "clock", text, "Set it by NTP: AWS refuses requests signed five minutes off."));
    }
    return List.of(
        skew.abs().compareTo(MOST_SKEW) > 0
            ? Diagnosis.warn(
                "clock", text, "Set it by NTP, so that times on this screen are right.")
            : Diagnosis.ok("clock", "this machine's is right"));
  }

  List<Diagnosis> queues(String url) {
    if (url.isEmpty()) {
      return List.of();
    }
    URI queue = URI.create(url);
    @Nullable URI endpoint = functions.address().isLoopback() ? queue.resolve("/") : null;
    List<Diagnosis> all = new ArrayList<>();
    try (SqsClient sqs = functions.client(SqsClient.builder(), endpoint)) {
      Map<QueueAttributeName, String> attributes = attributes(sqs, url);
      int visibility =
          Integer.parseInt(attributes.getOrDefault(QueueAttributeName.VISIBILITY_TIMEOUT, "0"));
      int least = TIMES_TIMEOUT * executorTimeout;
      String waiting =
          attributes.getOrDefault(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "0");
      all.add(
          visibility < least
              ? Diagnosis.warn(
                  "queue",
                  "a message is visible again after %d s, six times the executor's timeout would be %d s"
                      .formatted(visibility, least),
                  "Set the queue's VisibilityTimeout to " + least + ".")
              : Diagnosis.ok(
                  "queue",
                  "%s messages wait, visible again after %d s".formatted(waiting, visibility)));
      all.add(deadLetters(sqs, attributes.getOrDefault(QueueAttributeName.REDRIVE_POLICY, "")));
    } catch (QueueDoesNotExistException e) {
      all.add(Diagnosis.fail("queue", "there is none at " + url, "Deploy the stack again."));
    } catch (SdkException e) {
      all.add(
          Diagnosis.warn(
              "queue",
              "cannot be looked at: " + e.getMessage(),
              "Ask for the rights sqs:GetQueueAttributes and sqs:GetQueueUrl on the stack's"
                  + " queues."));
    }
    return all;
  }

  private static Map<QueueAttributeName, String> attributes(SqsClient sqs, String url) {
    return sqs.getQueueAttributes(
            request -> request.queueUrl(url).attributeNames(QueueAttributeName.ALL))
        .attributes();
  }

  private static Diagnosis deadLetters(SqsClient sqs, String redrive) {
    String arn = text(redrive, "deadLetterTargetArn");
    if (arn.isEmpty()) {
      return Diagnosis.fail(
          "dead letters",
          "the queue has no redrive policy, so a message that cannot be taken comes again for days",
          "Deploy the stack again, or set the queue's RedrivePolicy.");
    }
    String name = arn.substring(arn.lastIndexOf(':') + 1);
    String url = sqs.getQueueUrl(request -> request.queueName(name)).queueUrl();
    String count =
        attributes(sqs, url).getOrDefault(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "0");
    return count.equals("0")
        ? Diagnosis.ok("dead letters", "none")
        : Diagnosis.warn(
            "dead letters",
            "%s messages that the executor failed to take".formatted(count),
            "Look in its log for why, then send them back: aws sqs start-message-move-task"
                + " --source-arn "
                + arn);
  }

  private static String text(String json, String field) {
    try {
      return json.isEmpty() ? "" : JSON.readTree(json).path(field).asText("");
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  /// @param sweep the name of the sweep's rule; empty if it is never switched
  List<Diagnosis> rules(String sweep, String bus) {
    if (sweep.isEmpty()) {
      return List.of();
    }
    @Nullable URI endpoint =
        functions.address().isLoopback() ? functions.address().endpoint() : null;
    List<Diagnosis> all = new ArrayList<>();
    try (EventBridgeClient events = functions.client(EventBridgeClient.builder(), endpoint)) {
      all.add(rule(events, sweep, "default", true));
      if (sweep.endsWith("-sweep") && !bus.isEmpty()) {
        all.add(rule(events, sweep.replaceAll("sweep$", "manual"), bus, false));
      }
    } catch (SdkException e) {
      all.add(
          Diagnosis.warn(
              "rules",
              "cannot be looked at: " + e.getMessage(),
              "Ask for the rights events:DescribeRule and events:ListTargetsByRule."));
    }
    return all;
  }

  /// @param isSwitched whether it is off when there is nothing to do
  private Diagnosis rule(EventBridgeClient events, String name, String bus, boolean isSwitched) {
    String check = "rule " + name;
    DescribeRuleResponse rule;
    try {
      rule = events.describeRule(request -> request.name(name).eventBusName(bus));
    } catch (ResourceNotFoundException e) {
      return Diagnosis.fail(check, "is not there", "Deploy the stack again.");
    }
    if (!isLocal) {
      List<String> targets =
          events
              .listTargetsByRule(request -> request.rule(name).eventBusName(bus))
              .targets()
              .stream()
              .map(target -> target.arn())
              .toList();
      String trigger = name.replaceAll("(sweep|manual)$", "") + Functions.TRIGGER;
      if (targets.stream().noneMatch(arn -> arn.contains(":" + trigger))) {
        return Diagnosis.fail(
            check,
            "does not invoke the TriggerFunction but "
                + (targets.isEmpty() ? "nothing" : String.join(", ", targets)),
            "Deploy the stack again.");
      }
    }
    if (rule.state() != RuleState.DISABLED) {
      return Diagnosis.ok(check, "on");
    }
    return isSwitched
        ? Diagnosis.ok(check, "off, as it is while nothing is outstanding")
        : Diagnosis.fail(
            check,
            "off, so events trigger nothing",
            "Switch it on: aws events enable-rule --name %s --event-bus-name %s"
                .formatted(name, bus));
  }
}
