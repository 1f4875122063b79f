package dev.longhaul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Many trivial migrations, registered in bulk and drained through the queue by two executors,
/// against Flyway applying the same files; and how the time grows with their number.
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    description = "Trivial migrations through the queue, against Flyway on the same files.")
final class Drain implements Callable<Integer> {
  /// The most that one call of RegistrationFunction takes.
  private static final int CALL = 1000;

  private static final int WARM_UP = 1000;
  private static final double BAR = 3;

  @Option(
      names = "--migrations",
      defaultValue = "1000",
      description = "how many, for the comparison (default: ${DEFAULT-VALUE})")
  private int migrations;

  @Option(
      names = "--growth",
      split = ",",
      defaultValue = "3000,10000",
      description = "how many more, without Flyway and once (default: ${DEFAULT-VALUE}; 0: none)")
  private List<Integer> growth = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "how often the two are compared (default: ${DEFAULT-VALUE})")
  private int rounds;

  /// Seconds, of one size.
  private static final class Times {
    final Samples registered = new Samples();
    final Samples ours = new Samples();
    final Samples flyway = new Samples();
  }

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    var machine = Machine.look();
    Map<Integer, Times> times = new TreeMap<>();
    var compared = new Times();
    times.put(migrations, compared);
    growth.stream()
        .filter(size -> size > 0 && size != migrations)
        .forEach(size -> times.put(size, new Times()));
    try (var server = DatabaseServer.start()) {
      ours(server, WARM_UP, new Times());
      flyway(server, WARM_UP);
      for (var round = 1; round <= rounds; round++) {
        compare(server, round, compared);
      }
      for (var entry : times.entrySet()) {
        if (entry.getKey() != migrations) {
          ours(server, entry.getKey(), entry.getValue());
        }
      }
      report(machine, server.version(), times);
    }
    return 0;
  }

  /// Each goes first in every other round.
  private void compare(DatabaseServer server, int round, Times times)
      throws IOException, SQLException, InterruptedException {
    if (round % 2 == 0) {
      times.flyway.add(flyway(server, migrations));
    }
    ours(server, migrations, times);
    if (round % 2 == 1) {
      times.flyway.add(flyway(server, migrations));
    }
  }

  private static void ours(DatabaseServer server, int size, Times times)
      throws IOException, SQLException, InterruptedException {
    var database = server.create();
    try (var stack = Stack.start(database)) {
      var migrations = migrations(size);
      var start = System.nanoTime();
      for (var from = 0; from < size; from += CALL) {
        stack.register(migrations.subList(from, Math.min(size, from + CALL)));
      }
      var registered = System.nanoTime();
      stack.awaitEnd(Duration.ofMinutes(10));
      var end = System.nanoTime();
      times.registered.add((registered - start) / 1e9);
      times.ours.add((end - start) / 1e9);
      Bench.progress("%,6d through the queue: %.1f s".formatted(size, (end - start) / 1e9));
    }
    requireAllDone(
        database,
        size,
        "select count(*) from longhaul.async_migration where status = 'FINISHED' and attempt = 1");
    server.drop(database);
  }

  private static double flyway(DatabaseServer server, int size) throws IOException, SQLException {
    var database = server.create();
    var files = files(size);
    var start = System.nanoTime();
    FluentConfiguration configuration =
        Flyway.configure()
            .dataSource(database.jdbcUrl(), database.user(), database.password())
            .locations("filesystem:" + files);
    configuration.load().migrate();
    var seconds = (System.nanoTime() - start) / 1e9;
    Bench.progress("%,6d with Flyway:       %.1f s".formatted(size, seconds));
    requireAllDone(
        database,
        size,
        "select count(*) from flyway_schema_history where success and version is not null");
    Project.delete(files);
    server.drop(database);
    return seconds;
  }

  private static List<NewMigration> migrations(int size) {
    return IntStream.rangeClosed(1, size)
        .mapToObj(i -> new NewMigration(name(i), sql(i), "drop table t_%05d".formatted(i)))
        .toList();
  }

  private static Path files(int size) throws IOException {
    var directory = Project.temporary("flyway");
    for (var i = 1; i <= size; i++) {
      Files.writeString(directory.resolve("V" + i + "__create.sql"), sql(i) + ";\n");
    }
    return directory;
  }

  private static String name(int i) {
    return "%05d_create".formatted(i);
  }

  private static String sql(int i) {
    return "create table t_%05d (id int)".formatted(i);
  }

  private static void requireAllDone(Database database, int size, String journal)
      throws SQLException {
    var recorded = database.value(journal);
    var tables =
        database.value("select count(*) from pg_catalog.pg_class where relname ~ '^t_[0-9]{5}$'");
    if (!recorded.equals(String.valueOf(size)) || !tables.equals(String.valueOf(size))) {
      throw new IllegalStateException(
          "of %d migrations %s are recorded and %s have left their table"
              .formatted(size, recorded, tables));
    }
  }

  private void report(Machine machine, String postgres, Map<Integer, Times> times)
      throws IOException {
    var report =
        new Report(
            "Draining the queue",
            "migrations",
            "Longhaul, s",
            "of it registering, s",
            "ms each",
            "Flyway, s",
            "ms each",
            "Longhaul / Flyway");
    var each = new ArrayList<Double>();
    times.forEach(
        (size, measured) -> {
          var ours = measured.ours.median();
          each.add(ours / size);
          var compared = size == migrations;
          report.row(
              Samples.number(size, 0),
              measured.ours.summary(1),
              Samples.number(measured.registered.median(), 1),
              Samples.number(ours / size * 1000, 1),
              compared ? measured.flyway.summary(1) : "",
              compared ? Samples.number(measured.flyway.median() / size * 1000, 1) : "",
              compared ? Samples.number(ours / measured.flyway.median(), 2) : "");
        });
    var compared = times.get(migrations);
    if (compared != null) {
      var ratio = compared.ours.median() / compared.flyway.median();
      report.note(
          "Bar: within %s times Flyway's time. %s."
              .formatted(Samples.number(BAR, 0), ratio <= BAR ? "Met" : "Missed"));
    }
    if (each.size() > 1) {
      report.note(
          "Growth: a migration of the largest run takes %s times as long as one of the smallest (1 is linear)."
              .formatted(Samples.number(each.getLast() / each.getFirst(), 2)));
    }
    report.note(
        "%d interleaved rounds after a warm-up of %d migrations each: median (least to greatest). What is not compared ran once."
            .formatted(rounds, WARM_UP));
    report.note(
        "%d executors with a journal connection each; Flyway %s in the same JVM; a new database each time."
            .formatted(Stack.EXECUTORS, flywayVersion()));
    report.note(machine.describe(postgres)).publish("drain");
  }

  private static String flywayVersion() {
    var version = Flyway.class.getPackage().getImplementationVersion();
    return version == null ? "Community" : "Community " + version;
  }
}
