package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What a person does to migrations: an action of ControlFunction of the command's own name.
///
/// Several names are several calls. One that is refused does not keep the others from being done,
/// as half of them may be done by then anyway; the command fails at the end.
abstract class ActionCommand extends FunctionCommand {
  @Parameters(arity = "1..*", paramLabel = "NAME", description = "Migrations.")
  private List<String> names = List.of();

  @Mixin private Target target = new Target();

  @Option(names = "--requested-by", paramLabel = "WHO", description = "Recorded in the history.")
  private @Nullable String requestedBy;

  @Override
  final int run(Functions functions) {
    ArrayNode states = JsonNodeFactory.instance.arrayNode();
    int exitCode = DONE;
    for (String name : names) {
      try {
        states.add(functions.invoke(Functions.CONTROL, payload(name)));
      } catch (Refusal refusal) {
        if (names.size() == 1) {
          throw refusal;
        }
        err().printf("longhaul: %s: %s%n", refusal.errorType(), refusal.getMessage());
        exitCode = Failure.FAILED;
      }
    }
    if (json()) {
      printJson(names.size() == 1 ? states.path(0) : states);
    } else if (!states.isEmpty()) {
      Table table = table("MIGRATION", "STATUS", "");
      for (JsonNode state : states) {
        MigrationState migration = new MigrationState(state);
        table.row(migration.qualifiedName(), migration.status(), migration.detail(clock()));
      }
      table.print(out());
    }
    return exitCode;
  }

  private ObjectNode payload(String name) {
    ObjectNode payload = action(spec().name(), name, target.name);
    if (requestedBy != null) {
      payload.put("requested_by", requestedBy);
    }
    addTo(payload);
    return payload;
  }

  /// What an action needs beside its name.
  void addTo(ObjectNode payload) {}

  @Command(
      name = "retry",
      description = "Start migrations again that ended in an error; the old error is cleared.",
      footerHeading = "%nExample:%n",
      footer = "  longhaul retry 0042_backfill")
  static final class Retry extends ActionCommand {}

  @Command(
      name = "rollback",
      description = {
        "Undo migrations: run their '-- migrate:down' scripts in the background.",
        "",
        "Refused where that script is empty. What has not run yet runs no SQL."
      },
      footerHeading = "%nExample:%n",
      footer = "  longhaul rollback 0042_backfill --requested-by ada")
  static final class Rollback extends ActionCommand {}

  @Command(
      name = "pause",
      description = "Hold migrations at the next point where they can go on later.",
      footerHeading = "%nExample:%n",
      footer = "  longhaul pause 0042_backfill")
  static final class Pause extends ActionCommand {}

  @Command(
      name = "resume",
      description = "Let paused migrations go on where they stopped.",
      footerHeading = "%nExample:%n",
      footer = "  longhaul resume 0042_backfill")
  static final class Resume extends ActionCommand {}

  @Command(
      name = "cancel",
      description = "End migrations for good; a statement that is running is cancelled.",
      footerHeading = "%nExample:%n",
      footer = "  longhaul cancel 0042_backfill")
  static final class Cancel extends ActionCommand {}

  @Command(
      name = "resolve",
      description = {
        "Say whether a statement has happened whose outcome is unknown.",
        "",
        "For a migration in ERROR whose error says \"outcome unknown\". The migration goes on"
            + " behind that statement, or runs it again."
      },
      footerHeading = "%nExample:%n",
      footer = "  longhaul resolve 0042_backfill --done")
  static final class Resolve extends ActionCommand {
    @ArgGroup(multiplicity = "1")
    private @Nullable Outcome outcome;

    private static final class Outcome {
      @Option(names = "--done", required = true, description = "It has happened.")
      private boolean isDone;

      @Option(names = "--not-done", required = true, description = "It has not happened.")
      private boolean isNotDone;
    }

    @Override
    void addTo(ObjectNode payload) {
      payload.put(
          "outcome", outcome != null && outcome.isDone && !outcome.isNotDone ? "done" : "not done");
    }
  }
}
