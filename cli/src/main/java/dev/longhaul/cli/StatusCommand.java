package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
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
    Silence silence = new Silence();
    for (String name : names) {
      Found found = find(functions, name, target);
      found.states.forEach(state -> states.add(state.json()));
      silence.add(found.silence);
    }
    silence.lines().forEach(err()::println);
    int exitCode = silence.isEmpty() ? DONE : Failure.FAILED;
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

  /// One migration in each of the targets that have it, of those that have answered.
  record Found(List<MigrationState> states, Silence silence) {}

  /// @throws Refusal `UnknownMigration` if no target has it
  static Found find(Functions functions, String name, Target.Several target) {
    ObjectNode payload = action("status", name, null);
    target.addTo(payload);
    JsonNode answer = functions.invoke(Functions.CONTROL, payload);
    List<MigrationState> states = new ArrayList<>();
    if (answer.path("migrations").isArray()) {
      answer.path("migrations").forEach(state -> states.add(new MigrationState(state)));
    } else {
      states.add(new MigrationState(answer));
    }
    return new Found(states, Silence.of(answer));
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
