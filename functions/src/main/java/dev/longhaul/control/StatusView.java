package dev.longhaul.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.journal.HistoryEntry;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.payload.JsonFunction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Migrations and their history as JSON, as the contract spells it.
final class StatusView {
  /// What of a batched migration's progress is a detail beside its status.
  private static final Map<String, String> BATCH_NOTES =
      Map.of(
          "stripes", "stripes",
          "stripes_reason", "stripes_reason",
          "pace_reason", "pace_reason",
          "rows_skipped", "rows_skipped");

  private StatusView() {}

  static ObjectNode status(JournalEntry entry) {
    ObjectNode status =
        JsonFunction.JSON
            .createObjectNode()
            .put("migration_name", entry.name())
            .put("target", entry.migration().target())
            .put("status", entry.status().label())
            .put("direction", entry.direction().name().toLowerCase(java.util.Locale.ROOT))
            .put("attempt", entry.attempt());
    status.set("progress", progress(entry));
    status.set("meta", meta(entry));
    status.put("created_at", text(entry.times().created()));
    status.put("started_at", text(entry.times().started()));
    return status.put("finished_at", text(entry.times().finished()));
  }

  /// Of the statement that runs, where it reports itself; else of the script.
  private static ObjectNode progress(JournalEntry entry) {
    ObjectNode progress =
        JsonFunction.JSON
            .createObjectNode()
            .put("done", entry.steps().done())
            .put("total", entry.steps().total())
            .put("unit", "step")
            .putNull("eta_seconds")
            .put("phase", phase(entry));
    if (entry.run().progress() != null) {
      progress.setAll(entry.run().progress());
      if (entry.status() != MigrationStatus.IN_PROGRESS) {
        progress.putNull("eta_seconds").put("phase", phase(entry));
        progress.remove(List.of("rows_per_second", "pace", "pace_reason"));
      }
      progress.put("steps_done", entry.steps().done()).put("steps_total", entry.steps().total());
    }
    return progress;
  }

  private static @Nullable String phase(JournalEntry entry) {
    return switch (entry.status()) {
      case IN_PROGRESS -> "step " + Math.min(entry.steps().done() + 1, entry.steps().total());
      case STARTED ->
          entry.meta().has("waiting_reason") || entry.notBefore() != null ? "waiting" : "queued";
      case SCHEDULED, FINISHED, ERROR, PAUSED, CANCELLED, ROLLED_BACK -> null;
    };
  }

  /// The journal's `meta`, and what other columns add to it.
  private static ObjectNode meta(JournalEntry entry) {
    ObjectNode meta = entry.meta();
    if (entry.run().lambdaMillis() > 0) {
      meta.put("lambda_ms", entry.run().lambdaMillis());
    }
    if (entry.run().progress() != null) {
      BATCH_NOTES.forEach((from, to) -> copy(entry.run().progress(), from, meta, to));
    }
    if (entry.run().detachedAt() != null) {
      meta.put("detached_at", entry.run().detachedAt().toString());
    }
    if (entry.stopRequested() != null) {
      meta.put("stop_requested", entry.stopRequested().label());
    }
    if (entry.status() == MigrationStatus.STARTED && entry.notBefore() != null) {
      meta.put("next_attempt_at", entry.notBefore().toString());
    }
    if (entry.status() == MigrationStatus.SCHEDULED && entry.migration().runAt() != null) {
      meta.put("run_at", text(entry.migration().runAt()));
    }
    return meta;
  }

  private static void copy(ObjectNode progress, String from, ObjectNode meta, String to) {
    if (progress.hasNonNull(from)) {
      meta.set(to, progress.path(from));
    }
  }

  static ObjectNode history(JournalEntry entry, List<HistoryEntry> transitions) {
    ObjectNode history =
        JsonFunction.JSON
            .createObjectNode()
            .put("migration_name", entry.name())
            .put("target", entry.migration().target());
    ArrayNode list = history.putArray("history");
    for (HistoryEntry transition : transitions) {
      list.addObject()
          .put("id", transition.id())
          .put("from", transition.from() == null ? null : transition.from().label())
          .put("to", transition.to().label())
          .put("direction", transition.direction().name().toLowerCase(java.util.Locale.ROOT))
          .put("attempt", transition.attempt())
          .put("reason", transition.reason())
          .put("requested_by", transition.requestedBy())
          .put("at", transition.at().toString());
    }
    return history;
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
