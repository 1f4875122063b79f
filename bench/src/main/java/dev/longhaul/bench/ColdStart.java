package dev.longhaul.bench;

import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.FunctionCode;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The start of a function in a process of its own, under Lambda's runtime client and from the
/// packaged archive, to its first and second answer.
@Command(
    name = "coldstart",
    mixinStandardHelpOptions = true,
    description = "Time to the first answer, and memory, of the packaged functions (Linux).")
final class ColdStart implements Callable<Integer> {
  private static final double BAR_MILLISECONDS = 2000;
  private static final double BAR_MEGABYTES = 200;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "how often each function is started (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--jvm-option",
      description = "an option for the functions' JVM, as JAVA_TOOL_OPTIONS would add; repeatable")
  private List<String> jvmOptions = List.of();

  private enum Function {
    REGISTRATION("dev.longhaul.registration.RegistrationFunction"),
    EXECUTOR("dev.longhaul.execution.ExecutorFunction");

    final String handler;

    Function(String handler) {
      this.handler = handler;
    }

    String label() {
      return handler.substring(handler.lastIndexOf('.') + 1);
    }
  }

  /// Milliseconds and MB.
  private static final class Measured {
    final Samples ready = new Samples();
    final Samples first = new Samples();
    final Samples second = new Samples();
    final Samples processor = new Samples();
    final Samples memory = new Samples();
  }

  /// Everything outside of the functions.
  private record World(
      Database database, Stack stack, FunctionCode code, Map<String, String> environment) {}

  private int migrations;
  private final Deque<NewMigration> registered = new ArrayDeque<>();

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    var machine = Machine.look();
    var archive = Project.temporary("archive");
    var code =
        FunctionCode.ofArchive(Project.root().resolve("functions").resolve("target"), archive);
    Map<Function, Measured> measured = new EnumMap<>(Function.class);
    Map<Function, String> classes = new EnumMap<>(Function.class);
    try (var server = DatabaseServer.start()) {
      var database = server.create();
      try (var stack = Stack.withoutFunctions(database)) {
        var world = new World(database, stack, code, environment(database, stack));
        requireRefusalAsPromised(world);
        for (var function : Function.values()) {
          measured.put(function, new Measured());
          classes.put(function, classes(world, function));
        }
        for (var round = 1; round <= rounds; round++) {
          for (var entry : measured.entrySet()) {
            measure(world, entry.getKey(), jvmOptions, entry.getValue());
          }
          Bench.progress("round %d of %d".formatted(round, rounds));
        }
      }
      report(machine, server.version(), measured, classes);
    } finally {
      Project.delete(archive);
    }
    return 0;
  }

  private static Map<String, String> environment(Database database, Stack stack) {
    return Map.of(
        "ALLOW_SCHEDULED_MIGRATIONS", "false",
        "AWS_ENDPOINT_URL_EVENTBRIDGE", stack.eventsEndpoint(),
        "AWS_ENDPOINT_URL_SQS", stack.queueEndpoint(),
        "DATABASE_URL", database.url(),
        "EVENT_BUS_NAME", "default",
        "QUEUE_URL", stack.queueUrl());
  }

  /// What a caller sees of a refusal is the runtime client's work; and this call installs the
  /// journal, which is no part of a usual start.
  private void requireRefusalAsPromised(World world) throws IOException, InterruptedException {
    try (var process =
        FunctionProcess.start(
            world.code(), Function.REGISTRATION.handler, world.environment(), List.of())) {
      var error = process.invoke("{}").functionError();
      if (!error.errorType().equals("InvalidMigration") || !error.stackTrace().isEmpty()) {
        throw new IllegalStateException("not the refusal that was promised: " + error);
      }
      Bench.progress("refused as promised: %s".formatted(error));
      // For the executor, which finds them in the journal.
      for (var i = 0; i < 2 * (rounds + 1); i++) {
        registered.add(migration());
      }
      succeed(process, NewMigration.payload(List.copyOf(registered)));
    }
  }

  private void measure(World world, Function function, List<String> options, Measured measured)
      throws IOException, InterruptedException {
    var first = event(function);
    var second = event(function);
    try (var process =
        FunctionProcess.start(world.code(), function.handler, world.environment(), options)) {
      // Lambda hands over an event only when the runtime asks, so the order changes nothing.
      var answered = succeed(process, first).at();
      measured.ready.add(process.since(process.awaitReady()));
      measured.first.add(process.since(answered));
      var again = System.nanoTime();
      measured.second.add((succeed(process, second).at() - again) / 1e6);
      measured.processor.add(ProcessFigures.processorTime(process.handle()));
      measured.memory.add(ProcessFigures.peakMemory(process.handle()));
    }
  }

  private static Answer succeed(FunctionProcess process, byte[] event) throws InterruptedException {
    var answer = process.invoke(new String(event, StandardCharsets.UTF_8));
    if (answer.body().contains("itemIdentifier")) {
      throw new IllegalStateException("the function has failed: " + answer.body());
    }
    return answer;
  }

  /// A run of its own that is not timed: logging slows it down.
  private String classes(World world, Function function) throws IOException, InterruptedException {
    var log = Files.createTempFile(Project.target(), "classes", ".log");
    var options = new ArrayList<>(jvmOptions);
    options.addAll(LoadedClasses.options(log));
    measure(world, function, options, new Measured());
    var counts = LoadedClasses.count(log);
    Files.delete(log);
    return "%s loads %,d classes: %s"
        .formatted(
            function.label(),
            counts.values().stream().mapToInt(Integer::intValue).sum(),
            counts.entrySet().stream()
                .map(entry -> entry.getKey() + " " + Samples.number(entry.getValue(), 0))
                .collect(Collectors.joining(", ")));
  }

  private byte[] event(Function function) {
    return switch (function) {
      case REGISTRATION -> migration().toJson().toString().getBytes(StandardCharsets.UTF_8);
      case EXECUTOR -> SqsEvent.of(registered.remove().name()).getBytes(StandardCharsets.UTF_8);
    };
  }

  private NewMigration migration() {
    var number = ++migrations;
    return new NewMigration(
        "%04d_create".formatted(number),
        "create table t_%04d (id int)".formatted(number),
        "drop table t_%04d".formatted(number));
  }

  private void report(
      Machine machine,
      String postgres,
      Map<Function, Measured> measured,
      Map<Function, String> classes)
      throws IOException {
    var report =
        new Report(
            "Cold start",
            "function",
            "ready for an event, ms",
            "first answer, ms",
            "second answer, ms",
            "processor time for both, ms",
            "peak resident memory, MB",
            "bars");
    measured.forEach(
        (function, samples) ->
            report.row(
                function.label(),
                samples.ready.summary(0),
                samples.first.summary(0),
                samples.second.summary(0),
                samples.processor.summary(0),
                samples.memory.summary(0),
                bars(samples)));
    report.note(
        "Bars: first answer under %s ms after the start of the process, peak resident memory (VmHWM) under %s MB."
            .formatted(Samples.number(BAR_MILLISECONDS, 0), Samples.number(BAR_MEGABYTES, 0)));
    report.note(
        "Ready: the JVM runs, the runtime client and the handler are loaded, its clients are made."
            + " First answer: that, and one migration registered or executed. Second answer:"
            + " another one in the same process.");
    classes.values().forEach(report::note);
    report.note(
        "JVM options: `%s`.".formatted(String.join(" ", FunctionProcess.MANAGED_RUNTIME))
            + (jvmOptions.isEmpty() ? "" : " And: `%s`.".formatted(String.join(" ", jvmOptions))));
    report.note(
        "Before the measurement a refused registration came back with errorType `InvalidMigration`"
            + " and an empty stackTrace.");
    report.note("Medians (least to greatest) of %d interleaved rounds.".formatted(rounds));
    report.note(machine.describe(postgres)).publish("coldstart");
  }

  private static String bars(Measured samples) {
    return samples.first.median() < BAR_MILLISECONDS && samples.memory.median() < BAR_MEGABYTES
        ? "met"
        : "missed";
  }
}
