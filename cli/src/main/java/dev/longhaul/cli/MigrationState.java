package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// What ControlFunction says of one migration, in words for people.
record MigrationState(JsonNode json) {
  private static final String LABEL = "  %-10s  %s%n";

  String name() {
    return json.path("migration_name").asText();
  }

  String target() {
    return json.path("target").asText("main");
  }

  String qualifiedName() {
    return qualifiedName(json);
  }

  /// The target's name goes without saying where there is the usual one.
  static String qualifiedName(JsonNode json) {
    String target = json.path("target").asText("main");
    String name = json.path("migration_name").asText();
    return target.equals("main") ? name : name + " (" + target + ")";
  }

  String status() {
    return json.path("status").asText();
  }

  boolean isBackwards() {
    return json.path("direction").asText().equalsIgnoreCase("backwards");
  }

  boolean hasError() {
    return json.path("meta").hasNonNull("error");
  }

  /// `3 of 5 steps (60 %), building index, about 4 min left`; empty where it says nothing.
  String progress() {
    JsonNode progress = json.path("progress");
    long total = progress.path("total").asLong();
    long done = progress.path("done").asLong();
    boolean telling =
        switch (status()) {
          case "IN PROGRESS" -> true;
          case "PAUSED", "ERROR", "CANCELLED" -> done > 0;
          default -> false;
        };
    if (!telling || total <= 0) {
      return "";
    }
    String unit = progress.path("unit").asText("step");
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%,d of %,d %s (%d %%)",
                done,
                total,
                total == 1 || unit.endsWith("s") ? unit : unit + "s",
                100 * done / total));
    if (!progress.path("phase").asText("").isEmpty()) {
      text.append(", ").append(progress.path("phase").asText());
    }
    if (progress.path("eta_seconds").isNumber()) {
      Duration left = Duration.ofSeconds(progress.path("eta_seconds").asLong());
      text.append(", about ").append(Times.rough(left)).append(" left");
    }
    return text.toString();
  }

  /// `pace 25 %: replica lag of 7 s`; empty where nothing holds it back.
  String pace() {
    JsonNode progress = json.path("progress");
    JsonNode pace = progress.path("pace");
    if (!status().equals("IN PROGRESS") || !pace.isNumber() || pace.asDouble() >= 1) {
      return "";
    }
    String reason = progress.path("pace_reason").asText("");
    return (pace.asDouble() <= 0
            ? "stopped"
            : String.format(Locale.ROOT, "pace %d %%", Math.round(100 * pace.asDouble())))
        + (reason.isEmpty() ? "" : ": " + Table.oneLine(reason));
  }

  /// When it came to where it is.
  String since(Clock clock) {
    for (String field : new String[] {"finished_at", "started_at", "created_at"}) {
      if (json.hasNonNull(field)) {
        return Times.relative(json.path(field).asText(), clock);
      }
    }
    return "";
  }

  /// One line of what a person would ask next: why it failed, or what it waits for.
  String detail(Clock clock) {
    JsonNode meta = json.path("meta");
    if (status().equals("STARTED") && hasError() && meta.hasNonNull("waiting_reason")) {
      return meta.path("waiting_reason").asText();
    }
    if (hasError()) {
      return meta.path("error").path("message").asText();
    }
    if (!meta.path("waiting_for").isEmpty()) {
      return "waits for " + names(meta.path("waiting_for"));
    }
    if (meta.hasNonNull("waiting_reason")) {
      return meta.path("waiting_reason").asText();
    }
    if (meta.hasNonNull("next_attempt_at")) {
      return "next attempt " + Times.relative(meta.path("next_attempt_at").asText(), clock);
    }
    if (meta.hasNonNull("stop_requested")) {
      return "is being stopped";
    }
    JsonNode blocker = json.path("progress").path("waits_for");
    if (blocker.isObject()) {
      return "waits for the transaction of %s (pid %s), open for %s"
          .formatted(
              blocker.path("application_name").asText("").isEmpty()
                  ? "a session"
                  : blocker.path("application_name").asText(),
              blocker.path("pid").asText(),
              Times.rough(Duration.ofSeconds(blocker.path("transaction_seconds").asLong())));
    }
    if (meta.hasNonNull("detached_at")) {
      return "the server goes on alone; looked at now and then";
    }
    return meta.path("skipped").asText("");
  }

  void print(PrintWriter out, Clock clock) {
    out.println(Table.oneLine(name()) + "  " + status());
    out.printf(LABEL, "target", target());
    out.printf(LABEL, "direction", json.path("direction").asText());
    out.printf(LABEL, "attempt", json.path("attempt").asText());
    label(out, "progress", progress());
    label(out, "held back", pace());
    time(out, "created", "created_at", clock);
    time(out, "started", "started_at", clock);
    time(out, "finished", "finished_at", clock);
    JsonNode billed = json.path("meta").path("lambda_ms");
    if (billed.isNumber()) {
      label(out, "billed", String.format(Locale.ROOT, "%,d ms of Lambda", billed.asLong()));
    }
    if (hasError()) {
      printError(out);
    } else {
      label(out, "note", detail(clock));
    }
  }

  /// The error as the database gave it, and what to do next.
  void printError(PrintWriter out) {
    JsonNode error = json.path("meta").path("error");
    StringBuilder message = new StringBuilder(error.path("message").asText());
    if (error.hasNonNull("sqlstate")) {
      message.append(" (SQLSTATE ").append(error.path("sqlstate").asText()).append(')');
    }
    label(out, "error", message.toString());
    label(out, "detail", error.path("detail").asText(""));
    label(out, "hint", error.path("hint").asText(""));
    label(out, "statement", statement(error));
    label(out, "next", error.path("next").asText(""));
  }

  private static String statement(JsonNode error) {
    String statement = Table.oneLine(error.path("statement").asText(""));
    String shown = statement.length() > 200 ? statement.substring(0, 199) + "…" : statement;
    if (!error.hasNonNull("statement_number")) {
      return shown;
    }
    String position =
        error.path("position").asInt() > 0
            ? ", at character " + error.path("position").asInt()
            : "";
    return error.path("statement_number").asText() + position + ": " + shown;
  }

  private void time(PrintWriter out, String label, String field, Clock clock) {
    if (json.hasNonNull(field)) {
      String time = json.path(field).asText();
      label(out, label, Times.local(time, clock) + " (" + Times.relative(time, clock) + ")");
    }
  }

  private static void label(PrintWriter out, String label, String text) {
    if (!text.isEmpty()) {
      out.printf(LABEL, label, Table.oneLine(text));
    }
  }

  private static String names(JsonNode names) {
    return StreamSupport.stream(names.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.joining(", "));
  }
}
