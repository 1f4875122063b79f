package dev.longhaul.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
    name = "set",
    description = {
      "Change how a batched migration runs, also while it does.",
      "",
      "What is not given stays as it is."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  longhaul set 0042_backfill --parallelism 1",
      "  longhaul set 0042_backfill --size 500 --target-ms 200",
      "  longhaul set 0042_backfill --health '{\"replica_lag_seconds\": [1, 3, 10]}'"
    })
final class SetCommand extends FunctionCommand {
  @Parameters(paramLabel = "NAME", description = "A migration.")
  private String name = "";

  @Option(names = "--size", paramLabel = "ROWS", description = "Rows in a batch, to begin with.")
  private @Nullable Integer size;

  @Option(
      names = "--target-ms",
      paramLabel = "MS",
      description = "How long a batch should take; its size follows.")
  private @Nullable Integer targetMillis;

  @Option(names = "--parallelism", paramLabel = "N", description = "Batches at the same time.")
  private @Nullable Integer parallelism;

  @Option(
      names = "--health",
      paramLabel = "JSON",
      description =
          "Limits of the database's health, from which on it goes slower and stops"
              + " (docs/health.md).")
  private @Nullable String health;

  @Mixin private Target target = new Target();

  @Option(names = "--requested-by", paramLabel = "WHO", description = "Who asks.")
  private @Nullable String requestedBy;

  @Override
  int run(Functions functions) {
    ObjectNode payload = action("set", name, target.name);
    ObjectNode batch = payload.putObject("batch");
    put(batch, "size", size);
    put(batch, "target_ms", targetMillis);
    put(batch, "parallelism", parallelism);
    if (health != null) {
      batch.set("health", limits(health));
    }
    if (batch.isEmpty()) {
      throw new ParameterException(
          spec().commandLine(),
          "say what to change: --size, --target-ms, --parallelism or --health");
    }
    if (requestedBy != null) {
      payload.put("requested_by", requestedBy);
    }
    JsonNode state = functions.invoke(Functions.CONTROL, payload);
    if (json()) {
      printJson(state);
    } else {
      new MigrationState(state).print(out(), clock());
    }
    return DONE;
  }

  private JsonNode limits(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new ParameterException(
          spec().commandLine(),
          "--health must be JSON like {\"blocked_sessions\": [1, 5, 20]}: "
              + e.getOriginalMessage());
    }
  }

  private static void put(ObjectNode batch, String field, @Nullable Integer value) {
    if (value != null) {
      batch.put(field, value);
    }
  }
}
