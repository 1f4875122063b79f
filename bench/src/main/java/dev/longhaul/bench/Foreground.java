package dev.longhaul.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The traffic beside the work: pgbench, four reads to one write on the same table. With a rate it
/// starts transactions on schedule whatever becomes of them, and their time counts from the
/// schedule on (<https://www.postgresql.org/docs/current/pgbench.html>, `--rate` and `--log`).
///
/// Clients have CPUs of their own elsewhere. Here pgbench takes the first turn on the server's,
/// where the system lets it: else its own wait for a CPU would count as the server's answer.
final class Foreground implements AutoCloseable {
  private static final int CLIENTS = 8;
  private static final int TO_MEASURE_SECONDS = 10;
  private static final double SETTLE_SECONDS = 3;

  /// More than anybody else here has.
  private static final String PRIORITY = "-15";

  private final Process process;
  private final Path directory;

  private Foreground(Process process, Path directory) {
    this.process = process;
    this.directory = directory;
  }

  static Path pgbench() {
    return Programs.find("pgbench")
        .orElseThrow(() -> new BatchPeer.Unavailable("there is no pgbench on this machine"));
  }

  /// Whether the system gives pgbench the first turn. `nice` without a command says what became of
  /// the wish.
  static boolean isFirst() throws IOException, InterruptedException {
    var nice = new ProcessBuilder("nice", "-n", PRIORITY, "nice").start();
    var found = new String(nice.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    nice.waitFor();
    return found.strip().equals(PRIORITY);
  }

  private static List<String> command(Path directory, int rows)
      throws IOException, InterruptedException {
    var read = directory.resolve("read.sql");
    var write = directory.resolve("write.sql");
    var id = "\\set id random(1, %d)\n".formatted(rows);
    Files.writeString(read, id + "select code, amount from account where id = :id;\n");
    Files.writeString(write, id + "update account set amount = amount + 1 where id = :id;\n");
    var command = new ArrayList<String>();
    if (isFirst()) {
      command.addAll(List.of("nice", "-n", PRIORITY));
    }
    command.addAll(
        List.of(
            pgbench().toString(),
            "-n",
            "-M",
            "prepared",
            "-c",
            String.valueOf(CLIENTS),
            "-j",
            "2",
            "-f",
            read + "@4",
            "-f",
            write + "@1"));
    return command;
  }

  /// Transactions a second without a schedule.
  static double most(Database database, int rows) throws IOException, InterruptedException {
    var directory = Project.temporary("pgbench");
    try {
      var command = command(directory, rows);
      command.addAll(List.of("-T", String.valueOf(TO_MEASURE_SECONDS)));
      var output =
          Programs.run(directory, Programs.login(database), command.toArray(String[]::new));
      return output
          .lines()
          .filter(line -> line.startsWith("tps = "))
          .map(line -> Double.parseDouble(line.split(" ", 4)[2]))
          .findFirst()
          .orElseThrow();
    } finally {
      Project.delete(directory);
    }
  }

  /// Runs until it is closed.
  static Foreground start(Database database, int rows, double rate)
      throws IOException, InterruptedException {
    var directory = Project.temporary("pgbench");
    var command = command(directory, rows);
    command.addAll(
        List.of(
            "-R",
            String.valueOf(rate),
            "-T",
            "86400",
            "-l",
            "--log-prefix=" + directory.resolve("log")));
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile());
    builder.environment().putAll(Programs.login(database));
    var foreground = new Foreground(builder.start(), directory);
    settle();
    return foreground;
  }

  /// At its start, and for those that waited till the end of the work.
  private static void settle() throws InterruptedException {
    Thread.sleep((long) (SETTLE_SECONDS * 1000));
  }

  /// The 99th percentile in milliseconds of the transactions that were scheduled within a time, in
  /// seconds since 1970. Ends the load.
  double stop(double from, double to) throws IOException, InterruptedException {
    settle();
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "pgbench has ended: " + Files.readString(directory.resolve("output")));
    }
    process.destroy();
    process.waitFor(10, TimeUnit.SECONDS);
    var lines = new ArrayList<String>();
    try (var files = Files.list(directory)) {
      for (var file :
          files.filter(path -> path.getFileName().toString().startsWith("log")).toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return percentile(lines, from, to);
  }

  /// A line is: client, number, microseconds from the schedule to the end, script, the end in
  /// seconds and microseconds, and the lag. The last of a file may be cut.
  static double percentile(List<String> lines, double from, double to) {
    var times =
        lines.stream()
            .map(line -> line.split(" "))
            .filter(fields -> fields.length == 7)
            .mapToDouble(
                fields -> {
                  var time = Double.parseDouble(fields[2]) / 1e6;
                  var end = Double.parseDouble(fields[4]) + Double.parseDouble(fields[5]) / 1e6;
                  return from <= end - time && end - time <= to ? time : -1;
                })
            .filter(time -> time >= 0)
            .sorted()
            .toArray();
    if (times.length == 0) {
      throw new IllegalStateException("no transaction was scheduled beside the work");
    }
    return 1000 * times[(int) Math.ceil(times.length * 0.99) - 1];
  }

  static double now() {
    return System.currentTimeMillis() / 1e3;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().join();
    Project.delete(directory);
  }
}
