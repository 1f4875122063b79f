package dev.longhaul.cli;

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
      "Ends with 0 when all are FINISHED (or ROLLED BACK, if that was asked for last), else with 1."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  longhaul watch", "  longhaul watch 0042_backfill --target '*'"})
final class WatchCommand extends FunctionCommand {
  private static final Duration QUIET = Duration.ofSeconds(10);
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

  private record Shown(String line, String status, Instant at) {}

  @Override
  int run(Functions functions) throws InterruptedException {
    if (interval.isZero()) {
      throw new Failure(Failure.USAGE, "--interval must be longer than nothing");
    }
    Map<String, MigrationState> states = new LinkedHashMap<>();
    boolean answered = false;
    while (true) {
      try {
        look(functions, states);
        answered = true;
        show(List.copyOf(states.values()));
        if (states.values().stream().allMatch(state -> WaitCommand.hasEnded(state))) {
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

  private void look(Functions functions, Map<String, MigrationState> states) {
    if (!names.isEmpty()) {
      for (String name : names) {
        StatusCommand.states(functions, name, target)
            .forEach(state -> states.put(state.qualifiedName(), state));
      }
      return;
    }
    Map<String, MigrationState> live = new LinkedHashMap<>();
    new MigrationPages(functions, target, List.of("STARTED", "IN PROGRESS"), Integer.MAX_VALUE)
        .readAll()
        .path("migrations")
        .forEach(
            node -> {
              MigrationState state = new MigrationState(node);
              live.put(state.qualifiedName(), state);
            });
    for (MigrationState before : List.copyOf(states.values())) {
      if (!live.containsKey(before.qualifiedName()) && !WaitCommand.hasEnded(before)) {
        states.put(
            before.qualifiedName(),
            new MigrationState(
                functions.invoke(
                    Functions.CONTROL,
                    action("status", before.name(), before.json().path("target").asText("main")))));
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
    }
    out().flush();
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
    drawn = lines.size();
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
    if (states.isEmpty() && !json()) {
      out().println("Nothing is under way; longhaul list shows what there is.");
    }
    List<MigrationState> failed = new ArrayList<>(states.values());
    failed.removeIf(WaitCommand::isSatisfied);
    for (MigrationState state : failed) {
      err().printf("longhaul: %s has ended as %s%n", state.qualifiedName(), state.status());
      if (state.hasError()) {
        state.printError(err());
      }
    }
    return failed.isEmpty() ? DONE : Failure.FAILED;
  }
}
