package dev.longhaul.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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

  @Mixin private Target target = new Target();

  @Override
  int run(Functions functions) {
    ArrayNode states = JsonNodeFactory.instance.arrayNode();
    for (String name : names) {
      states.add(functions.invoke(Functions.CONTROL, action("status", name, target.name)));
    }
    if (json()) {
      printJson(names.size() == 1 ? states.path(0) : states);
    } else {
      states.forEach(state -> new MigrationState(state).print(out(), clock()));
    }
    return DONE;
  }
}
