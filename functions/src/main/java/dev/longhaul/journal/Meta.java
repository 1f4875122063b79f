package dev.longhaul.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.ErrorDetails;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Window;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The keys of `meta`, the details that people read beside a status.
public final class Meta {
  private static final ObjectMapper JSON = new ObjectMapper();

  static final String ERROR = "error";
  static final String SKIPPED = "skipped";
  static final String WAITING_FOR = "waiting_for";
  static final String WAITING_REASON = "waiting_reason";

  /// The `waiting_reason` of a migration that lets another one pass first.
  public static final String WAITS_FOR_TURN =
      "another migration works at the indexes of the same table";

  /// How an error begins, or what to do next about it, where nobody but a person can find out
  /// whether the statement has happened.
  public static final String OUTCOME_UNKNOWN = "outcome unknown";

  private Meta() {}

  public static boolean isOutcomeUnknown(ObjectNode meta) {
    JsonNode error = meta.path(ERROR);
    return Stream.of(error.path("message"), error.path("next"))
        .anyMatch(text -> text.asText().toLowerCase(Locale.ROOT).startsWith(OUTCOME_UNKNOWN));
  }

  /// Without what earlier attempts left: no error, no wait outlives its cause.
  static ObjectNode withoutPast(ObjectNode meta) {
    return meta.deepCopy().remove(List.of(ERROR, SKIPPED, WAITING_FOR, WAITING_REASON));
  }

  static ObjectNode withoutWaiting(ObjectNode meta) {
    return meta.deepCopy().remove(List.of(WAITING_FOR, WAITING_REASON));
  }

  static ObjectNode skipped(ObjectNode meta, String reason) {
    return withoutPast(meta).put(SKIPPED, reason);
  }

  public static ObjectNode waiting(ObjectNode meta, String reason) {
    return withoutPast(meta).put(WAITING_REASON, reason);
  }

  /// Beside what earlier attempts left: an error that is going to be retried is still of interest.
  public static ObjectNode waitingForWindow(ObjectNode meta, Window window, Instant opening) {
    return withoutWaiting(meta)
        .put(
            WAITING_REASON,
            "outside its window, which opens at "
                + DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(opening.atZone(window.zone())));
  }

  public static ObjectNode waitingFor(ObjectNode meta, Map<String, MigrationStatus> unfinished) {
    ObjectNode waiting = meta.deepCopy();
    ArrayNode names = waiting.putArray(WAITING_FOR);
    unfinished.keySet().forEach(names::add);
    return waiting.put(WAITING_REASON, "depends on " + describe(unfinished));
  }

  private static String describe(Map<String, MigrationStatus> unfinished) {
    return unfinished.entrySet().stream()
        .map(
            entry ->
                switch (entry.getValue()) {
                  case ERROR, CANCELLED, ROLLED_BACK, PAUSED ->
                      "\"%s\", which is %s: it runs once that has finished"
                          .formatted(entry.getKey(), entry.getValue());
                  case SCHEDULED ->
                      "\"%s\", which nobody has triggered yet".formatted(entry.getKey());
                  case STARTED, IN_PROGRESS, FINISHED ->
                      "\"%s\", which is %s".formatted(entry.getKey(), entry.getValue());
                })
        .collect(Collectors.joining("; "));
  }

  static ObjectNode failed(ObjectNode meta, ErrorDetails error) {
    ObjectNode failed = withoutPast(meta);
    failed.set(ERROR, error(error));
    return failed;
  }

  static ErrorDetails details(JsonNode error) {
    return new ErrorDetails(
        error.path("sqlstate").asText(),
        error.path("message").asText(),
        text(error, "detail"),
        text(error, "hint"),
        error.hasNonNull("position") ? Integer.valueOf(error.path("position").asInt()) : null,
        error.hasNonNull("statement_number")
            ? Integer.valueOf(error.path("statement_number").asInt())
            : null,
        text(error, "statement"),
        error.path("next").asText());
  }

  private static @Nullable String text(JsonNode error, String key) {
    return error.hasNonNull(key) ? error.path(key).asText() : null;
  }

  static ObjectNode error(ErrorDetails error) {
    ObjectNode node = JSON.createObjectNode();
    node.put("sqlstate", error.sqlState()).put("message", error.message());
    put(node, "detail", error.detail());
    put(node, "hint", error.hint());
    if (error.position() != null) {
      node.put("position", error.position());
    }
    if (error.statementNumber() != null) {
      node.put("statement_number", error.statementNumber());
    }
    put(node, "statement", error.statement());
    put(node, "next", error.next());
    return node;
  }

  private static void put(ObjectNode node, String key, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      node.put(key, value);
    }
  }
}
