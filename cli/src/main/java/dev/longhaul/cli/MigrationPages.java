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
  /// The contract's limit on one page.
  static final int PAGE = 1000;

  /// As one answer: `next` is null unless the limit has cut the list off.
  ObjectNode read() {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode migrations = answer.putArray("migrations");
    Silence silence = new Silence();
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
      silence.add(page);
      next = page.hasNonNull("next") ? page.path("next") : NullNode.instance;
    } while (!next.isNull() && migrations.size() < limit);
    answer.set("next", next);
    silence.addTo(answer);
    return answer;
  }
}
