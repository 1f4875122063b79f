package dev.longhaul.model;

import dev.longhaul.model.ProtocolModel.Instance;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Runs TLC on an instance of the model, in a process of its own: TLC keeps its state in static
/// fields. TLC comes from the class path, as a Maven artifact.
///
/// @param specification the file `Longhaul.tla`
/// @param workers threads of TLC
public record ModelChecker(Path specification, int workers) {
  /// @param violated the property that does not hold; empty if all do
  /// @param states that were generated
  /// @param distinct of them
  /// @param isComplete whether all that can be reached were looked at; not so after a violation
  public record Result(
      Optional<String> violated, long states, long distinct, boolean isComplete, Duration time) {}

  private static final Pattern COUNTS =
      Pattern.compile("([0-9,]+) states generated.*?, ([0-9,]+) distinct states found");
  private static final Pattern VIOLATED =
      Pattern.compile("(?:Invariant|Action property) (\\w+) is violated");

  /// @throws IllegalStateException if TLC says anything but that the properties hold or do not
  public Result check(Instance instance, Duration atMost) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("model-");
    try {
      return check(instance, atMost, directory);
    } finally {
      delete(directory);
    }
  }

  private Result check(Instance instance, Duration atMost, Path directory)
      throws IOException, InterruptedException {
    Files.copy(specification, directory.resolve("Longhaul.tla"));
    Files.writeString(
        directory.resolve("Instance.tla"),
        """
        ---- MODULE Instance ----
        EXTENDS Longhaul
        TheScript == <<%s>>
        ====
        """
            .formatted(quoted(instance.script().stream())));
    Files.writeString(directory.resolve("Instance.cfg"), configuration(instance));
    Path output = directory.resolve("output");
    long begin = System.nanoTime();
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx1g",
                    // One worker is for what takes seconds, most of them the start of the process.
                    workers == 1 ? "-XX:+UseSerialGC" : "-XX:+UseParallelGC",
                    workers == 1 ? "-XX:TieredStopAtLevel=1" : "-XX:+TieredCompilation",
                    "-cp",
                    jar().toString(),
                    "tlc2.TLC",
                    // That a migration rests at its end is no deadlock.
                    "-deadlock",
                    "-lncheck",
                    "final",
                    "-workers",
                    Integer.toString(workers),
                    "-metadir",
                    directory.resolve("states").toString(),
                    "-config",
                    "Instance.cfg",
                    "Instance.tla"))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean hasEnded;
    try {
      hasEnded = process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      process.destroyForcibly().waitFor();
    }
    return result(Files.readString(output), hasEnded, Duration.ofNanos(System.nanoTime() - begin));
  }

  private static String configuration(Instance instance) {
    return """
    SPECIFICATION Spec
    CONSTANTS
      Executors = {e1, e2}
      Script <- TheScript
      Batches = %d
      QueueSize = %d
      MaxAttempts = 2
      Faults = %d
      Wishes = %d
      Errors = %d
      Dropped = {%s}
    INVARIANTS OneLiveBackend NothingTwice FinishedIsDone RolledBackIsUndone
    PROPERTIES HistoryIsLegal WhatStartsEnds
    """
        .formatted(
            instance.batches(),
            instance.queue(),
            instance.faults(),
            instance.wishes(),
            instance.errors(),
            quoted(instance.dropped().stream().sorted()));
  }

  private static String quoted(Stream<String> texts) {
    return texts.map(text -> '"' + text + '"').collect(Collectors.joining(", "));
  }

  private static Result result(String output, boolean hasEnded, Duration time) {
    Optional<String> violated = Optional.empty();
    Matcher name = VIOLATED.matcher(output);
    if (name.find()) {
      violated = Optional.of(name.group(1));
    } else if (output.contains("Temporal properties were violated")) {
      // The only one; TLC does not say which.
      violated = Optional.of("WhatStartsEnds");
    }
    boolean isComplete = output.contains("No error has been found");
    if (hasEnded && violated.isEmpty() && !isComplete) {
      throw new IllegalStateException("TLC came to no verdict:\n" + output);
    }
    long states = 0;
    long distinct = 0;
    for (Matcher counts = COUNTS.matcher(output); counts.find(); ) {
      states = Long.parseLong(counts.group(1).replace(",", ""));
      distinct = Long.parseLong(counts.group(2).replace(",", ""));
    }
    return new Result(violated, states, distinct, isComplete, time);
  }

  private static Path jar() {
    try {
      return Path.of(tlc2.TLC.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
