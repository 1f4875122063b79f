package dev.longhaul.template;

import static dev.longhaul.template.Template.brief;
import static dev.longhaul.template.Template.properties;
import static dev.longhaul.template.Template.resource;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class RulesTest {
  static final List<String> RULES = List.of("Sweep", "Timed", "Manual");

  @Test
  void thereAreNoOtherRules() {
    assertThat(Template.resources("AWS::Events::Rule"))
        .containsOnlyKeys("SweepRule", "TimedRule", "ManualRule");
    assertThat(Template.resources("AWS::Lambda::Permission"))
        .containsOnlyKeys("SweepPermission", "TimedPermission", "ManualPermission");
  }

  @ParameterizedTest
  @FieldSource("RULES")
  void invokesTheTriggerAndMay(String rule) {
    assertThat(properties(rule + "Rule").path("State").asText()).isEqualTo("ENABLED");
    JsonNode targets = properties(rule + "Rule").path("Targets");
    assertThat(targets).hasSize(1);
    assertThat(brief(targets.at("/0/Arn"))).isEqualTo("TriggerFunction.Alias");

    JsonNode permission = properties(rule + "Permission");
    assertThat(permission.path("Action").asText()).isEqualTo("lambda:InvokeFunction");
    assertThat(permission.path("Principal").asText()).isEqualTo("events.amazonaws.com");
    assertThat(permission.path("FunctionName")).isEqualTo(targets.at("/0/Arn"));
    assertThat(brief(permission.path("SourceArn"))).isEqualTo(rule + "Rule.Arn");
    assertThat(resource(rule + "Permission").path("Condition"))
        .isEqualTo(resource(rule + "Rule").path("Condition"));
  }

  @ParameterizedTest
  @FieldSource("RULES")
  void keepsWhatItCannotDeliver(String rule) {
    JsonNode target = properties(rule + "Rule").at("/Targets/0");

    assertThat(brief(target.at("/DeadLetterConfig/Arn"))).isEqualTo("UndeliveredEvents.Arn");
    assertThat(target.at("/RetryPolicy/MaximumRetryAttempts").asInt(-1)).isBetween(0, 185);
    assertThat(target.at("/RetryPolicy/MaximumEventAgeInSeconds").asInt()).isBetween(60, 86_400);
  }

  /// The functions and the roles know rules by name, which spares them a circular reference.
  @ParameterizedTest
  @FieldSource("RULES")
  void isNamedAfterTheStack(String rule) {
    assertThat(brief(properties(rule + "Rule").path("Name")))
        .isEqualTo("${AWS::StackName}-" + rule.toLowerCase(java.util.Locale.ROOT));
  }

  @Test
  void sweepsEveryMinuteWithAnEmptyRequest() {
    JsonNode rule = properties("SweepRule");

    assertThat(rule.path("ScheduleExpression").asText()).isEqualTo("rate(1 minute)");
    assertThat(rule.at("/Targets/0/Input").asText()).isEqualTo("{}");
  }

  @Test
  void timedRuleTriggersAllAndExistsOnlyWithASchedule() {
    JsonNode rule = properties("TimedRule");

    assertThat(resource("TimedRule").path("Condition").asText()).isEqualTo("HasTimedTrigger");
    assertThat(Template.section("Conditions").path("HasTimedTrigger").toString())
        .isEqualTo("{\"Fn::Not\":[{\"Fn::Equals\":[{\"Ref\":\"TimedTriggerSchedule\"},\"\"]}]}");
    assertThat(Template.section("Parameters").at("/TimedTriggerSchedule/Default").asText("none"))
        .isEmpty();
    assertThat(brief(rule.path("ScheduleExpression"))).isEqualTo("TimedTriggerSchedule");
    assertThat(rule.at("/Targets/0/Input").asText()).isEqualTo("{\"all\":true}");
  }

  /// EventBridge runs schedules on the default bus only.
  @Test
  void schedulesAreOnTheDefaultBus() {
    assertThat(properties("SweepRule").has("EventBusName")).isFalse();
    assertThat(properties("TimedRule").has("EventBusName")).isFalse();
  }

  @Test
  void manualRulePassesTheWholeEventOfItsDetailType() {
    JsonNode rule = properties("ManualRule");

    assertThat(rule.path("EventPattern").toString())
        .isEqualTo("{\"detail-type\":[\"Run Migrations\"]}");
    JsonNode target = rule.at("/Targets/0");
    for (String transformation : List.of("Input", "InputPath", "InputTransformer")) {
      assertThat(target.has(transformation)).as(transformation).isFalse();
    }
  }
}
