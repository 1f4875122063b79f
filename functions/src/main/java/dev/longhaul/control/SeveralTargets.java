package dev.longhaul.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.Longhaul;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.JsonFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks at the migrations of several targets, one target after the other.
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
    for (String target :
        targets.subList(first == null ? 0 : targets.indexOf(first), targets.size())) {
      @Nullable String name =
          after != null && target.equals(first) ? after.substring(between + 1) : null;
      if (entries.size() <= limit) {
        try (Journal journal = longhaul.journals().open(longhaul.targets().get(target))) {
          entries.addAll(journal.list(statuses, name, limit + 1 - entries.size()));
        }
      }
    }
    ObjectNode answer = JsonFunction.JSON.createObjectNode();
    ArrayNode migrations = answer.putArray("migrations");
    entries.stream().limit(limit).map(StatusView::status).forEach(migrations::add);
    @Nullable JournalEntry last = entries.size() > limit ? entries.get(limit - 1) : null;
    return answer.put(
        "next", last == null ? null : last.migration().target() + BETWEEN + last.name());
  }

  /// Of those targets that have the migration.
  ///
  /// @throws Refusal `UnknownMigration` if none has it
  ObjectNode status(String name) {
    ObjectNode answer = JsonFunction.JSON.createObjectNode();
    ArrayNode migrations = answer.putArray("migrations");
    for (String target : targets) {
      try (Journal journal = longhaul.journals().open(longhaul.targets().get(target))) {
        journal.find(name).map(StatusView::status).ifPresent(migrations::add);
      }
    }
    if (migrations.isEmpty()) {
      throw Refusal.unknown(name, String.join("\", \"", targets));
    }
    return answer;
  }
}
