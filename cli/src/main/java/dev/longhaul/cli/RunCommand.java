package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
    name = "run",
    description = {
      "Start registered migrations; they run in the background.",
      "",
      "By name, this also starts again what was rolled back, cancelled or ended in an error; --all"
          + " leaves that alone. What is skipped is shown with the reason and is no failure: wait"
          + " for the migrations to learn how they ended."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  longhaul run 0042_backfill && longhaul wait 0042_backfill",
      "  longhaul run --all"
    })
final class RunCommand extends FunctionCommand {
  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  @Mixin private Target.Several target = new Target.Several();

  private static final class Which {
    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Migrations to start.")
    private List<String> names = List.of();

    @Option(names = "--all", description = "Start all that are SCHEDULED.")
    private boolean all;

    @Option(
        names = "--due",
        description = "Start what is due, in all targets, as the timed sweep does.")
    private boolean due;
  }

  @Override
  int run(Functions functions) {
    JsonNode answer = functions.invoke(Functions.TRIGGER, payload());
    if (json()) {
      printJson(answer);
      return DONE;
    }
    Table table = table("MIGRATION", "", "");
    for (JsonNode started : answer.path("started")) {
      table.row(
          started.isObject() ? MigrationState.qualifiedName(started) : started.asText(),
          "started",
          "");
    }
    for (JsonNode skipped : answer.path("skipped")) {
      table.row(MigrationState.qualifiedName(skipped), "skipped", skipped.path("reason").asText());
    }
    if (table.isEmpty()) {
      out().println("There is nothing to start.");
    } else {
      table.print(out());
    }
    return DONE;
  }

  private ObjectNode payload() {
    ObjectNode payload = JsonNodeFactory.instance.objectNode();
    if (which.due) {
      if (target.isGiven()) {
        throw new ParameterException(
            spec().commandLine(), "--due looks at all targets; leave out --target");
      }
      return payload;
    }
    if (which.all) {
      payload.put("all", true);
    } else {
      ArrayNode names = payload.putArray("migration_names");
      which.names.forEach(names::add);
    }
    target.addTo(payload);
    return payload;
  }
}
