package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "status",
    description = "Show where migrations stand: progress, times, and the error if there is one.",
    footerHeading = "%nExamples:%n",
    footer = {"  longhaul status 0042_backfill", "  longhaul status 0042_backfill --json"})
final class StatusCommand extends FunctionCommand {
  @Parameters(arity = "1..*", paramLabel = "NAME", description = "Migrations.")
  private List<String> names = List.of();

  /// How many transitions the timeline shows; `history` shows all.
  private static final int LAST = 10;

  @Mixin private Target.Several target = new Target.Several();

  @Override
  int run(Functions functions) {
    ArrayNode states = JsonNodeFactory.instance.arrayNode();
    Set<String> silent = new LinkedHashSet<>();
    for (String name : names) {
      JsonNode answer = ask(functions, name, target);
      states(answer).forEach(state -> states.add(state.json()));
      answer.path(MigrationPages.SILENT).forEach(one -> silent.add(MigrationPages.describe(one)));
    }
    silent.forEach(err()::println);
    int exitCode = silent.isEmpty() ? DONE : Failure.FAILED;
    if (json()) {
      printJson(names.size() == 1 && !target.isSeveral() ? states.path(0) : states);
      return exitCode;
    }
    for (JsonNode state : states) {
      new MigrationState(state).print(out(), clock());
      printTimeline(functions, state);
    }
    return exitCode;
  }

  /// One migration, in each of the targets that have it.
  ///
  /// @throws Failure if a target does not answer, which may have it as well
  static List<MigrationState> states(Functions functions, String name, Target.Several target) {
    JsonNode answer = ask(functions, name, target);
    MigrationPages.requireAll(answer);
    return states(answer);
  }

  private static JsonNode ask(Functions functions, String name, Target.Several target) {
    ObjectNode payload = action("status", name, null);
    target.addTo(payload);
    return functions.invoke(Functions.CONTROL, payload);
  }

  private static List<MigrationState> states(JsonNode answer) {
    List<MigrationState> states = new ArrayList<>();
    if (answer.path("migrations").isArray()) {
      answer.path("migrations").forEach(state -> states.add(new MigrationState(state)));
    } else {
      states.add(new MigrationState(answer));
    }
    return states;
  }

  /// The last transitions, each with how long the migration stayed where it came from.
  private void printTimeline(Functions functions, JsonNode state) {
    JsonNode history =
        functions
            .invoke(
                Functions.CONTROL,
                action(
                    "history",
                    state.path("migration_name").asText(),
                    state.hasNonNull("target") ? state.path("target").asText() : null))
            .path("history");
    if (history.isEmpty()) {
      return;
    }
    int first = Math.max(0, history.size() - LAST);
    out()
        .println(
            first == 0 ? "  timeline" : "  timeline, the last " + LAST + " of " + history.size());
    for (int i = first; i < history.size(); i++) {
      JsonNode change = history.path(i);
      String line =
          "%s  %-11s  %s"
              .formatted(
                  Times.local(change.path("at").asText(), clock()),
                  change.path("to").asText(),
                  Table.oneLine(change.path("reason").asText("")));
      out().println("    " + line.stripTrailing());
    }
  }
}
