package dev.longhaul.template;

import static dev.longhaul.template.Template.brief;
import static dev.longhaul.template.Template.properties;
import static dev.longhaul.template.Template.resource;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What people are told of, by whom, and what silence means.
class AlarmsTest {
  static final List<String> ALARMS =
      List.copyOf(Template.resources("AWS::CloudWatch::Alarm").keySet());

  private static final String FROM_ALARMS =
      "{\"ArnLike\":{\"aws:SourceArn\":{\"Fn::Sub\":\"arn:${AWS::Partition}:cloudwatch:"
          + "${AWS::Region}:${AWS::AccountId}:alarm:${AWS::StackName}-*\"}}}";

  @Test
  void eachWatchesOneMetricOfSomethingThatIsThere() {
    Map<String, String> watched = new TreeMap<>();
    for (String alarm : ALARMS) {
      JsonNode dimensions = properties(alarm).path("Dimensions");
      assertThat(dimensions).as(alarm).hasSize(1);
      watched.put(
          alarm,
          "%s %s %s of %s"
              .formatted(
                  properties(alarm).path("Statistic").asText(),
                  properties(alarm).path("Namespace").asText(),
                  properties(alarm).path("MetricName").asText(),
                  brief(dimensions.at("/0/Value"))));
    }

    String visible = "Maximum AWS/SQS ApproximateNumberOfMessagesVisible of ";
    assertThat(watched)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "MigrationInErrorAlarm", "Maximum Longhaul MigrationsInError of TriggerFunction",
                "MigrationWithoutProgressAlarm",
                    "Maximum Longhaul MigrationsWithoutProgress of TriggerFunction",
                "DeadLettersAlarm", visible + "DeadLetters.QueueName",
                "UndeliveredEventsAlarm", visible + "UndeliveredEvents.QueueName",
                "SweepFailsAlarm", "Sum AWS/Lambda Errors of TriggerFunction",
                "SweepNotInvokedAlarm", "Sum AWS/Events FailedInvocations of SweepRule",
                "ExecutorFailsAlarm", "Sum AWS/Lambda Errors of ExecutorFunction"));
  }

  /// Of a count that is only reported now and then, the last report holds; a metric of failures
  /// that is silent while nothing fails says by its silence that all is well.
  @Test
  void silenceMeansWhatTheMetricMeansByIt() {
    Map<String, String> silence = new TreeMap<>();
    ALARMS.forEach(a -> silence.put(a, properties(a).path("TreatMissingData").asText()));

    assertThat(silence)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "MigrationInErrorAlarm", "ignore",
                "MigrationWithoutProgressAlarm", "notBreaching",
                "DeadLettersAlarm", "ignore",
                "UndeliveredEventsAlarm", "ignore",
                "SweepFailsAlarm", "notBreaching",
                "SweepNotInvokedAlarm", "notBreaching",
                "ExecutorFailsAlarm", "notBreaching"));
    // In a longer period an old count would outlast the sweep's last one.
    assertThat(properties("MigrationInErrorAlarm").path("Period").asInt()).isEqualTo(60);
  }

  @ParameterizedTest
  @FieldSource("ALARMS")
  void tellsWhoeverIsToBeTold(String alarm) {
    assertThat(resource(alarm).path("Condition").asText()).isEqualTo("HasAlarms");
    assertThat(properties(alarm).path("ComparisonOperator").asText())
        .isEqualTo("GreaterThanThreshold");
    assertThat(properties(alarm).path("Threshold").asInt(-1)).isZero();
    assertThat(properties(alarm).path("DatapointsToAlarm").asInt())
        .isBetween(1, properties(alarm).path("EvaluationPeriods").asInt());
    assertThat(properties(alarm).path("AlarmActions").toString())
        .isEqualTo(
            "[{\"Fn::If\":[\"HasAlarmEmail\",{\"Ref\":\"AlarmTopic\"},{\"Ref\":\"AWS::NoValue\"}]},"
                + "{\"Fn::If\":[\"HasAlarmTopic\",{\"Ref\":\"AlarmTopicArn\"},{\"Ref\":\"AWS::NoValue\"}]}]");
    assertThat(properties(alarm).path("OKActions"))
        .isEqualTo(properties(alarm).path("AlarmActions"));
    assertThat(brief(properties(alarm).path("AlarmName"))).startsWith("${AWS::StackName}-");
  }

  /// What is not in the runbook would only say that something is wrong.
  @ParameterizedTest
  @FieldSource("ALARMS")
  void standsInTheRunbook(String alarm) throws IOException {
    String name =
        brief(properties(alarm).path("AlarmName")).substring("${AWS::StackName}-".length());
    String page = Files.readString(Template.PROJECT.resolve("docs/console.md"));

    assertThat(page).contains("| `" + name + "` |");
    assertThat(Pattern.compile("(?m)^\\| `[a-z-]+` \\|").matcher(page).results().count())
        .isEqualTo(ALARMS.size());
  }

  @Test
  void topicIsEncryptedAndTakesAlarmsOfThisStackOnly() {
    JsonNode statements = properties("AlarmTopicPolicy").at("/PolicyDocument/Statement");

    assertThat(properties("AlarmTopic").path("KmsMasterKeyId").toString())
        .isEqualTo(
            "{\"Fn::If\":[\"HasKey\",{\"Ref\":\"KmsKeyArn\"},{\"Fn::GetAtt\":\"AlarmKey.Arn\"}]}");
    assertThat(statements).hasSize(2);
    assertThat(statements.at("/0/Effect").asText()).isEqualTo("Deny");
    assertThat(statements.at("/0/Condition/Bool").toString())
        .isEqualTo("{\"aws:SecureTransport\":\"false\"}");
    assertThat(statements.at("/1/Effect").asText()).isEqualTo("Allow");
    assertThat(statements.at("/1/Action").asText()).isEqualTo("sns:Publish");
    assertThat(statements.at("/1/Principal").toString())
        .isEqualTo("{\"Service\":\"cloudwatch.amazonaws.com\"}");
    assertThat(statements.at("/1/Condition").toString()).isEqualTo(FROM_ALARMS);
    for (String part : List.of("AlarmTopic", "AlarmSubscription", "AlarmTopicPolicy")) {
      assertThat(resource(part).path("Condition").asText()).isEqualTo("HasAlarmEmail");
    }
    assertThat(properties("AlarmSubscription").path("Protocol").asText()).isEqualTo("email");
  }

  /// CloudWatch may not use the key that AWS manages for SNS.
  @Test
  void keyIsTheAccountsAndLetsInAlarmsOfThisStackOnly() {
    JsonNode statements = properties("AlarmKey").at("/KeyPolicy/Statement");

    assertThat(Template.section("Conditions").path("NeedsAlarmKey").toString())
        .isEqualTo(
            "{\"Fn::And\":[{\"Condition\":\"HasAlarmEmail\"},"
                + "{\"Fn::Not\":[{\"Condition\":\"HasKey\"}]}]}");
    assertThat(properties("AlarmKey").path("EnableKeyRotation").asBoolean()).isTrue();
    assertThat(statements).hasSize(2);
    assertThat(brief(statements.at("/0/Principal/AWS")))
        .isEqualTo("arn:${AWS::Partition}:iam::${AWS::AccountId}:root");
    assertThat(statements.at("/1/Action").toString())
        .isEqualTo("[\"kms:GenerateDataKey\",\"kms:Decrypt\"]");
    assertThat(statements.at("/1/Condition").toString()).isEqualTo(FROM_ALARMS);
  }

  /// Whatever invokes a function without waiting has somewhere to put what fails, and every such
  /// place has an alarm.
  @Test
  void whatFailsGoesSomewhereAndSomebodyIsTold() {
    List<String> kept = new ArrayList<>();
    for (String rule : Template.resources("AWS::Events::Rule").keySet()) {
      for (JsonNode target : properties(rule).path("Targets")) {
        kept.add(brief(target.at("/DeadLetterConfig/Arn")));
        String function = brief(target.path("Arn")).replace(".Alias", "");
        kept.add(
            brief(
                properties(function)
                    .at("/EventInvokeConfig/DestinationConfig/OnFailure/Destination")));
      }
    }
    kept.add(brief(properties("Queue").at("/RedrivePolicy/deadLetterTargetArn")));

    assertThat(kept).isNotEmpty().allMatch(place -> place.endsWith(".Arn"));
    for (String place : kept) {
      assertThat(ALARMS).contains(place.replace(".Arn", "Alarm"));
    }
  }
}
