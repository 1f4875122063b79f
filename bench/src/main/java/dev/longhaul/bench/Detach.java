package dev.longhaul.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// An index build that takes longer than its function may run: what Lambda bills for it, and how
/// late its end is noticed.
@Command(
    name = "detach",
    mixinStandardHelpOptions = true,
    description = "An index build of ten minutes by functions that may run for one.")
final class Detach implements Callable<Integer> {
  private static final double BILLED_BAR = 0.05;
  private static final double NOTICED_BAR = 0.10;
  private static final Duration FUNCTION = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(100);

  /// https://aws.amazon.com/lambda/pricing/: 512 MB on arm64 in us-east-1, dollars a second.
  private static final double DOLLARS_A_SECOND = 0.0000133334 / 2;

  /// https://aws.amazon.com/fargate/pricing/: a quarter of a vCPU and 512 MB on arm64, the
  /// smallest.
  private static final double CONTAINER_DOLLARS_AN_HOUR = 0.03238 / 4 + 0.00356 / 2;

  @Option(
      names = "--seconds",
      defaultValue = "600",
      description = "how long the build is held up (default: ${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--detach-after",
      defaultValue = "10",
      description = "seconds that an executor stays (default: ${DEFAULT-VALUE})")
  private int detachAfter;

  private record Result(double build, double noticed, double billed, int attempts) {}

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    var machine = Machine.look();
    try (var server = DatabaseServer.start()) {
      var database = server.create();
      database.execute(
          "create table measurement (id bigint not null, sensor integer not null)",
          "insert into measurement select i, i % 1000 from generate_series(1, 1000000) as i");
      var parameters =
          Map.of(
              "ExecutorTimeout",
              String.valueOf(FUNCTION.toSeconds()),
              "DetachAfter",
              String.valueOf(detachAfter));
      try (var stack = Stack.start(database, parameters)) {
        report(machine, server.version(), run(stack, database));
      }
    }
    return 0;
  }

  private Result run(Stack stack, Database database)
      throws IOException, SQLException, InterruptedException {
    try (var blocker = database.connect();
        var watch = database.connect()) {
      blocker.setAutoCommit(false);
      try (var statement = blocker.createStatement()) {
        statement.execute("insert into measurement values (0, 0)");
      }
      var start = System.nanoTime();
      stack.register(
          List.of(
              new NewMigration(
                  "0001_index",
                  "create index concurrently measurement_by_sensor on measurement (sensor)",
                  "drop index concurrently measurement_by_sensor")));
      await(watch, "select exists (select from pg_stat_progress_create_index)");
      Bench.progress("the build waits for a transaction of %d s".formatted(seconds));
      Thread.sleep(Duration.ofSeconds(seconds));
      blocker.rollback();
      await(watch, "select not exists (select from pg_stat_progress_create_index)");
      var built = System.nanoTime();
      stack.awaitEnd(Duration.ofMinutes(15));
      var noticed = System.nanoTime();
      requireOneValidIndex(database);
      return new Result(
          (built - start) / 1e9,
          (noticed - built) / 1e9,
          Double.parseDouble(value(watch, "select lambda_ms from longhaul.async_migration")) / 1e3,
          Integer.parseInt(value(watch, "select attempt from longhaul.async_migration")));
    }
  }

  private static void requireOneValidIndex(Database database) throws SQLException {
    var found =
        database.value(
            "select m.status || ' ' || string_agg(i.indisvalid::text, ',') from"
                + " longhaul.async_migration as m, pg_catalog.pg_index as i where i.indrelid ="
                + " 'measurement'::regclass group by m.status");
    if (!found.equals("FINISHED true")) {
      throw new IllegalStateException("status and indexes: " + found);
    }
  }

  private static String value(Connection connection, String query) throws SQLException {
    return Database.value(connection, query);
  }

  private static void await(Connection connection, String condition)
      throws SQLException, InterruptedException {
    var deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
    while (!value(connection, condition).equals("t")) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("still not true after 5 min: " + condition);
      }
      Thread.sleep(LOOK);
    }
  }

  private void report(Machine machine, String postgres, Result result) throws IOException {
    var billed = result.billed() / result.build();
    var late = result.noticed() / result.build();
    new Report(
            "Leaving a statement to the server",
            "build, s",
            "billed, s",
            "billed / build",
            "noticed after, s",
            "noticed / build",
            "attempts")
        .row(
            Samples.number(result.build(), 0),
            Samples.number(result.billed(), 1),
            Samples.number(billed, 3),
            Samples.number(result.noticed(), 1),
            Samples.number(late, 3),
            String.valueOf(result.attempts()))
        .note(
            "Bars: billed at most 5 %% of the build, its end noticed within 10 %% of its time. %s."
                .formatted(billed <= BILLED_BAR && late <= NOTICED_BAR ? "Met" : "Missed"))
        .note(
            "`create index concurrently` on a million rows, held up by a transaction of %d s. Functions may run for %d s, and stay with a statement for %d s."
                .formatted(seconds, FUNCTION.toSeconds(), detachAfter))
        .note(projection(result))
        .note("One run.")
        .note(machine.describe(postgres))
        .publish("detach");
  }

  /// The looks of a build of six hours: a tenth of the time further each, at most 5 min apart.
  private String projection(Result result) {
    var looks = 0;
    var length = Duration.ofHours(6).toSeconds();
    for (double at = detachAfter; at < length; at += Math.clamp(at / 10, 15, 300)) {
      looks++;
    }
    var perLook = Math.max(0, result.billed() - detachAfter) / Math.max(1, looksOf(result));
    var seconds = detachAfter + looks * perLook;
    return "Projection for six hours, not measured: %d looks, %s s billed, %s dollars at 512 MB on arm64; the smallest container that waits costs %s dollars."
        .formatted(
            looks,
            Samples.number(seconds, 0),
            Samples.number(seconds * DOLLARS_A_SECOND, 5),
            Samples.number(6 * CONTAINER_DOLLARS_AN_HOUR, 2));
  }

  private int looksOf(Result result) {
    var looks = 0;
    for (double at = detachAfter; at < result.build(); at += Math.clamp(at / 10, 15, 300)) {
      looks++;
    }
    return looks;
  }
}
