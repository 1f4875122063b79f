package dev.longhaul.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;

/// The body of a queue message: where there may be work. The journal decides whether there is.
public record Pointer(String target, String migrationName) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  public String toJson() {
    return JSON.createObjectNode()
        .put("target", target)
        .put("migration_name", migrationName)
        .toString();
  }

  /// Empty if the body is not one of ours.
  public static Optional<Pointer> parse(String body) {
    try {
      JsonNode node = JSON.readTree(body);
      if (node.path("target").isTextual() && node.path("migration_name").isTextual()) {
        return Optional.of(
            new Pointer(node.path("target").textValue(), node.path("migration_name").textValue()));
      }
      return Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
