package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "wait",
    description = {
      "Wait until migrations have ended: a gate for pipelines.",
      "",
      "Ends with 0 when all are FINISHED (or ROLLED BACK, if that was asked for last), with 1 as"
          + " soon as one has ended otherwise, and shows its error, and with 2 when the time is"
          + " up.",
      "",
      "A target that does not answer keeps none of the others from being looked at; but what it"
          + " holds is not known, so it is waited for as well."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  longhaul wait 0042_backfill --timeout 2h",
      "  longhaul register migrations/ && longhaul run --all && longhaul wait --all"
    })
final class WaitCommand extends FunctionCommand {
  /// All but what `wait` is satisfied with: in a journal of thousands that is little to read.
  private static final List<String> UNSATISFIED =
      List.of("SCHEDULED", "STARTED", "IN PROGRESS", "PAUSED", "ERROR", "CANCELLED");

  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Times.DurationConverter.class,
      description = "When to give up, such as 90s or 1h30m; by default 30m. 0s looks once.")
  private Duration timeout = Duration.ofMinutes(30);

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      converter = Times.DurationConverter.class,
      description = "Time between two looks; by default 2s.")
  private Duration interval = Duration.ofSeconds(2);

  @Mixin private Target.Several target = new Target.Several();

  private final Map<String, String> shown = new HashMap<>();

  /// What need not be waited for any more; a name may stand for a migration in each target.
  private final Set<String> done = new HashSet<>();

  /// What was said of the targets that did not answer at the last look.
  private List<String> silent = List.of();

  private static String key(MigrationState state) {
    return state.qualifiedName();
  }

  private static final class Which {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Migrations.")
    private List<String> names = List.of();

    @Option(names = "--all", description = "All migrations of the target.")
    private boolean all;
  }

  /// How far the migrations are that are waited for.
  private record Look(
      List<MigrationState> satisfied,
      List<MigrationState> failed,
      List<MigrationState> outstanding,
      Silence silence) {
    Look() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new Silence());
    }

    boolean isOver() {
      return outstanding.isEmpty() && silence.isEmpty();
    }
  }

  @Override
  int run(Functions functions) throws InterruptedException {
    if (interval.isZero()) {
      throw new Failure(Failure.USAGE, "--interval must be longer than nothing");
    }
    Instant deadline = clock().instant().plus(timeout);
    List<MigrationState> satisfied = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>(which.names);
    boolean answered = false;
    while (true) {
      Look look = new Look();
      boolean looked = true;
      try {
        look = look(functions, names);
        answered = true;
      } catch (Failure failure) {
        if (!passes(failure, answered)) {
          throw failure;
        }
        looked = false;
        show("", "cannot look, trying again: " + failure.getMessage());
      }
      look.satisfied.forEach(state -> done.add(key(state)));
      if (!target.isSeveral()) {
        look.satisfied.forEach(state -> names.remove(state.name()));
      }
      satisfied.addAll(look.satisfied);
      if (!json()) {
        look.satisfied.forEach(this::show);
        look.outstanding.forEach(this::show);
      }
      if (looked && !json()) {
        showSilence(look.silence);
      }
      if (!look.failed.isEmpty()) {
        return end("failed", satisfied, look);
      }
      if (looked && look.isOver()) {
        return end("finished", satisfied, look);
      }
      Instant now = clock().instant();
      if (!now.isBefore(deadline)) {
        return end("timed_out", satisfied, look);
      }
      Duration left = Duration.between(now, deadline);
      main().pause.sleep(left.compareTo(interval) < 0 ? left : interval);
    }
  }

  /// A gate must not fall because a database restarts or a network hiccups, but a wrong address
  /// must not cost the whole time-out either.
  static boolean passes(Failure failure, boolean answered) {
    return failure instanceof Refusal refusal
        ? refusal.errorType().equals("TargetUnavailable")
        : answered && failure.exitCode() == Failure.FAILED;
  }

  private Look look(Functions functions, Set<String> names) {
    Look look = new Look();
    List<MigrationState> states = new ArrayList<>();
    if (which.all) {
      JsonNode answer =
          new MigrationPages(functions, target, UNSATISFIED, Integer.MAX_VALUE).read();
      answer.path("migrations").forEach(state -> states.add(new MigrationState(state)));
      look.silence.add(answer);
    } else {
      for (String name : names) {
        StatusCommand.Found found = StatusCommand.find(functions, name, target);
        requireEverywhere(name, found);
        states.addAll(found.states());
        look.silence.add(found.silence());
      }
      states.removeIf(state -> done.contains(key(state)));
    }
    for (MigrationState state : states) {
      (isSatisfied(state) ? look.satisfied : hasEnded(state) ? look.failed : look.outstanding)
          .add(state);
    }
    return look;
  }

  /// A gate for several targets must not open because one of them has never heard of the migration.
  private void requireEverywhere(String name, StatusCommand.Found found) {
    if (!target.isSeveral()) {
      return;
    }
    for (String named : target.named()) {
      boolean isKnown =
          found.silence().holds(named)
              || found.states().stream().anyMatch(state -> state.target().equals(named));
      if (!isKnown) {
        throw new Refusal(
            "UnknownMigration",
            "no migration \"%s\" is registered in target \"%s\"; register it there, or leave that target out"
                .formatted(name, named));
      }
    }
  }

  static boolean isSatisfied(MigrationState state) {
    return state.status().equals("FINISHED")
        || (state.status().equals("ROLLED BACK") && state.isBackwards());
  }

  static boolean hasEnded(MigrationState state) {
    return switch (state.status()) {
      case "FINISHED", "ROLLED BACK", "ERROR", "CANCELLED" -> true;
      default -> false;
    };
  }

  /// A line for each change, so that the log of a pipeline shows what happened when.
  private void show(MigrationState state) {
    StringBuilder line =
        new StringBuilder(state.qualifiedName()).append("  ").append(state.status());
    for (String part : new String[] {state.progress(), state.detail(clock())}) {
      if (!part.isEmpty()) {
        line.append("  ").append(Table.oneLine(part));
      }
    }
    if (state.status().equals("SCHEDULED") && state.detail(clock()).isEmpty()) {
      line.append("  starts when it is run or due");
    }
    show(key(state), line.toString());
  }

  private void show(String key, String line) {
    if (!json() && !line.equals(shown.put(key, line))) {
      out().println(line);
      out().flush();
    }
  }

  /// When it begins, and when it ends.
  private void showSilence(Silence silence) {
    List<String> lines = silence.lines();
    lines.forEach(line -> show(line, line));
    for (String line : silent) {
      if (!lines.contains(line)) {
        shown.remove(line);
      }
    }
    if (lines.isEmpty() && !silent.isEmpty()) {
      out().println("all targets answer again");
      out().flush();
    }
    silent = lines;
  }

  private int end(String outcome, List<MigrationState> satisfied, Look look) {
    if (json()) {
      ObjectNode answer = JsonNodeFactory.instance.objectNode().put("outcome", outcome);
      ArrayNode migrations = answer.putArray("migrations");
      satisfied.forEach(state -> migrations.add(state.json()));
      look.failed.forEach(state -> migrations.add(state.json()));
      look.outstanding.forEach(state -> migrations.add(state.json()));
      look.silence.addTo(answer);
      printJson(answer);
    }
    return switch (outcome) {
      case "finished" -> DONE;
      case "failed" -> {
        for (MigrationState state : look.failed) {
          err().printf("longhaul: %s has ended as %s%n", state.qualifiedName(), state.status());
          if (state.hasError()) {
            state.printError(err());
          }
        }
        yield Failure.FAILED;
      }
      default -> {
        err()
            .printf(
                Locale.ROOT,
                "longhaul: the time is up after %s; %s%n",
                Times.rough(timeout),
                open(look));
        yield Failure.USAGE;
      }
    };
  }

  private static String open(Look look) {
    List<String> parts = new ArrayList<>();
    if (!look.outstanding.isEmpty()) {
      parts.add("not ended yet: " + names(look.outstanding));
    }
    parts.addAll(look.silence.lines());
    return parts.isEmpty()
        ? "not ended yet: unknown, the last look failed"
        : String.join("; ", parts);
  }

  private static String names(List<MigrationState> states) {
    List<String> names = states.stream().map(MigrationState::qualifiedName).toList();
    return names.size() <= 5
        ? String.join(", ", names)
        : String.format(
            Locale.ROOT,
            "%s and %,d more",
            String.join(", ", names.subList(0, 5)),
            names.size() - 5);
  }
}
