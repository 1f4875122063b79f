package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The targets that have not answered, where others have, each with the reason. What they hold is
/// not known: a migration of theirs may have ended, or may run.
final class Silence {
  private static final String SILENT = "silent";

  private final Map<String, String> reasons = new LinkedHashMap<>();

  /// @param answer of ControlFunction's `list` or `status` for several targets
  static Silence of(JsonNode answer) {
    Silence silence = new Silence();
    silence.add(answer);
    return silence;
  }

  void add(JsonNode answer) {
    for (JsonNode one : answer.path(SILENT)) {
      reasons.put(one.path("target").asText(), one.path("reason").asText());
    }
  }

  void add(Silence other) {
    reasons.putAll(other.reasons);
  }

  boolean isEmpty() {
    return reasons.isEmpty();
  }

  boolean holds(MigrationState state) {
    return holds(state.target());
  }

  boolean holds(String target) {
    return reasons.containsKey(target);
  }

  /// A sentence for each.
  List<String> lines() {
    return reasons.entrySet().stream()
        .map(
            one ->
                "target %s does not answer: %s"
                    .formatted(Table.oneLine(one.getKey()), Table.oneLine(one.getValue())))
        .toList();
  }

  /// As ControlFunction says it; nothing where all have answered.
  void addTo(ObjectNode answer) {
    if (!reasons.isEmpty()) {
      ArrayNode silent = answer.putArray(SILENT);
      reasons.forEach(
          (target, reason) -> silent.addObject().put("target", target).put("reason", reason));
    }
  }
}
