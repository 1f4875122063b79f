package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "list",
    description = "List migrations with their status and progress.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  longhaul list",
      "  longhaul list --status error,in-progress --json",
      "  longhaul list --target '*'"
    })
final class ListCommand extends FunctionCommand {
  @Option(
      names = "--status",
      paramLabel = "STATUS",
      split = ",",
      description =
          "Only these: scheduled, started, in-progress, finished, error, paused, cancelled,"
              + " rolled-back.")
  private List<String> statuses = List.of();

  @Option(names = "--limit", paramLabel = "N", description = "At most this many; by default all.")
  private int limit = Integer.MAX_VALUE;

  @Mixin private Target.Several target = new Target.Several();

  @Override
  int run(Functions functions) {
    if (limit < 1) {
      throw new Failure(Failure.USAGE, "--limit must be a whole number from 1");
    }
    List<String> labels = statuses.stream().map(ListCommand::label).toList();
    MigrationPages pages = new MigrationPages(functions, target, labels, limit);
    ObjectNode answer = pages.read();
    Silence silence = Silence.of(answer);
    if (json()) {
      printJson(answer);
    } else {
      print(answer.path("migrations"), answer.hasNonNull("next"));
      silence.lines().forEach(err()::println);
    }
    return silence.isEmpty() ? DONE : Failure.FAILED;
  }

  /// As the journal spells it, from what is easy to type: `in-progress`, `In_Progress`.
  private static String label(String status) {
    return status.strip().toUpperCase(Locale.ROOT).replace('-', ' ').replace('_', ' ');
  }

  private void print(JsonNode migrations, boolean more) {
    if (migrations.isEmpty()) {
      out()
          .println(
              statuses.isEmpty()
                  ? "There are no migrations; longhaul register FILE… adds some."
                  : "There are no migrations of that status.");
      return;
    }
    Table table = table("MIGRATION", "STATUS", "PROGRESS", "WHEN", "");
    for (JsonNode node : migrations) {
      MigrationState state = new MigrationState(node);
      table.row(
          state.qualifiedName(),
          state.status(),
          state.progress(),
          state.since(clock()),
          state.pace().isEmpty() ? state.detail(clock()) : state.pace());
    }
    table.print(out());
    if (more) {
      out().printf(Locale.ROOT, "… and more; --limit is %,d%n", limit);
    }
  }
}
