package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// ControlFunction's `list`, page after page.
///
/// @param statuses as the journal spells them; empty for all
/// @param limit of migrations in total
record MigrationPages(
    Functions functions, Target.Several target, List<String> statuses, int limit) {
  /// The targets that have not answered, where others have.
  static final String SILENT = "silent";

  /// The contract's limit on one page.
  static final int PAGE = 1000;

  /// As one answer: `next` is null unless the limit has cut the list off.
  ObjectNode read() {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode migrations = answer.putArray("migrations");
    JsonNode next = NullNode.instance;
    do {
      ObjectNode payload = FunctionCommand.action("list", null, null);
      target.addTo(payload);
      payload.put("limit", Math.min(PAGE, limit - migrations.size()));
      if (!statuses.isEmpty()) {
        ArrayNode wanted = payload.putArray("status");
        statuses.forEach(wanted::add);
      }
      if (!next.isNull()) {
        payload.set("after", next);
      }
      JsonNode page = functions.invoke(Functions.CONTROL, payload);
      page.path("migrations").forEach(migrations::add);
      if (page.has(SILENT)) {
        answer.set(SILENT, page.path(SILENT));
      }
      next = page.hasNonNull("next") ? page.path("next") : NullNode.instance;
    } while (!next.isNull() && migrations.size() < limit);
    answer.set("next", next);
    return answer;
  }

  /// The same where nobody is to think that these were all: as before a wait.
  ///
  /// @throws Failure if a target does not answer
  ObjectNode readAll() {
    ObjectNode answer = read();
    requireAll(answer);
    return answer;
  }

  /// @throws Failure if a target has not answered
  static void requireAll(JsonNode answer) {
    for (JsonNode silent : answer.path(SILENT)) {
      throw new Failure(Failure.FAILED, describe(silent));
    }
  }

  /// What is said of a target that has not answered.
  static String describe(JsonNode silent) {
    return "target %s does not answer: %s"
        .formatted(silent.path("target").asText(), silent.path("reason").asText());
  }
}
