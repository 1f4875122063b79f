package dev.longhaul.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.health.HealthLimits;
import dev.longhaul.migration.Batch;
import dev.longhaul.payload.Fields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A [Batch] as the journal keeps it: the contract's field, every option spelled out.
public final class BatchColumn {
  private static final ObjectMapper JSON = new ObjectMapper();

  private BatchColumn() {}

  public static ObjectNode write(Batch batch) {
    ObjectNode json = JSON.createObjectNode().put("table", batch.table());
    batch.key().forEach(json.putArray("key")::add);
    json.set("health", batch.health().toJson());
    return json.put("size", batch.size())
        .put("target_ms", batch.target().toMillis())
        .put("parallelism", batch.parallelism())
        .put("stripes", batch.stripes())
        .put("on_row_error", batch.skipsBadRows() ? "skip" : "stop")
        .put("until_empty", batch.untilEmpty());
  }

  static @Nullable Batch read(@Nullable String text) {
    if (text == null) {
      return null;
    }
    JsonNode json = Rows.json(text);
    List<String> key = new ArrayList<>();
    json.path("key").forEach(column -> key.add(column.asText()));
    return new Batch(
        json.path("table").asText(),
        key,
        json.path("size").asInt(),
        Duration.ofMillis(json.path("target_ms").asLong()),
        json.path("parallelism").asInt(),
        json.path("stripes").asInt(),
        json.path("on_row_error").asText().equals("skip"),
        json.hasNonNull("until_empty") ? json.path("until_empty").asText() : null,
        json.path("health") instanceof ObjectNode health
            ? HealthLimits.read(new Fields(health))
            : HealthLimits.NONE);
  }
}
