package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// One migration in one line: how far it is, how fast, and what holds it up.
///
/// @param nameWidth to which names are filled up, so that the bars stand below each other
public record ProgressLine(MigrationState state, int nameWidth, Clock clock) {
  private static final int BAR = 20;

  /// @param status as ControlFunction answers it
  public static String of(JsonNode status, int nameWidth) {
    return new ProgressLine(new MigrationState(status), nameWidth, Clock.systemUTC()).text();
  }

  /// Of ASCII alone: a pipeline's log may know nothing else.
  String text() {
    JsonNode progress = state.json().path("progress");
    long total = progress.path("total").asLong();
    List<String> parts = new ArrayList<>();
    parts.add(String.format(Locale.ROOT, "%-" + Math.max(1, nameWidth) + "s", name()));
    parts.add(String.format(Locale.ROOT, "%-11s", state.status()));
    long done = Math.clamp(progress.path("done").asLong(), 0, Math.max(0, total));
    if (showsBar(done, total)) {
      int filled = (int) (BAR * done / total);
      parts.add("[" + "#".repeat(filled) + "-".repeat(BAR - filled) + "]");
      parts.add(String.format(Locale.ROOT, "%3d %%", 100 * done / total));
    }
    if (state.status().equals("IN PROGRESS")) {
      if (progress.path("rows_per_second").isNumber()) {
        parts.add(
            String.format(
                Locale.ROOT,
                "%,d rows/s",
                Math.round(progress.path("rows_per_second").asDouble())));
      }
      if (isSlowed()) {
        parts.add(state.pace());
      } else if (!phase(progress).isEmpty()) {
        parts.add(phase(progress));
      }
      if (progress.path("eta_seconds").isNumber()) {
        Duration left = Duration.ofSeconds(progress.path("eta_seconds").asLong());
        parts.add("about " + Times.rough(left) + " left");
      }
    }
    parts.add(Table.oneLine(state.detail(clock)));
    parts.removeIf(String::isEmpty);
    return String.join("  ", parts).stripTrailing();
  }

  String name() {
    return Table.oneLine(state.qualifiedName());
  }

  boolean isSlowed() {
    return !state.pace().isEmpty();
  }

  /// What waits, or has stopped on its way, shows how far it came, if it has begun.
  private boolean showsBar(long done, long total) {
    return total > 0
        && switch (state.status()) {
          case "IN PROGRESS", "PAUSED", "FINISHED", "ROLLED BACK" -> true;
          default -> done > 0;
        };
  }

  /// The only step of a script needs no number.
  private static String phase(JsonNode progress) {
    String phase = Table.oneLine(progress.path("phase").asText(""));
    return phase.equals("step 1") && progress.path("steps_total").asInt() == 1 ? "" : phase;
  }
}
