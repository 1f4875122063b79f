package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "history",
    description = "Show every change of a migration's status: when, why, and who asked for it.",
    footerHeading = "%nExample:%n",
    footer = "  longhaul history 0042_backfill")
final class HistoryCommand extends FunctionCommand {
  @Parameters(paramLabel = "NAME", description = "A migration.")
  private String name = "";

  @Mixin private Target target = new Target();

  @Override
  int run(Functions functions) {
    JsonNode answer = functions.invoke(Functions.CONTROL, action("history", name, target.name));
    if (json()) {
      printJson(answer);
      return DONE;
    }
    Table table = table("AT", "FROM", "TO", "DIRECTION", "ATTEMPT", "REQUESTED BY", "REASON");
    for (JsonNode change : answer.path("history")) {
      table.row(
          Times.local(change.path("at").asText(), clock()),
          change.path("from").asText(""),
          change.path("to").asText(),
          change.path("direction").asText(""),
          change.path("attempt").asText(""),
          change.path("requested_by").asText(""),
          change.path("reason").asText(""));
    }
    table.print(out());
    return DONE;
  }
}
