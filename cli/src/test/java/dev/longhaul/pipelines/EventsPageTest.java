package dev.longhaul.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TestBus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import software.amazon.event.ruler.Ruler;

/// What docs/events.md says is held to events that were really published.
class EventsPageTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PLACEHOLDER = Pattern.compile("<(\\w+)>");

  private static ObjectNode block(String heading) throws Exception {
    return (ObjectNode) JSON.readTree(Page.blocks("events.md", heading, "json").getFirst());
  }

  private static ObjectNode example() throws Exception {
    String page = java.nio.file.Files.readString(java.nio.file.Path.of("..", "docs", "events.md"));
    int start = page.indexOf("```json\n") + "```json\n".length();
    return (ObjectNode) JSON.readTree(page.substring(start, page.indexOf("\n```", start)));
  }

  /// The keywords that the schema uses, and no others: one that is not known here is an error,
  /// since it would hold nothing.
  private static List<String> problems(JsonNode value, JsonNode schema, String path) {
    List<String> problems = new ArrayList<>();
    for (Map.Entry<String, JsonNode> rule : schema.properties()) {
      JsonNode wanted = rule.getValue();
      boolean holds =
          switch (rule.getKey()) {
            case "$schema", "title", "description" -> true;
            case "type" ->
                (wanted.isArray() ? stream(wanted) : Stream.of(wanted))
                    .anyMatch(type -> isOf(value, type.asText()));
            case "enum" -> stream(wanted).anyMatch(value::equals);
            case "minimum" -> !value.isNumber() || value.asLong() >= wanted.asLong();
            case "minLength" -> !value.isTextual() || value.asText().length() >= wanted.asInt();
            case "maxLength" -> !value.isTextual() || value.asText().length() <= wanted.asInt();
            case "format" ->
                wanted.asText().equals("date-time") && Instant.parse(value.asText()) != null;
            case "required" -> stream(wanted).allMatch(name -> value.has(name.asText()));
            case "properties" -> {
              wanted
                  .properties()
                  .forEach(
                      property -> {
                        if (value.has(property.getKey())) {
                          problems.addAll(
                              problems(
                                  value.path(property.getKey()),
                                  property.getValue(),
                                  path + "." + property.getKey()));
                        }
                      });
              yield true;
            }
            default -> throw new AssertionError("unknown keyword " + rule.getKey());
          };
      if (!holds) {
        problems.add(path + " is against " + rule.getKey() + ": " + value);
      }
    }
    return problems;
  }

  private static boolean isOf(JsonNode value, String type) {
    return switch (type) {
      case "object" -> value.isObject();
      case "string" -> value.isTextual();
      case "integer" -> value.isIntegralNumber();
      case "null" -> value.isNull();
      default -> throw new AssertionError("unknown type " + type);
    };
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  @Test
  void theSchemaIsThatOfWhatIsPublished() throws Exception {
    ObjectNode schema = block("Schema");
    try (TestBus bus = TestBus.start();
        Fixture fixture =
            new Fixture(
                Database.create(),
                Map.of(
                    "EVENT_BUS_NAME", "default",
                    "AWS_ENDPOINT_URL_EVENTBRIDGE", bus.endpoint(),
                    "ALLOW_SCHEDULED_MIGRATIONS", "true"))) {
      fixture.register(
          Fixture.migration("good", "create table t (n int)", "drop table t")
              .put("requested_by", "ci@example.com")
              .toString());
      fixture.register("bad", "select 1 / 0", "");
      fixture.trigger("{\"all\": true}");
      fixture.executeAll();
      fixture.control("rollback", "good");
      fixture.control("retry", "bad");
      fixture.control("pause", "bad");
      fixture.control("cancel", "bad");
      fixture.executeUntil("good", "ROLLED BACK");

      assertThat(bus.details()).hasSizeGreaterThan(10);
      for (JsonNode detail : bus.details()) {
        assertThat(problems(detail, schema, "detail")).isEmpty();
        assertThat(names(detail)).isEqualTo(names(schema.path("properties")));
      }
      assertThat(bus.entries())
          .allSatisfy(
              entry -> {
                assertThat(entry.path("Source").asText()).isEqualTo("longhaul");
                assertThat(entry.path("DetailType").asText()).isEqualTo("Migration Status Changed");
              });
      Set<String> seen = new TreeSet<>();
      bus.details().forEach(detail -> seen.add(detail.path("to").asText()));
      assertThat(seen).hasSize(MigrationStatus.values().length);
    }
    List<String> statuses =
        Arrays.stream(MigrationStatus.values()).map(MigrationStatus::label).toList();
    assertThat(stream(schema.at("/properties/to/enum")).map(JsonNode::asText))
        .containsExactlyElementsOf(statuses);
    assertThat(problems(example().path("detail"), schema, "detail")).isEmpty();
    assertThat(names(example().path("detail"))).isEqualTo(names(schema.path("properties")));
  }

  private static Set<String> names(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /// The rules of the examples take the event that they are about and no other, and their input
  /// transformers name fields that there are.
  @Test
  void rulesOfTheExamplesMatch() throws Exception {
    Map<String, Set<String>> wanted =
        Map.of(
            "SNS", Set.of("ERROR"),
            "Slack", Set.of("FINISHED", "ERROR", "CANCELLED", "ROLLED BACK"),
            "Step Functions", Set.of("FINISHED"));
    for (Map.Entry<String, Set<String>> example : wanted.entrySet()) {
      ObjectNode template =
          Page.yaml(Page.blocks("events.md", example.getKey(), "yaml").getFirst());
      JsonNode rule =
          stream(template.path("Resources"))
              .filter(resource -> resource.path("Type").asText().equals("AWS::Events::Rule"))
              .findFirst()
              .orElseThrow()
              .path("Properties");
      for (MigrationStatus status : MigrationStatus.values()) {
        ObjectNode event = example();
        ((ObjectNode) event.path("detail")).put("to", status.label());
        assertThat(Ruler.matchesRule(event.toString(), rule.path("EventPattern").toString()))
            .as(example.getKey() + " and " + status)
            .isEqualTo(example.getValue().contains(status.label()));
        event.put("detail-type", "Run Migrations");
        assertThat(Ruler.matchesRule(event.toString(), rule.path("EventPattern").toString()))
            .isFalse();
      }
      JsonNode transformer = rule.at("/Targets/0/InputTransformer");
      transformer
          .path("InputPathsMap")
          .forEach(
              path -> {
                try {
                  assertThat(
                          example()
                              .at(path.asText().substring(1).replace('.', '/'))
                              .isMissingNode())
                      .as(path.asText())
                      .isFalse();
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
      JsonNode text = transformer.path("InputTemplate");
      assertThat(PLACEHOLDER.matcher(text.toString()).results().map(name -> name.group(1)))
          .containsExactlyInAnyOrderElementsOf(names(transformer.path("InputPathsMap")));
    }
  }

  @Test
  void theStateMachineEndsAtEveryEnd() throws Exception {
    ObjectNode machine = block("Step Functions");
    JsonNode states = machine.path("States");
    assertThat(states.has(machine.path("StartAt").asText())).isTrue();
    for (JsonNode state : states) {
      for (String next : List.of("Next", "Default")) {
        if (state.has(next)) {
          assertThat(states.has(state.path(next).asText())).isTrue();
        }
      }
    }
    Set<String> ends = new TreeSet<>();
    for (JsonNode choice : states.at("/Ended?/Choices")) {
      ends.add(choice.path("StringEquals").asText());
      assertThat(states.path(choice.path("Next").asText()).path("Type").asText())
          .isIn("Succeed", "Fail");
    }
    assertThat(ends)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(MigrationStatus.values())
                .filter(MigrationStatus::isEnd)
                .map(MigrationStatus::label)
                .toList());
    assertThat(ends).doesNotContain(MigrationStatus.PAUSED.label());
  }
}
