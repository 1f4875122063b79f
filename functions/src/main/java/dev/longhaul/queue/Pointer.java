package dev.longhaul.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.Fields;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The body of a queue message: where there may be work. The journal decides whether there is.
///
/// @param attempt for one who is to look how this attempt has ended, since nobody was there to see;
///   else null
public record Pointer(String target, String migrationName, @Nullable Integer attempt) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  public Pointer(String target, String migrationName) {
    this(target, migrationName, null);
  }

  public String toJson() {
    ObjectNode body =
        JSON.createObjectNode().put("target", target).put("migration_name", migrationName);
    return (attempt == null ? body : body.put("attempt", attempt)).toString();
  }

  /// Empty if the body is not one of ours. A name that no journal can hold is nobody's.
  public static Optional<Pointer> parse(String body) {
    try {
      JsonNode node = JSON.readTree(body);
      if (node.path("target").isTextual()
          && node.path("migration_name").isTextual()
          && Fields.isStorable(node.path("migration_name").textValue())) {
        return Optional.of(
            new Pointer(
                node.path("target").textValue(),
                node.path("migration_name").textValue(),
                node.path("attempt").isInt() ? (Integer) node.path("attempt").intValue() : null));
      }
      return Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
