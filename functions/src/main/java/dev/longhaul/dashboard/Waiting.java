package dev.longhaul.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.database.SqlState;
import dev.longhaul.html.Html;
import dev.longhaul.html.Tag;
import dev.longhaul.journal.MigrationSummary;
import java.time.Duration;
import java.time.Instant;

/// What a migration waits for, in words.
final class Waiting {
  private static final int LONGEST = 300;

  private Waiting() {}

  static Html why(MigrationSummary migration, Parts parts) {
    return switch (migration.status()) {
      case STARTED -> started(migration, parts);
      case SCHEDULED ->
          migration.runAt() == null
              ? words("waits to be triggered")
              : migration.runAt().isAfter(parts.now())
                  ? words("runs ").add(parts.in(migration.runAt()))
                  : words("is due; the next sweep starts it, within a minute");
      case PAUSED ->
          words("paused ")
              .add(parts.ago(migration.times().changed()))
              .text(", until somebody resumes it");
      case IN_PROGRESS, FINISHED, ERROR, CANCELLED, ROLLED_BACK ->
          words("").add(parts.ago(migration.times().changed()));
    };
  }

  private static Html words(String text) {
    return Html.of(Tag.SPAN).text(text);
  }

  private static Html started(MigrationSummary migration, Parts parts) {
    JsonNode meta = migration.meta();
    Instant next = migration.notBefore();
    Html why = Html.of(Tag.SPAN);
    if (meta.hasNonNull("waiting_reason")) {
      why.text("waits: ")
          .add(Html.isolated(Words.start(meta.path("waiting_reason").asText(), LONGEST)));
    } else if (meta.at("/error/sqlstate").asText().equals(SqlState.LOCK_NOT_AVAILABLE)) {
      why.text("another session holds a lock that it needs; tries again");
    } else if (meta.path("error").isObject()) {
      why.text("tries again after: ")
          .add(Html.isolated(Words.start(meta.at("/error/message").asText(), LONGEST)));
    } else {
      why.text(
          "in the queue for "
              + Words.of(Duration.between(migration.times().changed(), parts.now())));
    }
    if (next != null && next.isAfter(parts.now())) {
      why.text("; next try ").add(parts.in(next));
    }
    return why;
  }
}
