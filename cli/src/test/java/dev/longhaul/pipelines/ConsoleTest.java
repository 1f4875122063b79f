package dev.longhaul.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.local.template.YamlTree;
import java.io.IOException;
import java.io.StringReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The texts of docs/console.md, and the shared test events of template.yaml, sent as the console
/// would.
class ConsoleTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PAGE = "console.md";
  private static final String NAME = "0001_hello";

  @TempDir private Path state;

  private record Console(Stack stack) {
    HttpResponse<String> test(String function, String event) throws Exception {
      return send(
          HttpRequest.newBuilder(
                  stack.endpoint().resolve("/2015-03-31/functions/" + function + "/invocations"))
              .POST(BodyPublishers.ofString(event)));
    }

    JsonNode answer(String function, String event) throws Exception {
      HttpResponse<String> response = test(function, event);
      assertThat(response.headers().firstValue("X-Amz-Function-Error"))
          .as(response.body())
          .isEmpty();
      return JSON.readTree(response.body());
    }

    /// The page's fields, as the console puts them into the request.
    JsonNode sendEvents(String source, String detailType, String detail) throws Exception {
      ObjectNode request = JSON.createObjectNode();
      request
          .putArray("Entries")
          .addObject()
          .put("EventBusName", "default")
          .put("Source", source)
          .put("DetailType", detailType)
          .put("Detail", detail);
      return JSON.readTree(
          send(HttpRequest.newBuilder(stack.endpoint().resolve("/"))
                  .header("X-Amz-Target", "AWSEvents.PutEvents")
                  .header("Content-Type", "application/x-amz-json-1.1")
                  .POST(BodyPublishers.ofString(request.toString())))
              .body());
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
      try (HttpClient http = HttpClient.newHttpClient()) {
        return http.send(request.build(), BodyHandlers.ofString());
      }
    }
  }

  @Test
  void textsOfThePageDoWhatItSays() throws Exception {
    try (Stack stack = new Stack(state)) {
      Console console = new Console(stack);
      String register = Page.blocks(PAGE, "Lambda: the Test tab", "json").getFirst();
      List<String> control = Page.blocks(PAGE, "ControlFunction", "json");
      List<String> trigger = Page.blocks(PAGE, "TriggerFunction", "json");

      assertThat(
              console.answer("longhaul-RegistrationFunction", register).path("created").asBoolean())
          .isTrue();
      stack.await(NAME, "FINISHED");
      assertThat(console.answer("longhaul-ControlFunction", control.get(0)).path("status").asText())
          .isEqualTo("FINISHED");
      assertThat(console.answer("longhaul-ControlFunction", control.get(1)).path("migrations"))
          .isEmpty();
      rollBack(console);
      assertThat(console.answer("longhaul-TriggerFunction", trigger.get(0)).path("started"))
          .hasToString("[\"" + NAME + "\"]");
      stack.await(NAME, "FINISHED");
      for (String none : trigger.subList(1, 3)) {
        assertThat(console.answer("longhaul-TriggerFunction", none).path("started")).isEmpty();
      }

      rollBack(console);
      Map<String, String> fields = sendEventsFields();
      String detail = Page.blocks(PAGE, "EventBridge: Send events", "json").getFirst();
      JsonNode sent =
          console.sendEvents(
              fields.getOrDefault("Event source", "none"),
              fields.getOrDefault("Detail type", "none"),
              detail);
      assertThat(sent.path("FailedEntryCount").asInt(-1)).isZero();
      stack.await(NAME, "FINISHED");
      assertThat(stack.control("history", NAME).findValuesAsText("requested_by"))
          .contains(fields.getOrDefault("Event source", "none"));
    }
  }

  private static void rollBack(Console console) throws Exception {
    console.answer(
        "longhaul-ControlFunction",
        "{\"action\":\"rollback\",\"migration_name\":\"" + NAME + "\"}");
    console.stack().await(NAME, "ROLLED BACK");
  }

  private static Map<String, String> sendEventsFields() throws IOException {
    Map<String, String> fields = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("..", "docs", PAGE))) {
      String[] cells = line.split("\\|", -1);
      if (cells.length == 4 && cells[2].strip().startsWith("`")) {
        fields.put(cells[1].strip(), cells[2].strip().replace("`", ""));
      }
    }
    return fields;
  }

  /// Each is understood, and what is done at once is done; an action may be one that the migration
  /// does not allow just then.
  @Test
  void sharedTestEventsAreWhatTheFunctionsTake() throws Exception {
    try (Stack stack = new Stack(state)) {
      Console console = new Console(stack);
      for (var event : examples("RegistrationFunction").properties()) {
        console.answer("RegistrationFunction", value(event));
      }
      stack.await(NAME, "FINISHED");
      stack.await("0002_index_hello", "FINISHED");
      for (String function : List.of("TriggerFunction", "DashboardFunction")) {
        for (var event : examples(function).properties()) {
          JsonNode answer = console.answer(function, value(event));
          assertThat(answer.isTextual() || answer.size() > 0).as(event.getKey()).isTrue();
        }
      }
      for (var event : examples("ExecutorFunction").properties()) {
        assertThat(console.answer("ExecutorFunction", value(event)).path("batchItemFailures"))
            .isEmpty();
      }
      for (var event : examples("ControlFunction").properties()) {
        HttpResponse<String> response = console.test("ControlFunction", value(event));
        assertThat(response.body()).as(event.getKey()).doesNotContain("InvalidMigration");
        if (!response.body().contains("InvalidTransition")) {
          assertThat(response.headers().firstValue("X-Amz-Function-Error"))
              .as(response.body())
              .isEmpty();
        }
      }
    }
  }

  private static String value(Map.Entry<String, JsonNode> example) {
    return example.getValue().path("value").toString();
  }

  private static JsonNode examples(String function) throws IOException {
    JsonNode schema =
        YamlTree.read(
                new StringReader(Files.readString(Path.of("..", "template.yaml"))), "template.yaml")
            .path("Resources")
            .path(function.replace("Function", "TestEvents"))
            .path("Properties");
    assertThat(schema.path("SchemaName").path("Fn::Sub").asText())
        .isEqualTo("_${" + function + "}-schema");
    JsonNode content = JSON.readTree(schema.path("Content").asText());
    // What the console and "sam remote test-event" read and write.
    assertThat(content.path("openapi").asText()).isEqualTo("3.0.0");
    assertThat(content.at("/components/schemas/Event").isObject()).isTrue();
    assertThat(content.at("/components/examples")).isNotEmpty();
    return content.at("/components/examples");
  }
}
