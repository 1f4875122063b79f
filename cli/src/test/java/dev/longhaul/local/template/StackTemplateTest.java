package dev.longhaul.local.template;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StackTemplateTest {

  @Test
  void functionsTakeWhatTheyLackFromTheGlobals() throws IOException {
    var functions = template(Map.of()).functions();

    assertThat(functions)
        .extracting(FunctionDefinition::name, FunctionDefinition::timeout)
        .containsExactly(
            tuple("RegistrationFunction", Duration.ofSeconds(1)),
            tuple("TriggerFunction", Duration.ofSeconds(30)),
            tuple("ExecutorFunction", Duration.ofSeconds(30)));
    assertThat(functions.getFirst().environment())
        .containsEntry("SUBNETS", "subnet-1+subnet-2")
        .containsEntry("QUEUE_URL", "longhaul-migrations")
        .containsEntry("SWEEP_RULE_NAME", "longhaul-sweep");
  }

  @Test
  void queuesKeepTheirRedrivePolicyAndAreNamedAfterTheStackIfAtAll() throws IOException {
    var queues = template(Map.of()).queues();

    assertThat(queues)
        .extracting(QueueDefinition::name)
        .containsExactly("longhaul-migrations", "longhaul-DeadLetters");
    assertThat(queues.getFirst().attributes())
        .containsEntry("VisibilityTimeout", "2")
        .containsEntry(
            "RedrivePolicy",
            "{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:123456789012:longhaul-DeadLetters\","
                + "\"maxReceiveCount\":2}");
  }

  @Test
  void functionEventBecomesAnEventSourceMapping() throws IOException {
    assertThat(template(Map.of()).queueSources())
        .containsExactly(new QueueSource("longhaul-migrations", "ExecutorFunction", 1, 3, true));
  }

  @Test
  void explicitMappingIsReadToo() {
    var template =
        StackTemplate.parse(
            """
            Resources:
              Queue: {Type: AWS::SQS::Queue}
              Work: {Type: AWS::Serverless::Function}
              Mapping:
                Type: AWS::Lambda::EventSourceMapping
                Properties:
                  EventSourceArn: !GetAtt Queue.Arn
                  FunctionName: !Ref Work
            """,
            "t",
            Map.of());

    assertThat(template.queueSources())
        .containsExactly(new QueueSource("longhaul-Queue", "Work", 10, 10, false));
  }

  @Test
  void conditionsDecideWhatIsThere() throws IOException {
    assertThat(template(Map.of()).rules()).extracting(RuleDefinition::name).hasSize(3);

    var timed = template(Map.of("TimedRule", "yes"));

    assertThat(timed.rules())
        .extracting(RuleDefinition::name)
        .containsExactly(
            "longhaul-sweep", "longhaul-timed", "longhaul-manual", "longhaul-ChangedRule");
    assertThat(timed.rules().get(1).enabled()).isFalse();
    assertThat(timed.rules().get(1).targets().getFirst().input())
        .isEqualTo(new RuleTarget.Constant("{\"all\": true}"));
    assertThat(timed.functions().get(1).memoryMegabytes()).isEqualTo(1024);
    assertThat(template(Map.of()).functions().get(1).memoryMegabytes()).isEqualTo(512);
  }

  @Test
  void parametersChangeNames() throws IOException {
    var template = template(Map.of("Prefix", "blue", "VisibilitySeconds", "90"));

    assertThat(template.sweepRule()).map(RuleDefinition::name).contains("blue-sweep");
    assertThat(template.queues().getFirst().attributes()).containsEntry("VisibilityTimeout", "90");
  }

  @Test
  void aliasOfAFunctionIsTheFunction() {
    var template =
        StackTemplate.parse(
            """
            Resources:
              Work: {Type: AWS::Serverless::Function, Properties: {AutoPublishAlias: live}}
              Rule:
                Type: AWS::Events::Rule
                Properties:
                  Targets:
                    - {Id: alias, Arn: !Ref Work.Alias}
                    - {Id: version, Arn: !Ref Work.Version}
            """,
            "t",
            Map.of());

    assertThat(template.rules().getFirst().targets())
        .extracting(RuleTarget::arn)
        .containsOnly("arn:aws:lambda:us-east-1:123456789012:function:Work");
  }

  @Test
  void eventsOfAFunctionBecomeRules() {
    var template =
        StackTemplate.parse(
            """
            Resources:
              Work:
                Type: AWS::Serverless::Function
                Properties:
                  Events:
                    Sweep: {Type: Schedule, Properties: {Schedule: rate(1 minute), Input: "{}"}}
                    Manual:
                      Type: EventBridgeRule
                      Properties: {RuleName: manual, State: DISABLED, Pattern: {source: [me]}}
            """,
            "t",
            Map.of());

    assertThat(template.rules())
        .containsExactly(
            new RuleDefinition(
                "WorkSweep",
                "longhaul-WorkSweep",
                "",
                "default",
                null,
                "rate(1 minute)",
                true,
                List.of(
                    new RuleTarget(
                        "WorkSweep",
                        "arn:aws:lambda:us-east-1:123456789012:function:Work",
                        new RuleTarget.Constant("{}")))),
            new RuleDefinition(
                "WorkManual",
                "manual",
                "",
                "default",
                "{\"source\":[\"me\"]}",
                null,
                false,
                List.of(
                    new RuleTarget(
                        "WorkManual",
                        "arn:aws:lambda:us-east-1:123456789012:function:Work",
                        new RuleTarget.Whole()))));
  }

  @Test
  void intrinsicsAreResolvedInOneAnother() {
    var template =
        StackTemplate.parse(
            """
            Mappings:
              Sizes: {us-east-1: {small: 256}}
            Parameters:
              Empty: {Type: String}
            Conditions:
              IsEmpty: !Equals [!Ref Empty, ""]
              Both: !And [!Condition IsEmpty, !Not [!Equals [a, b]]]
              Either: !Or [!Equals [a, b], !Condition Both]
            Resources:
              Work:
                Type: AWS::Serverless::Function
                Properties:
                  MemorySize: !FindInMap [Sizes, !Ref AWS::Region, small]
                  Environment:
                    Variables:
                      CHOSEN: !If [Either, !Select [1, !Split [",", "a,b"]], c]
                      LITERAL: !Sub ["${!Kept} ${Own} ${Work.Arn}", {Own: !Ref AWS::AccountId}]
                      ENCODED: !Base64 hi
                      IMPORTED: !ImportValue other
                      DATE: 2012-10-17
                      OCTAL: 0755
                      WORD: on
            """,
            "t",
            Map.of());

    var function = template.functions().getFirst();
    assertThat(function.memoryMegabytes()).isEqualTo(256);
    assertThat(function.environment())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "CHOSEN",
                "b",
                "LITERAL",
                "${Kept} 123456789012 arn:aws:lambda:us-east-1:123456789012:function:Work",
                "ENCODED",
                "aGk=",
                "IMPORTED",
                "other",
                "DATE",
                "2012-10-17",
                "OCTAL",
                "0755",
                "WORD",
                "on"));
  }

  @Test
  void readsTheProjectsOwnTemplate() {
    var file = Path.of("..", "template.yaml");

    var template = StackTemplate.read(file, Map.of("TimedTriggerSchedule", "cron(0 2 ? * SAT *)"));

    assertThat(template.functions())
        .extracting(FunctionDefinition::name)
        .contains("RegistrationFunction", "TriggerFunction", "ExecutorFunction", "ControlFunction");
    assertThat(template.queueSources())
        .containsExactly(new QueueSource("longhaul-queue", "ExecutorFunction", 1, 5, true));
    assertThat(template.sweepRule()).map(RuleDefinition::logicalId).contains("SweepRule");
    assertThat(template.rules())
        .extracting(RuleDefinition::name)
        .containsExactlyInAnyOrder("longhaul-sweep", "longhaul-timed", "longhaul-manual");
    assertThat(StackTemplate.read(file, Map.of()).rules()).hasSize(2);
  }

  @Test
  void saysWhatIsWrongWithAParameter() {
    assertThatThrownBy(() -> template(Map.of("Size", "1")))
        .isInstanceOf(TemplateProblem.class)
        .hasMessage(
            "the template has no parameter Size;"
                + " it has Prefix, VisibilitySeconds, TimedRule, SubnetIds");
    assertThatThrownBy(() -> template(Map.of("TimedRule", "maybe")))
        .hasMessage("parameter TimedRule is maybe: allowed are [\"yes\",\"no\"]");
  }

  @Test
  void saysWhatIsNoTemplate() {
    assertThatThrownBy(() -> StackTemplate.parse("- a\n- b", "list.yaml", Map.of()))
        .isInstanceOf(TemplateProblem.class)
        .hasMessage("list.yaml is not a CloudFormation template");
    assertThatThrownBy(() -> StackTemplate.parse("a: [", "broken.yaml", Map.of()))
        .isInstanceOf(TemplateProblem.class)
        .hasMessageStartingWith("broken.yaml is not YAML");
  }

  private static StackTemplate template(Map<String, String> parameters) throws IOException {
    try (var yaml = StackTemplateTest.class.getResourceAsStream("/local-template.yaml")) {
      var text = new String(Objects.requireNonNull(yaml).readAllBytes(), UTF_8);
      return StackTemplate.parse(text, "template.yaml", parameters);
    }
  }
}
