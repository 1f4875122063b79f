package dev.longhaul.bench;

import dev.longhaul.bench.proof.Proof;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The program behind `bench/run`.
@Command(
    name = "bench/run",
    mixinStandardHelpOptions = true,
    description = "Runs a benchmark, prints its table, and writes it to bench/results/NAME.md.",
    subcommands = {
      Drain.class,
      Index.class,
      Detach.class,
      ColdStart.class,
      Batch.class,
      Proof.class
    })
public final class Bench {
  private Bench() {}

  public static void main(String[] arguments) throws IOException {
    quietLogs();
    // What the SDK's clients sign with; nothing here looks at it.
    System.setProperty("aws.accessKeyId", "bench");
    System.setProperty("aws.secretAccessKey", "bench");
    System.exit(new CommandLine(new Bench()).execute(arguments));
  }

  private static void quietLogs() throws IOException {
    var configuration =
        """
        handlers = java.util.logging.ConsoleHandler
        .level = WARNING
        java.util.logging.SimpleFormatter.format = %1$tT %4$s %3$s: %5$s%6$s%n
        """;
    LogManager.getLogManager()
        .readConfiguration(
            new ByteArrayInputStream(configuration.getBytes(StandardCharsets.UTF_8)));
  }

  /// Says on standard error how far it is: a benchmark takes minutes.
  static void progress(String message) {
    System.err.println(message);
  }
}
