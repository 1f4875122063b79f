package dev.longhaul.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.cli.Address;
import dev.longhaul.cli.Failure;
import dev.longhaul.cli.Functions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `longhaul demo`: a product's migrations against the local stack, with what goes wrong in
/// practice. Exit code 0 if everything ended as it should, else 1.
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Registers and runs a labelling product's migrations on two million rows, among them some"
          + " that fail, wait for a lock or are rolled back, and checks what they end as.",
      "Needs a local stack (longhaul local). Started again, it goes on where things are."
    })
public final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--state",
      paramLabel = "DIR",
      defaultValue = ".longhaul",
      description = "Directory of the local stack; by default ${DEFAULT-VALUE}.")
  private Path state = Path.of(".longhaul");

  @Option(
      names = "--endpoint-url",
      paramLabel = "URL",
      description = "Lambda API to call instead of the local stack's.")
  private @Nullable URI endpointUrl;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description =
          "The database that the functions work on, instead of the local stack's; the demo itself"
              + " locks a table in it, repairs data and checks the result.")
  private @Nullable String databaseUrl;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "" + Sample.DEFAULT_ROWS,
      description =
          "Rows of the sample, and as many of its usage; a multiple of 10000; by default"
              + " ${DEFAULT-VALUE}.")
  private int rows = Sample.DEFAULT_ROWS;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "1200",
      description = "Give up after that many seconds; by default ${DEFAULT-VALUE}.")
  private int timeout = 1200;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException, SQLException {
    Sample sample = sample();
    Address address =
        Address.of(endpointUrl != null ? endpointUrl : URI.create(stack("endpoint_url")));
    try (Functions functions = Functions.at(address);
        DemoRun run =
            new DemoRun(
                functions::invoke,
                () -> new DatabaseUrl(databaseUrl != null ? databaseUrl : stack("database_url")),
                sample,
                Pace.within(Duration.ofSeconds(timeout)),
                spec().commandLine().getOut())) {
      return run.run() ? 0 : Failure.FAILED;
    }
  }

  private Sample sample() {
    try {
      return Sample.load(rows);
    } catch (IllegalArgumentException e) {
      throw new Failure(Failure.USAGE, "--" + e.getMessage(), e);
    }
  }

  /// Read anew each time: a stack that was started again may have other ports.
  private String stack(String field) {
    Path file = state.resolve("stack.json");
    if (!Files.exists(file)) {
      throw new Failure(
          Failure.USAGE,
          "there is no %s; start a stack with longhaul local, or give --endpoint-url and --database-url"
              .formatted(file));
    }
    try {
      JsonNode value = new ObjectMapper().readTree(file.toFile()).path(field);
      if (!value.isTextual()) {
        throw new Failure(Failure.FAILED, "%s does not say %s".formatted(file, field));
      }
      return value.asText();
    } catch (IOException e) {
      // The stack may just be writing it.
      throw new Failure(Failure.FAILED, "cannot read " + file, e);
    }
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("only picocli makes this command");
    }
    return spec;
  }
}
