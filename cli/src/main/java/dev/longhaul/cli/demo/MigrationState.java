package dev.longhaul.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What ControlFunction says of one migration.
///
/// @param direction `forwards` or `backwards`
/// @param attempt 0 before the first
/// @param took from its start to its end; null while it has not ended
record MigrationState(
    String name,
    String status,
    String direction,
    int attempt,
    JsonNode json,
    @Nullable Duration took) {
  static final String SCHEDULED = "SCHEDULED";
  static final String STARTED = "STARTED";
  static final String IN_PROGRESS = "IN PROGRESS";
  static final String FINISHED = "FINISHED";
  static final String ERROR = "ERROR";
  static final String ROLLED_BACK = "ROLLED BACK";

  private static final Set<String> NOT_ENDED = Set.of(SCHEDULED, STARTED, IN_PROGRESS);

  static MigrationState of(JsonNode status) {
    return new MigrationState(
        status.path("migration_name").asText(),
        status.path("status").asText(),
        status.path("direction").asText(),
        status.path("attempt").asInt(),
        status,
        between(status.path("started_at").asText(""), status.path("finished_at").asText("")));
  }

  private JsonNode progress() {
    return json.path("progress");
  }

  private JsonNode meta() {
    return json.path("meta");
  }

  /// Of a batched migration; 0 of others.
  long rowsDone() {
    return progress().path("unit").asText().equals("row") ? progress().path("done").asLong() : 0;
  }

  boolean is(String other) {
    return status.equals(other);
  }

  /// Whether nothing more happens to it unless somebody asks for it.
  boolean hasEnded() {
    return !NOT_ENDED.contains(status);
  }

  /// SQLSTATE of the error that it ended with; empty without one.
  String sqlState() {
    return meta().path("error").path("sqlstate").asText("");
  }

  /// What a person needs to know beside the status; may be empty.
  String details() {
    return switch (status) {
      case ERROR -> error();
      case STARTED -> waiting();
      case IN_PROGRESS -> running();
      default -> "";
    };
  }

  private String error() {
    JsonNode error = meta().path("error");
    StringBuilder text = new StringBuilder(sqlState());
    text.append(' ').append(error.path("message").asText("no message"));
    String detail = error.path("detail").asText("");
    if (!detail.isEmpty()) {
      text.append(" (").append(detail).append(')');
    }
    if (error.hasNonNull("statement_number")) {
      text.append(", statement ").append(error.path("statement_number").asText());
    }
    return text.toString();
  }

  private String waiting() {
    JsonNode names = meta().path("waiting_for");
    if (names.isEmpty()) {
      return attempt > 0 ? "tries again after attempt " + attempt : "";
    }
    StringBuilder text = new StringBuilder("waits for ");
    names.forEach(name -> text.append(name.asText()).append(' '));
    return text.toString().strip();
  }

  private String running() {
    String text = (direction.equals("backwards") ? "backwards, attempt " : "attempt ") + attempt;
    int total = progress().path("total").asInt();
    return total > 1
        ? "%s, %s %d of %d"
            .formatted(
                text,
                progress().path("unit").asText("step"),
                progress().path("done").asInt(),
                total)
        : text;
  }

  private static @Nullable Duration between(String start, String end) {
    return start.isEmpty() || end.isEmpty() || start.equals("null") || end.equals("null")
        ? null
        : Duration.between(OffsetDateTime.parse(start), OffsetDateTime.parse(end));
  }
}
