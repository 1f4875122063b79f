package dev.longhaul.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResultEntry;
import software.amazon.awssdk.services.eventbridge.model.ResourceNotFoundException;
import software.amazon.awssdk.services.eventbridge.model.Rule;
import software.amazon.awssdk.services.eventbridge.model.RuleState;

class EventsApiTest {
  private static final String TRIGGER = "TriggerFunction";
  private static final String SWEEP = "longhaul-sweep";
  private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path state;
  private TestFunctions functions;
  private volatile Instant now = START;
  private LocalStack stack;
  private EventBridgeClient events;

  @BeforeEach
  void start() throws InterruptedException {
    functions = new TestFunctions();
    stack = LocalStack.start(options(), functions);
    events = TestStack.events(stack);
    assertThat(functions.next(TRIGGER)).as("the sweep of the start").isEqualTo("{}");
  }

  private LocalStackOptions options() {
    InstantSource clock = () -> now;
    return TestStack.options(state).databaseUrl("jdbc:sqlite:unused").clock(clock);
  }

  @AfterEach
  void stop() {
    events.close();
    stack.close();
  }

  @Test
  void eventReachesTheFunctionWhoseRuleMatches() throws Exception {
    var response =
        put(
            e ->
                e.source("me")
                    .detailType("Run Migrations")
                    .detail("{\"all\":true}")
                    .resources("arn:aws:s3:::one")
                    .time(Instant.parse("2026-11-20T01:02:03Z")));

    assertThat(response.failedEntryCount()).isZero();
    var event = JSON.readTree(functions.next(TRIGGER));
    assertThat(event)
        .isEqualTo(
            JSON.readTree(
                """
                {"version":"0","id":"%s","detail-type":"Run Migrations","source":"me",
                 "account":"123456789012","time":"2026-11-20T01:02:03Z","region":"us-east-1",
                 "resources":["arn:aws:s3:::one"],"detail":{"all":true}}
                """
                    .formatted(response.entries().getFirst().eventId())));
  }

  @Test
  void otherEventsReachNobody() throws Exception {
    put(e -> e.source("me").detailType("Something Else").detail("{}"));
    put(e -> e.eventBusName("other").source("me").detailType("Run Migrations").detail("{}"));

    put(e -> e.source("me").detailType("Run Migrations").detail("{\"last\":true}"));

    assertThat(functions.next(TRIGGER)).contains("\"last\"");
    assertThat(functions.payloads(TRIGGER)).isEmpty();
  }

  @Test
  void inputTransformerShapesWhatTheTargetGets() throws Exception {
    put(
        e ->
            e.source("longhaul")
                .detailType("Migration Status Changed")
                .detail("{\"migration_name\":\"a \\\"b\\\"\",\"to\":\"FINISHED\"}"));

    assertThat(JSON.readTree(functions.next("RegistrationFunction")))
        .isEqualTo(
            JSON.readTree(
                """
                {"migration":"a \\"b\\"","text":"a \\"b\\" is FINISHED",
                 "rule":"longhaul-ChangedRule"}
                """));
  }

  @Test
  void wrongEntriesAreAnsweredOneByOne() {
    var response =
        events.putEvents(
            r ->
                r.entries(
                    entry(e -> e.detailType("t").detail("{}")),
                    entry(e -> e.source("me").detail("{}")),
                    entry(e -> e.source("me").detailType("t")),
                    entry(e -> e.source("me").detailType("t").detail("[1]")),
                    entry(e -> e.source("me").detailType("t").detail("{} {}")),
                    entry(e -> e.source("aws.s3").detailType("t").detail("{}")),
                    entry(e -> e.source("me").detailType("t").detail("{}"))));

    assertThat(response.failedEntryCount()).isEqualTo(6);
    assertThat(response.entries())
        .extracting(PutEventsResultEntry::errorCode)
        .containsExactly(
            "InvalidArgument",
            "InvalidArgument",
            "InvalidArgument",
            "MalformedDetail",
            "MalformedDetail",
            "NotAuthorizedForSourceException",
            null);
    assertThat(response.entries().getFirst().errorMessage())
        .isEqualTo("Parameter Source is not valid. Reason: Source is a required argument.");
    assertThat(response.entries().getLast().eventId()).hasSize(36);
  }

  @Test
  void wrongRequestIsRefusedAsAWhole() {
    var entry = entry(e -> e.source("me").detailType("t").detail("{}"));
    var large = "{\"a\":\"" + "x".repeat(256 * 1024) + "\"}";

    assertThatThrownBy(() -> events.putEvents(r -> r.entries(Collections.nCopies(11, entry))))
        .isInstanceOfSatisfying(EventBridgeException.class, EventsApiTest::isValidation)
        .hasMessageContaining("less than or equal to 10");
    assertThatThrownBy(() -> put(e -> e.source("me").detailType("t").detail(large)))
        .isInstanceOfSatisfying(EventBridgeException.class, EventsApiTest::isValidation);
    assertThatThrownBy(() -> events.listEventBuses(_ -> {}))
        .isInstanceOfSatisfying(
            EventBridgeException.class,
            e ->
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("UnknownOperationException"));
  }

  private static void isValidation(EventBridgeException e) {
    assertThat(e.statusCode()).isEqualTo(400);
    assertThat(e.awsErrorDetails().errorCode()).isEqualTo("ValidationException");
  }

  @Test
  void scheduledRuleFiresWhenItsTimeComes() throws Exception {
    now = START.plusSeconds(59);
    assertThat(functions.payloads(TRIGGER).poll(300, TimeUnit.MILLISECONDS)).isNull();

    now = START.plusSeconds(60);
    assertThat(functions.next(TRIGGER)).isEqualTo("{}");

    now = START.plusSeconds(100);
    assertThat(functions.payloads(TRIGGER).poll(300, TimeUnit.MILLISECONDS)).isNull();
    now = START.plusSeconds(120);
    assertThat(functions.next(TRIGGER)).isEqualTo("{}");
  }

  @Test
  void sleptThroughTimesFireOnce() throws Exception {
    now = START.plusSeconds(3600);

    assertThat(functions.next(TRIGGER)).isEqualTo("{}");
    assertThat(functions.payloads(TRIGGER).poll(300, TimeUnit.MILLISECONDS)).isNull();
    now = START.plusSeconds(3660);
    assertThat(functions.next(TRIGGER)).isEqualTo("{}");
  }

  @Test
  void disabledRuleRestsUntilItIsEnabled() throws Exception {
    events.disableRule(r -> r.name(SWEEP));
    events.disableRule(r -> r.name("longhaul-manual"));
    assertThat(events.describeRule(r -> r.name(SWEEP)).state()).isEqualTo(RuleState.DISABLED);

    put(e -> e.source("me").detailType("Run Migrations").detail("{}"));
    now = START.plusSeconds(60);
    assertThat(functions.payloads(TRIGGER).poll(500, TimeUnit.MILLISECONDS)).isNull();

    events.enableRule(r -> r.name(SWEEP));
    now = START.plusSeconds(120);
    assertThat(functions.next(TRIGGER)).isEqualTo("{}");
  }

  @Test
  void switchedRulesStaySoAfterARestart() throws Exception {
    events.disableRule(r -> r.name(SWEEP));
    events.close();
    stack.close();

    stack = LocalStack.start(options(), functions);
    events = TestStack.events(stack);

    assertThat(states())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                SWEEP,
                RuleState.DISABLED,
                "longhaul-manual",
                RuleState.ENABLED,
                "longhaul-ChangedRule",
                RuleState.ENABLED));
    // The sweep of the start runs all the same: there may be work that a killed stack left.
    assertThat(functions.next(TRIGGER)).isEqualTo("{}");
    now = START.plusSeconds(600);
    assertThat(functions.payloads(TRIGGER).poll(300, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void describesAndListsRules() {
    var rule = events.describeRule(r -> r.name(SWEEP));

    assertThat(rule.arn()).isEqualTo("arn:aws:events:us-east-1:123456789012:rule/longhaul-sweep");
    assertThat(rule.scheduleExpression()).isEqualTo("rate(1 minute)");
    assertThat(rule.description()).isEqualTo("every minute");
    assertThat(events.listRules(r -> r.namePrefix("longhaul-m")).rules())
        .extracting(Rule::name, Rule::eventPattern)
        .containsExactly(tuple("longhaul-manual", "{\"detail-type\":[\"Run Migrations\"]}"));
    assertThatThrownBy(() -> events.enableRule(r -> r.name("none")))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("Rule none does not exist on EventBus default.");
  }

  @Test
  void templateGivesTheFunctionsTheirEnvironment() throws IOException {
    assertThat(functions.environment)
        .containsEntry("SWEEP_RULE_NAME", SWEEP)
        .containsEntry("EVENT_BUS_NAME", "default")
        .containsEntry("QUEUE_URL", stack.addresses().queueUrl())
        .containsEntry("DATABASE_URL", "jdbc:sqlite:unused")
        .containsEntry("ALLOW_SCHEDULED_MIGRATIONS", "false")
        .containsEntry("AWS_ENDPOINT_URL_SQS", stack.addresses().queueEndpoint().toString())
        .containsEntry("AWS_ENDPOINT_URL_EVENTBRIDGE", stack.addresses().endpoint().toString());
    JsonNode description = JSON.readTree(state.resolve("stack.json").toFile());
    assertThat(description.path("endpoint_url").asText())
        .isEqualTo(stack.addresses().endpoint().toString());
  }

  private Map<String, RuleState> states() {
    return events.listRules(_ -> {}).rules().stream()
        .collect(Collectors.toMap(Rule::name, Rule::state));
  }

  private PutEventsResponse put(Consumer<PutEventsRequestEntry.Builder> entry) {
    return events.putEvents(r -> r.entries(entry(entry)));
  }

  private static PutEventsRequestEntry entry(Consumer<PutEventsRequestEntry.Builder> entry) {
    var builder = PutEventsRequestEntry.builder();
    entry.accept(builder);
    return builder.build();
  }
}
