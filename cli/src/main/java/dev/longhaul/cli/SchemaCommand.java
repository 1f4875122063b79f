package dev.longhaul.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "schema",
    description = {
      "Print the SQL that creates the journal.",
      "",
      "The functions install it by themselves. This is for databases in which they must not create"
          + " a schema: somebody who may runs it, as often as wanted, and lets the functions' user"
          + " use it."
    },
    footerHeading = "%nExample:%n",
    footer = "  longhaul schema | psql \"$DATABASE_URL\"")
final class SchemaCommand implements Callable<Integer> {
  private static final String RESOURCE = "/dev/longhaul/journal/schema.sql";

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // picocli reads it.
  private boolean help;

  @Option(names = "--json", description = "Print it as a JSON object with the field sql.")
  private boolean json;

  @SuppressWarnings("NullAway.Init") // picocli sets the annotated fields.
  SchemaCommand() {}

  @Override
  public Integer call() throws JsonProcessingException {
    PrintWriter out = spec.commandLine().getOut();
    String sql = read(RESOURCE);
    if (json) {
      out.println(
          MigrationFile.JSON
              .writerWithDefaultPrettyPrinter()
              .writeValueAsString(JsonNodeFactory.instance.objectNode().put("sql", sql)));
    } else {
      out.print(sql);
    }
    out.flush();
    return FunctionCommand.DONE;
  }

  static String read(String resource) {
    try (InputStream in = SchemaCommand.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new Failure(
            Failure.FAILED,
            "this build has no " + resource + "; build again: mvn -DskipTests package");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
