package dev.longhaul.cli.demo;

import dev.longhaul.cli.ProgressLine;
import dev.longhaul.cli.demo.ExpectedEndState.Difference;
import dev.longhaul.cli.demo.ExpectedEndState.Fact;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the demo shows: a line for everything that happens, a table in the end.
final class Report {
  private static final String NAME_AND_STATUS = "%-36s %-11s ";
  private static final int NAME = 35;
  private static final Duration BAR_EVERY = Duration.ofSeconds(1);

  private final PrintWriter out;
  private final long start = System.nanoTime();
  private final Map<String, String> shown = new HashMap<>();

  /// When a migration's bar was last shown, by System.nanoTime().
  private final Map<String, Long> bars = new HashMap<>();

  Report(PrintWriter out) {
    this.out = out;
  }

  void say(String text) {
    out.printf(
        Locale.ROOT, "%6.1f s  %s%n", seconds(Duration.ofNanos(System.nanoTime() - start)), text);
    out.flush();
  }

  /// A line for each migration whose status or attempt has changed since the last call. That many
  /// were triggered at once is said in one line elsewhere.
  void changes(Iterable<MigrationState> states) {
    for (MigrationState state : states) {
      String now = state.status() + state.direction() + state.attempt();
      String before = shown.put(state.name(), now);
      boolean onlyTriggered =
          (state.is(MigrationState.SCHEDULED) || state.is(MigrationState.STARTED))
              && state.attempt() == 0;
      if (!now.equals(before) && !onlyTriggered) {
        say((NAME_AND_STATUS.formatted(state.name(), state.status()) + state.details()).strip());
      }
      if (state.is(MigrationState.IN_PROGRESS) && state.rowsDone() > 0) {
        bar(state);
      }
    }
  }

  private void bar(MigrationState state) {
    long now = System.nanoTime();
    Long last = bars.get(state.name());
    if (last == null || now - last >= BAR_EVERY.toNanos()) {
      bars.put(state.name(), now);
      say(ProgressLine.of(state.json(), NAME));
    }
  }

  /// The last thing that is shown.
  ///
  /// @return whether everything is as expected
  boolean summary(
      ExpectedEndState expected, Map<String, MigrationState> states, List<Difference> differences) {
    out.printf("%n" + NAME_AND_STATUS + "%7s %8s%n", "migration", "status", "attempt", "seconds");
    int wrong = 0;
    for (Map.Entry<String, String> entry : expected.statuses().entrySet()) {
      MigrationState state = states.get(entry.getKey());
      String status = state == null ? "UNKNOWN" : state.status();
      boolean right = status.equals(entry.getValue());
      wrong += right ? 0 : 1;
      out.printf(
          Locale.ROOT,
          NAME_AND_STATUS + "%7d %8s%s%n",
          entry.getKey(),
          status,
          state == null ? 0 : state.attempt(),
          took(state == null ? null : state.took()),
          right ? "" : "  should be " + entry.getValue());
    }
    int facts = expected.facts().size();
    out.printf(
        "%n%d of %d migrations ended as they should; the database confirms %d of %d facts.%n",
        expected.statuses().size() - wrong,
        expected.statuses().size(),
        facts - differences.size(),
        facts);
    for (Difference difference : differences) {
      Fact fact = difference.fact();
      out.printf("  %s: %s instead of %s%n", fact.says(), difference.found(), fact.expected());
    }
    out.flush();
    return wrong == 0 && differences.isEmpty();
  }

  private static String took(@Nullable Duration duration) {
    return duration == null ? "" : "%.1f".formatted(seconds(duration));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
