package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "watch",
    description = {
      "Watch migrations until they have ended: a line for each, with a bar, rate and time left.",
      "",
      "Without names, those that are STARTED or IN PROGRESS. On a terminal the lines are redrawn,"
          + " in colour unless NO_COLOR is set; elsewhere a line is printed when it has changed, at"
          + " most one in ten seconds for a migration that stays in its status.",
      "",
      "Ends with 0 when all are FINISHED (or ROLLED BACK, if that was asked for last), else with 1;"
          + " also with 1 when only those of a target are left that has not answered for a minute."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  longhaul watch", "  longhaul watch 0042_backfill --target '*'"})
final class WatchCommand extends FunctionCommand {
  private static final Duration QUIET = Duration.ofSeconds(10);

  /// How long a silent target is waited for when there is nothing else: a restart is over by then.
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final int USUAL_WIDTH = 80;
  private static final String PLAIN = "\u001b[0m";

  @Parameters(arity = "0..*", paramLabel = "NAME", description = "Migrations.")
  private List<String> names = List.of();

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      converter = Times.DurationConverter.class,
      description = "Time between two looks; by default 2s.")
  private Duration interval = Duration.ofSeconds(2);

  @Mixin private Target.Several target = new Target.Several();

  private final Map<String, Shown> shown = new HashMap<>();
  private int drawn;
  private Silence silence = new Silence();
  private List<String> silent = List.of();

  private record Shown(String line, String status, Instant at) {}

  @Override
  int run(Functions functions) throws InterruptedException {
    if (interval.isZero()) {
      throw new Failure(Failure.USAGE, "--interval must be longer than nothing");
    }
    Map<String, MigrationState> states = new LinkedHashMap<>();
    boolean answered = false;
    Instant heard = clock().instant();
    while (true) {
      try {
        silence = new Silence();
        look(functions, states);
        answered = true;
        show(List.copyOf(states.values()));
        Instant now = clock().instant();
        if (silence.isEmpty() || !isKnownToHaveEnded(states)) {
          heard = now;
        }
        if (isKnownToHaveEnded(states)
            && (silence.isEmpty() || !now.isBefore(heard.plus(PATIENCE)))) {
          return end(states);
        }
      } catch (Failure failure) {
        if (!WaitCommand.passes(failure, answered)) {
          throw failure;
        }
        err().println("longhaul: cannot look, trying again: " + failure.getMessage());
        err().flush();
        drawn = 0;
      }
      main().pause.sleep(interval);
    }
  }

  /// All but those of which nothing can be known now.
  private boolean isKnownToHaveEnded(Map<String, MigrationState> states) {
    return states.values().stream()
        .allMatch(state -> WaitCommand.hasEnded(state) || silence.holds(state));
  }

  private void look(Functions functions, Map<String, MigrationState> states) {
    if (!names.isEmpty()) {
      for (String name : names) {
        StatusCommand.Found found = StatusCommand.find(functions, name, target);
        found.states().forEach(state -> states.put(state.qualifiedName(), state));
        silence.add(found.silence());
      }
      return;
    }
    Map<String, MigrationState> live = new LinkedHashMap<>();
    JsonNode answer =
        new MigrationPages(functions, target, List.of("STARTED", "IN PROGRESS"), Integer.MAX_VALUE)
            .read();
    silence.add(answer);
    for (JsonNode node : answer.path("migrations")) {
      MigrationState state = new MigrationState(node);
      live.put(state.qualifiedName(), state);
    }
    for (MigrationState before : List.copyOf(states.values())) {
      if (!live.containsKey(before.qualifiedName())
          && !WaitCommand.hasEnded(before)
          && !silence.holds(before)) {
        states.put(
            before.qualifiedName(),
            new MigrationState(
                functions.invoke(
                    Functions.CONTROL, action("status", before.name(), before.target()))));
      }
    }
    states.putAll(live);
  }

  private void show(List<MigrationState> states) {
    int width = states.stream().mapToInt(state -> state.qualifiedName().length()).max().orElse(1);
    List<ProgressLine> lines =
        states.stream().map(state -> new ProgressLine(state, width, clock())).toList();
    if (main().isTerminal && !json()) {
      draw(lines);
    } else {
      lines.forEach(this::print);
      printSilence();
    }
    out().flush();
  }

  private void printSilence() {
    List<String> now = silence.lines();
    if (!now.equals(silent)) {
      (now.isEmpty() ? List.of("all targets answer again") : now)
          .forEach(line -> err().println("longhaul: " + line));
      err().flush();
      silent = now;
    }
  }

  /// Over the lines of the last look: the cursor goes up, and each line is cleared before it is
  /// written. A line is cut, since one that wraps would be two to go up.
  private void draw(List<ProgressLine> lines) {
    StringBuilder screen = new StringBuilder(drawn == 0 ? "" : "\u001b[" + drawn + "A");
    int width = main().width == Integer.MAX_VALUE ? USUAL_WIDTH : main().width;
    for (ProgressLine line : lines) {
      String text = Table.cut(line.text(), width - 1);
      screen.append("\r\u001b[2K").append(coloured(line, text)).append('\n');
    }
    List<String> silent = silence.lines();
    for (String line : silent) {
      screen.append("\r\u001b[2K").append(Table.cut(line, width - 1)).append('\n');
    }
    int before = drawn;
    drawn = lines.size() + silent.size();
    if (drawn < before) {
      // What was said of a target that answers again.
      screen.append("\u001b[J");
    }
    out().print(screen);
  }

  private String coloured(ProgressLine line, String text) {
    String colour =
        switch (line.state().status()) {
          case "FINISHED" -> "\u001b[32m";
          case "ERROR" -> "\u001b[31m";
          default -> line.isSlowed() ? "\u001b[33m" : "";
        };
    return main().isColoured && !colour.isEmpty() ? colour + text + PLAIN : text;
  }

  private void print(ProgressLine line) {
    String text = json() ? line.state().json().toString() : line.text();
    String status = line.state().status();
    Shown last = shown.get(line.name());
    Instant now = clock().instant();
    if (last == null
        || !last.status.equals(status)
        || (!last.line.equals(text) && !now.isBefore(last.at.plus(QUIET)))) {
      out().println(text);
      shown.put(line.name(), new Shown(text, status, now));
    }
  }

  private int end(Map<String, MigrationState> states) {
    if (states.isEmpty() && silence.isEmpty() && !json()) {
      out().println("Nothing is under way; longhaul list shows what there is.");
    }
    List<MigrationState> failed = new ArrayList<>(states.values());
    failed.removeIf(state -> WaitCommand.isSatisfied(state) || silence.holds(state));
    for (MigrationState state : failed) {
      err().printf("longhaul: %s has ended as %s%n", state.qualifiedName(), state.status());
      if (state.hasError()) {
        state.printError(err());
      }
    }
    silence.lines().forEach(line -> err().println("longhaul: " + line));
    return failed.isEmpty() && silence.isEmpty() ? DONE : Failure.FAILED;
  }
}
