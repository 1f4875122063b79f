package dev.longhaul.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// A command that calls functions.
abstract class FunctionCommand implements Callable<Integer> {
  static final int DONE = 0;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private Connection connection;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // picocli reads it.
  private boolean help;

  @Option(names = "--json", description = "Print the answer as JSON, for programs.")
  private boolean json;

  @SuppressWarnings("NullAway.Init") // picocli sets the annotated fields.
  FunctionCommand() {}

  abstract int run(Functions functions) throws InterruptedException;

  @Override
  public final Integer call() throws InterruptedException {
    try (Functions functions = connection.open()) {
      return run(functions);
    } finally {
      out().flush();
      err().flush();
    }
  }

  final Main main() {
    return main;
  }

  final Clock clock() {
    return main.clock;
  }

  final boolean json() {
    return json;
  }

  final CommandSpec spec() {
    return spec;
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  final Table table(String... headings) {
    return new Table(main.width, headings);
  }

  final void printJson(JsonNode answer) {
    try {
      out().println(MigrationFile.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(answer));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A payload of ControlFunction; what is not given is left out, so that defaults stay the
  /// functions' own.
  static ObjectNode action(String action, @Nullable String name, @Nullable String target) {
    ObjectNode payload = JsonNodeFactory.instance.objectNode().put("action", action);
    if (name != null) {
      payload.put("migration_name", name);
    }
    if (target != null) {
      payload.put("target", target);
    }
    return payload;
  }
}
