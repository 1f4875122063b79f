package dev.longhaul.template;

import static dev.longhaul.template.Template.brief;
import static dev.longhaul.template.Template.functionProperty;
import static dev.longhaul.template.Template.properties;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class QueuesTest {
  static final List<String> QUEUES = List.of("Queue", "DeadLetters", "UndeliveredEvents");

  @Test
  void thereAreNoOtherQueues() {
    assertThat(Template.resources("AWS::SQS::Queue"))
        .containsOnlyKeys(QUEUES.toArray(String[]::new));
  }

  /// AWS: "set the queue's visibility timeout to at least six times the function timeout"
  /// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>).
  @Test
  void messageStaysHiddenForSixTimesTheExecutorsTimeout() {
    assertThat(brief(functionProperty("ExecutorFunction", "Timeout"))).isEqualTo("ExecutorTimeout");
    int longest = Template.section("Parameters").at("/ExecutorTimeout/MaxValue").asInt();

    assertThat(longest).isBetween(1, 900);
    assertThat(properties("Queue").path("VisibilityTimeout").asInt())
        .isGreaterThanOrEqualTo(6 * longest);
  }

  @Test
  void poisonMessageGoesToTheDeadLetters() {
    JsonNode redrive = properties("Queue").path("RedrivePolicy");

    assertThat(brief(redrive.path("deadLetterTargetArn"))).isEqualTo("DeadLetters.Arn");
    assertThat(redrive.path("maxReceiveCount").asInt()).isEqualTo(5);
  }

  @Test
  void onlyTheQueueMayUseTheDeadLetters() {
    JsonNode allow = properties("DeadLetters").path("RedriveAllowPolicy");
    String name = brief(properties("Queue").path("QueueName"));

    assertThat(allow.path("redrivePermission").asText()).isEqualTo("byQueue");
    assertThat(allow.path("sourceQueueArns")).hasSize(1);
    assertThat(brief(allow.at("/sourceQueueArns/0"))).endsWith("${AWS::AccountId}:" + name);
    assertThat(properties("UndeliveredEvents").at("/RedriveAllowPolicy/redrivePermission").asText())
        .isEqualTo("denyAll");
  }

  @Test
  void whatFailedIsKeptForTwoWeeks() {
    for (String queue : List.of("DeadLetters", "UndeliveredEvents")) {
      assertThat(properties(queue).path("MessageRetentionPeriod").asInt())
          .isEqualTo(14 * 24 * 60 * 60);
    }
  }

  @ParameterizedTest
  @FieldSource("QUEUES")
  void isEncryptedAndDeniesWhatComesWithoutTls(String queue) {
    assertThat(properties(queue).path("SqsManagedSseEnabled").toString())
        .isEqualTo("{\"Fn::If\":[\"HasKey\",{\"Ref\":\"AWS::NoValue\"},true]}");
    assertThat(properties(queue).path("KmsMasterKeyId").toString())
        .isEqualTo("{\"Fn::If\":[\"HasKey\",{\"Ref\":\"KmsKeyArn\"},{\"Ref\":\"AWS::NoValue\"}]}");

    JsonNode policy = properties(queue + "Policy");
    assertThat(Template.resources("AWS::SQS::QueuePolicy")).containsKey(queue + "Policy");
    assertThat(policy.path("Queues").toString()).isEqualTo("[{\"Ref\":\"%s\"}]".formatted(queue));
    JsonNode deny = policy.at("/PolicyDocument/Statement/0");
    assertThat(deny.path("Effect").asText()).isEqualTo("Deny");
    assertThat(deny.path("Principal").asText()).isEqualTo("*");
    assertThat(deny.path("Action").asText()).isEqualTo("sqs:*");
    assertThat(brief(deny.path("Resource"))).isEqualTo(queue + ".Arn");
    assertThat(deny.path("Condition").toString())
        .isEqualTo("{\"Bool\":{\"aws:SecureTransport\":\"false\"}}");
  }

  @Test
  void onlyRulesOfThisStackMaySendToAQueueByItsPolicy() {
    for (String queue : List.of("Queue", "DeadLetters")) {
      assertThat(properties(queue + "Policy").at("/PolicyDocument/Statement")).hasSize(1);
    }
    JsonNode statements = properties("UndeliveredEventsPolicy").at("/PolicyDocument/Statement");
    assertThat(statements).hasSize(2);
    JsonNode allow = statements.path(1);
    assertThat(allow.path("Action").asText()).isEqualTo("sqs:SendMessage");
    assertThat(allow.path("Principal").toString())
        .isEqualTo("{\"Service\":\"events.amazonaws.com\"}");
    assertThat(allow.path("Effect").asText()).isEqualTo("Allow");
    assertThat(brief(allow.path("Resource"))).isEqualTo("UndeliveredEvents.Arn");
    assertThat(allow.path("Condition").toString())
        .isEqualTo(
            "{\"ArnEquals\":{\"aws:SourceArn\":["
                + "{\"Fn::GetAtt\":\"SweepRule.Arn\"},{\"Fn::GetAtt\":\"ManualRule.Arn\"},"
                + "{\"Fn::If\":[\"HasTimedTrigger\",{\"Fn::GetAtt\":\"TimedRule.Arn\"},"
                + "{\"Ref\":\"AWS::NoValue\"}]}]}}");
  }

  @Test
  void executorTakesOneMessageAtATimeAndNamesTheOneThatFailed() {
    JsonNode events = properties("ExecutorFunction").path("Events");
    assertThat(events).hasSize(1);
    JsonNode source = events.path("Queue");

    assertThat(source.path("Type").asText()).isEqualTo("SQS");
    assertThat(brief(source.at("/Properties/Queue"))).isEqualTo("Queue.Arn");
    assertThat(source.at("/Properties/BatchSize").asInt()).isEqualTo(1);
    assertThat(source.at("/Properties/FunctionResponseTypes").toString())
        .isEqualTo("[\"ReportBatchItemFailures\"]");
    assertThat(brief(source.at("/Properties/ScalingConfig/MaximumConcurrency")))
        .isEqualTo("ExecutorConcurrency");
  }

  /// Lambda takes 2 to 1,000.
  @Test
  void concurrencyIsWhatLambdaAccepts() {
    JsonNode concurrency = Template.section("Parameters").path("ExecutorConcurrency");

    assertThat(concurrency.path("MinValue").asInt()).isEqualTo(2);
    assertThat(concurrency.path("MaxValue").asInt()).isEqualTo(1000);
    assertThat(concurrency.path("Default").asInt()).isBetween(2, 10);
  }

  /// Without it Lambda stops an executor that continues by its own queue after 16 rounds.
  @Test
  void onlyTheExecutorMayInvokeItselfThroughTheQueue() {
    for (String function : Template.FUNCTIONS) {
      assertThat(functionProperty(function, "RecursiveLoop").asText("Terminate"))
          .as(function)
          .isEqualTo(function.equals("ExecutorFunction") ? "Allow" : "Terminate");
    }
  }

  @Test
  void requestThatTheTriggerFailedToTakeIsKept() {
    JsonNode failed =
        properties("TriggerFunction").at("/EventInvokeConfig/DestinationConfig/OnFailure");

    assertThat(failed.path("Type").asText()).isEqualTo("SQS");
    assertThat(brief(failed.path("Destination"))).isEqualTo("UndeliveredEvents.Arn");
  }
}
