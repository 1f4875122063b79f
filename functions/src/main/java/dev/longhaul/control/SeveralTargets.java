package dev.longhaul.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.Longhaul;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.JournalFailure;
import dev.longhaul.logging.Log;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.JsonFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks at the migrations of several targets, one target after the other. One that does not answer
/// hides no other: the answer then names it, with the reason, in `silent`.
record SeveralTargets(Longhaul longhaul, List<String> targets) {
  /// Between target and name in a page's token. No migration's name holds it.
  private static final char BETWEEN = '\n';

  /// @param after the `next` of the page before
  ObjectNode list(Set<MigrationStatus> statuses, @Nullable String after, int limit) {
    int between = after == null ? -1 : after.lastIndexOf(BETWEEN);
    @Nullable String first = after == null || between < 0 ? null : after.substring(0, between);
    if (after != null && (first == null || !targets.contains(first))) {
      throw Refusal.invalid("after: is no \"next\" of a list of these targets");
    }
    List<JournalEntry> entries = new ArrayList<>();
    Silence silence = new Silence();
    for (String target :
        targets.subList(first == null ? 0 : targets.indexOf(first), targets.size())) {
      @Nullable String name =
          after != null && target.equals(first) ? after.substring(between + 1) : null;
      if (entries.size() <= limit) {
        try (Journal journal = longhaul.journals().open(longhaul.targets().get(target))) {
          entries.addAll(journal.list(statuses, name, limit + 1 - entries.size()));
        } catch (Refusal | JournalFailure e) {
          silence.of(target, e);
        }
      }
    }
    silence.refuseIf(silence.reasons.size() == targets.size());
    ObjectNode answer = JsonFunction.JSON.createObjectNode();
    silence.addTo(answer);
    ArrayNode migrations = answer.putArray("migrations");
    entries.stream().limit(limit).map(StatusView::status).forEach(migrations::add);
    @Nullable JournalEntry last = entries.size() > limit ? entries.get(limit - 1) : null;
    return answer.put(
        "next", last == null ? null : last.migration().target() + BETWEEN + last.name());
  }

  /// Of those targets that have the migration. Where none of those that answer has it, a silent one
  /// may: then nothing is known.
  ///
  /// @throws Refusal `UnknownMigration` if all answer, and none has it
  ObjectNode status(String name) {
    ObjectNode answer = JsonFunction.JSON.createObjectNode();
    ArrayNode migrations = answer.putArray("migrations");
    Silence silence = new Silence();
    for (String target : targets) {
      try (Journal journal = longhaul.journals().open(longhaul.targets().get(target))) {
        journal.find(name).map(StatusView::status).ifPresent(migrations::add);
      } catch (Refusal | JournalFailure e) {
        silence.of(target, e);
      }
    }
    silence.refuseIf(silence.reasons.size() == targets.size());
    silence.addTo(answer);
    if (migrations.isEmpty() && silence.reasons.isEmpty()) {
      throw Refusal.unknown(name, String.join("\", \"", targets));
    }
    return answer;
  }

  /// The targets that have not answered, and why.
  private static final class Silence {
    private final Map<String, RuntimeException> reasons = new LinkedHashMap<>();

    void of(String target, RuntimeException reason) {
      Log.warn(
          "a target is passed over",
          Map.of("target", target, "reason", String.valueOf(reason.getMessage())));
      reasons.put(target, reason);
    }

    void refuseIf(boolean nothingIsKnown) {
      if (nothingIsKnown && !reasons.isEmpty()) {
        throw reasons.values().iterator().next();
      }
    }

    void addTo(ObjectNode answer) {
      if (!reasons.isEmpty()) {
        ArrayNode silent = answer.putArray("silent");
        reasons.forEach(
            (target, reason) ->
                silent
                    .addObject()
                    .put("target", target)
                    .put("reason", String.valueOf(reason.getMessage())));
      }
    }
  }
}
