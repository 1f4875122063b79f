package dev.longhaul.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.testing.Database;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.eventbridge.model.DescribeRuleResponse;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.Target;

/// The rules of template.yaml, and events on their way in and out. No emulator here invokes the
/// functions, so a queue shows what a rule delivers, and the test hands it on.
@ParameterizedClass(name = "{0}")
@MethodSource("dev.longhaul.scenario.Endpoints#all")
class EventsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STATUS_CHANGED =
      """
      {"source": ["longhaul"], "detail-type": ["Migration Status Changed"]}
      """;

  private final Endpoint endpoint;
  private final Stack stack;

  EventsTest(Endpoint endpoint) {
    this.endpoint = endpoint;
    this.stack = new Stack(endpoint);
  }

  @AfterEach
  void close() {
    stack.close();
  }

  @Test
  void rulesAreTakenAsTheTemplateHasThem() throws Exception {
    endpoint.require(Feature.PUT_RULES);
    for (String logicalId : List.of("SweepRule", "TimedRule", "ManualRule")) {
      stack.putRule(logicalId);

      JsonNode wanted = stack.properties(logicalId);
      String name = wanted.path("Name").asText();
      DescribeRuleResponse rule = stack.events.describeRule(request -> request.name(name));
      assertThat(rule.stateAsString()).isEqualTo("ENABLED");
      if (wanted.has("ScheduleExpression")) {
        assertThat(rule.scheduleExpression()).isEqualTo(wanted.path("ScheduleExpression").asText());
      } else {
        assertThat(JSON.readTree(rule.eventPattern())).isEqualTo(wanted.path("EventPattern"));
      }
      List<Target> targets =
          stack.events.listTargetsByRule(request -> request.rule(name)).targets();
      assertThat(targets).hasSize(1);
      JsonNode target = wanted.path("Targets").path(0);
      assertThat(targets.getFirst().arn()).isEqualTo(target.path("Arn").asText());
      assertThat(targets.getFirst().input())
          .isEqualTo(target.has("Input") ? target.path("Input").asText() : null);
      assertThat(targets.getFirst().deadLetterConfig().arn())
          .isEqualTo(target.at("/DeadLetterConfig/Arn").asText());
      assertThat(targets.getFirst().retryPolicy().maximumRetryAttempts())
          .isEqualTo(target.at("/RetryPolicy/MaximumRetryAttempts").asInt());
    }
  }

  @Test
  void anEventRunsTheMigrationsThatItNames() {
    endpoint.require(Feature.PUT_RULES, Feature.QUEUE_AS_TARGET);
    try (Stack waiting =
        new Stack(endpoint, Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"))) {
      waiting.functions.register("0001_a", "create table a (n int)", "");
      String seen = waiting.putRuleForQueue("ManualRule");

      waiting.events.putEvents(
          request ->
              request.entries(
                  entry("com.example.pipeline", "Something Else", "{}"),
                  entry(
                      "com.example.pipeline",
                      "Run Migrations",
                      "{\"migration_names\": [\"0001_a\"]}")));
      JsonNode event = waiting.await(seen, 1).getFirst();
      assertThat(event.path("detail-type").asText()).isEqualTo("Run Migrations");
      assertThat(waiting.functions.trigger(event.toString()).path("started"))
          .hasToString("[\"0001_a\"]");
      waiting.deliverUntil("0001_a", "FINISHED");
      assertThat(waiting.receive(seen)).isEmpty();
    }
  }

  private static PutEventsRequestEntry entry(String source, String detailType, String detail) {
    return PutEventsRequestEntry.builder()
        .eventBusName("default")
        .source(source)
        .detailType(detailType)
        .detail(detail)
        .build();
  }

  @Test
  void everyTransitionReachesASubscriber() {
    endpoint.require(Feature.PUT_RULES, Feature.QUEUE_AS_TARGET);
    String seen = stack.subscribe(STATUS_CHANGED);
    stack.functions.register("0001_a", "create table a (n int)", "");
    stack.deliverUntil("0001_a", "FINISHED");

    assertThat(transitions(stack.await(seen, 3)))
        .containsExactly(
            "0001_a null → STARTED",
            "0001_a STARTED → IN PROGRESS",
            "0001_a IN PROGRESS → FINISHED");
    assertThat(stack.outbox()).isEmpty();
  }

  /// In the order of the journal: a queue may deliver in any other.
  private static List<String> transitions(List<JsonNode> events) {
    return events.stream()
        .map(event -> event.path("detail"))
        .sorted(Comparator.comparingLong(detail -> detail.path("id").asLong()))
        .map(
            detail ->
                "%s %s → %s"
                    .formatted(
                        detail.path("migration_name").asText(),
                        detail.path("from").asText(),
                        detail.path("to").asText()))
        .toList();
  }

  @Test
  void theSweepIsOffWhileNothingIsOutstanding() {
    endpoint.require(Feature.PUT_RULES);
    stack.putRuleWithoutTargets("SweepRule");
    String rule = stack.name + "-sweep";
    try (Stack switching =
        new Stack(endpoint, stack.functions.database, Map.of("SWEEP_RULE_NAME", rule))) {
      switching.functions.trigger("{}");
      assertThat(state(switching, rule)).isEqualTo("DISABLED");
      switching.functions.register("0001_a", "create table a (n int)", "");
      assertThat(state(switching, rule)).isEqualTo("ENABLED");
      switching.deliverUntil("0001_a", "FINISHED");
      switching.functions.trigger("{}");
      assertThat(state(switching, rule)).isEqualTo("DISABLED");
    }
  }

  private static String state(Stack stack, String rule) {
    return stack.events.describeRule(request -> request.name(rule)).stateAsString();
  }

  /// EventBridge answers 200 also if it takes some entries only.
  @Test
  void entriesThatAreNotTakenAreSentAgain() {
    boolean isSeen =
        !endpoint.gaps().contains(Feature.PUT_RULES)
            && !endpoint.gaps().contains(Feature.QUEUE_AS_TARGET);
    String seen = isSeen ? stack.subscribe(STATUS_CHANGED) : "";
    stack.wayToEvents.answer(
        200,
        """
        {"FailedEntryCount": 1, "Entries": [
          {"EventId": "6a7e8feb-b491-4cf7-a9f1-bf3703467718"},
          {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"}]}
        """);
    stack.functions.register(
        """
        {"migrations": [
          {"migration_name": "0001_a", "sql_forwards": "select 1", "sql_backwards": ""},
          {"migration_name": "0002_b", "sql_forwards": "select 1", "sql_backwards": ""}]}
        """);
    assertThat(stack.outbox()).containsExactly("STARTED");

    stack.wayToEvents.pass();
    stack.sweep();
    assertThat(stack.outbox()).isEmpty();
    if (isSeen) {
      assertThat(transitions(stack.await(seen, 1))).containsExactly("0002_b null → STARTED");
    }
  }
}
