package dev.longhaul.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// One `create index concurrently` on a large table through Longhaul, against psql.
@Command(
    name = "index",
    mixinStandardHelpOptions = true,
    description = "An index build through the queue, against psql.")
final class Index implements Callable<Integer> {
  private static final String INDEX = "measurement_by_sensor";
  private static final String BUILD =
      "create index concurrently " + INDEX + " on measurement (sensor, taken_at)";
  private static final double BAR = 1.03;

  @Option(
      names = "--rows",
      defaultValue = "5000000",
      description = "rows of the table (default: ${DEFAULT-VALUE})")
  private int rows;

  @Option(
      names = "--rounds",
      defaultValue = "7",
      description = "how often each builds the index (default: ${DEFAULT-VALUE})")
  private int rounds;

  /// Seconds. Ratio and difference are taken within a round, since what else the machine does
  /// changes from one round to the next by more than what is to be seen.
  private static final class Measured {
    final Samples ours = new Samples();
    final Samples theirs = new Samples();
    final Samples difference = new Samples();
    final Samples ratio = new Samples();

    void add(double longhaul, double other) {
      ours.add(longhaul);
      theirs.add(other);
      difference.add(longhaul - other);
      ratio.add(longhaul / other);
    }
  }

  /// Something that builds the index and returns when it is done.
  @FunctionalInterface
  private interface Builder {
    void build() throws IOException, SQLException, InterruptedException;
  }

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    var machine = Machine.look();
    var psql = Programs.find("psql");
    var measured = new Measured();
    try (var server = DatabaseServer.start()) {
      var database = server.create();
      fill(database);
      try (var stack = Stack.start(database)) {
        Builder longhaul = () -> throughLonghaul(stack);
        Builder plain =
            psql.<Builder>map(program -> () -> withPsql(program, database))
                .orElse(() -> database.execute(BUILD));
        // The first of each is for warming up.
        measure(database, longhaul);
        measure(database, plain);
        for (var round = 1; round <= rounds; round++) {
          var first = measure(database, round % 2 == 1 ? longhaul : plain);
          var second = measure(database, round % 2 == 1 ? plain : longhaul);
          measured.add(round % 2 == 1 ? first : second, round % 2 == 1 ? second : first);
          Bench.progress("round %d of %d".formatted(round, rounds));
        }
      }
      report(machine, server.version(), psql.isPresent(), measured);
    }
    return 0;
  }

  private void fill(Database database) throws SQLException {
    Bench.progress("filling a table with %,d rows".formatted(rows));
    database.execute(
        """
        create table measurement (
          id bigint not null, sensor integer not null, taken_at timestamptz not null, value real not null)
        """,
        "alter table measurement set (autovacuum_enabled = false)",
        """
        insert into measurement
        select i, (hashint8(i) & 65535), '2026-01-01'::timestamptz + i * interval '1 second', i %% 1000
        from generate_series(1, %d) as i
        """
            .formatted(rows),
        "vacuum (freeze, analyze) measurement");
  }

  /// Answers the seconds.
  private static double measure(Database database, Builder builder)
      throws IOException, SQLException, InterruptedException {
    database.execute("drop index if exists " + INDEX, "checkpoint");
    var start = System.nanoTime();
    builder.build();
    var seconds = (System.nanoTime() - start) / 1e9;
    var valid =
        database.value(
            "select coalesce(bool_or(indisvalid), false) from pg_catalog.pg_index"
                + " where indexrelid = to_regclass('%s')".formatted(INDEX));
    if (!valid.equals("t")) {
      throw new IllegalStateException("the index was not built");
    }
    return seconds;
  }

  private int migrations;

  /// From the call of RegistrationFunction to the journal's word that it is done.
  private void throughLonghaul(Stack stack) throws IOException, SQLException, InterruptedException {
    var name = "%04d_index".formatted(++migrations);
    stack.register(
        List.of(new NewMigration(name, BUILD, "drop index concurrently if exists " + INDEX)));
    stack.awaitEnd(Duration.ofMinutes(10));
  }

  private static void withPsql(Path program, Database database)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(
                program.toString(),
                "-X",
                "-q",
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(database.port()),
                "-U",
                database.user(),
                "-d",
                database.name(),
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                BUILD)
            .inheritIO();
    builder.environment().put("PGPASSWORD", database.password());
    builder.environment().put("PGSSLMODE", "disable");
    var exitCode = builder.start().waitFor();
    if (exitCode != 0) {
      throw new IllegalStateException("psql ended with " + exitCode);
    }
  }

  private void report(Machine machine, String postgres, boolean psql, Measured measured)
      throws IOException {
    var other = psql ? "psql" : "plain JDBC";
    new Report(
            "Building an index",
            "rows",
            "Longhaul, s",
            other + ", s",
            "difference, ms",
            "Longhaul / " + other)
        .row(
            Samples.number(rows, 0),
            measured.ours.summary(2),
            measured.theirs.summary(2),
            Samples.number(measured.difference.median() * 1000, 0),
            measured.ratio.summary(3))
        .note("`" + BUILD + "`")
        .note("Bar: within 3 %%. %s.".formatted(measured.ratio.median() <= BAR ? "Met" : "Missed"))
        .note(
            "Longhaul: from the call that registers it to the journal's FINISHED, through the"
                + " queue. "
                + (psql
                    ? "psql: from the start of `psql -c` to its end."
                    : "There is no psql on this machine, so plain JDBC stands in for it."))
        .note(
            "Medians (least to greatest) of %d interleaved rounds, after one of each for warming up; ratio and difference are those within a round. The index is dropped and a checkpoint made before each."
                .formatted(rounds))
        .note(machine.describe(postgres))
        .publish("index");
  }
}
