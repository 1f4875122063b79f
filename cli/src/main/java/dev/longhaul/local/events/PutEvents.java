package dev.longhaul.local.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/// PutEvents with EventBridge's own checks: a wrong request is refused as a whole, a wrong entry is
/// answered by its own `ErrorCode` while the others are published.
final class PutEvents {
  private static final int MOST_ENTRIES = 10;
  private static final int MOST_BYTES = 256 * 1024;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final EventBus bus;
  private final InstantSource clock;

  PutEvents(EventBus bus, InstantSource clock) {
    this.bus = bus;
    this.clock = clock;
  }

  ObjectNode answer(ObjectNode request) {
    var entries = request.path("Entries");
    if (!entries.isArray() || entries.isEmpty()) {
      throw ApiError.validation(
          "1 validation error detected: Value at 'entries' failed to satisfy constraint:"
              + " Member must have length greater than or equal to 1");
    }
    if (entries.size() > MOST_ENTRIES) {
      throw ApiError.validation(
          "1 validation error detected: Value at 'entries' failed to satisfy constraint:"
              + " Member must have length less than or equal to 10");
    }
    var size = 0;
    for (var entry : entries) {
      size += size(entry);
    }
    if (size > MOST_BYTES) {
      throw ApiError.validation("Total size of the entries in the request is over the limit.");
    }
    var answer = NODES.objectNode().put("FailedEntryCount", 0);
    var results = answer.putArray("Entries");
    var failed = 0;
    for (var entry : entries) {
      var result = NODES.objectNode();
      try {
        result.put("EventId", publish(entry));
      } catch (ApiError e) {
        failed++;
        result.put("ErrorCode", e.type).put("ErrorMessage", e.getMessage());
      }
      results.add(result);
    }
    return answer.put("FailedEntryCount", failed);
  }

  /// As EventBridge counts it: 14 bytes for the time, and what is in the texts.
  private static int size(JsonNode entry) {
    var size = entry.has("Time") ? 14 : 0;
    for (var field : List.of("Source", "DetailType", "Detail")) {
      size += entry.path(field).asText("").getBytes(UTF_8).length;
    }
    for (var resource : entry.path("Resources")) {
      size += resource.asText("").getBytes(UTF_8).length;
    }
    return size;
  }

  private String publish(JsonNode entry) {
    var source = required(entry, "Source");
    var detailType = required(entry, "DetailType");
    var detail = detail(required(entry, "Detail"));
    if (source.startsWith("aws.")) {
      throw new ApiError(
          "NotAuthorizedForSourceException", "Not authorized for the source " + source + ".");
    }
    var event = EventBus.envelope(detailType, source, time(entry.path("Time")));
    event.set("resources", entry.has("Resources") ? entry.path("Resources") : NODES.arrayNode());
    event.set("detail", detail);
    bus.publish(BusNames.of(entry.path("EventBusName")), event);
    return event.path("id").asText();
  }

  private static String required(JsonNode entry, String name) {
    var value = entry.path(name).asText("");
    if (value.isEmpty()) {
      throw new ApiError(
          "InvalidArgument",
          "Parameter %s is not valid. Reason: %s is a required argument.".formatted(name, name));
    }
    return value;
  }

  private static ObjectNode detail(String text) {
    try {
      if (JSON.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException _) {
      // Not JSON at all: the same answer.
    }
    throw new ApiError("MalformedDetail", "Detail is malformed.");
  }

  /// The protocol's times are seconds since 1970, with a fraction.
  private Instant time(JsonNode time) {
    return time.isNumber()
        ? Instant.ofEpochMilli(Math.round(time.asDouble() * 1000))
        : clock.instant();
  }
}
