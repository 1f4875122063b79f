package dev.longhaul.bench.proof;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.Longhaul;
import dev.longhaul.bench.BatchServer;
import dev.longhaul.bench.Database;
import dev.longhaul.bench.Project;
import dev.longhaul.local.LocalStack;
import dev.longhaul.local.LocalStackOptions;
import dev.longhaul.registration.RegistrationFunction;
import dev.longhaul.testing.TestContext;
import dev.longhaul.testing.lambda.FunctionCode;
import dev.longhaul.trigger.TriggerFunction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Many migrations for many targets, and executors in processes that are killed while they work.
final class LoadPart implements Part {
  private static final int MOST_SPARED = 5;
  private static final Duration KILL_EVERY = Duration.ofSeconds(3);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  /// Every so many builds an index; the others change a row, and sleep.
  private static final int INDEX_EVERY = 25;

  private static final long SEED = 20_260_101;
  private static final ObjectMapper JSON = new ObjectMapper();

  /// What ten minutes and more are for; less time gets less of everything.
  private static final Duration WHOLE = Duration.ofMinutes(10);

  private static final int MIGRATIONS = 10_000;
  private static final int TARGETS = 200;
  private static final int EXECUTORS = 50;

  private final Random random = new Random(SEED);
  private int migrations;
  private int targets;
  private int executors;

  @Override
  public String name() {
    return "load";
  }

  @Override
  public int weight() {
    return 6;
  }

  private int each() {
    return migrations / targets;
  }

  @Override
  public Finding run(Duration time, Consumer<String> progress) throws Exception {
    double share = Math.min(1, time.toMillis() / (double) WHOLE.toMillis());
    targets = (int) Math.max(2, TARGETS * share);
    migrations = (int) (MIGRATIONS * share) / targets * targets;
    executors = (int) Math.max(2, EXECUTORS * share);
    try (BatchServer server =
        BatchServer.start(Parts.POSTGRES, Map.of("max_connections", "1200"))) {
      List<Database> databases = new ArrayList<>();
      for (int i = 0; i < targets; i++) {
        databases.add(create(server, i));
      }
      progress.accept("load: %,d databases".formatted(targets));
      return run(databases, time, progress);
    }
  }

  private static String target(int number) {
    return "t%03d".formatted(number);
  }

  private Database create(BatchServer server, int number) throws SQLException {
    server.database("postgres").execute("create database " + target(number));
    Database database = server.database(target(number));
    database.execute(
        "create table effect (n int primary key, times int not null default 0)",
        "insert into effect (n) select generate_series(1, %d)".formatted(each()),
        "create table item (id int)",
        "insert into item select generate_series(1, 1000)");
    return database;
  }

  private Finding run(List<Database> databases, Duration time, Consumer<String> progress)
      throws Exception {
    AtomicReference<@Nullable Executors> pool = new AtomicReference<>();
    AtomicReference<@Nullable RequestStreamHandler> registration = new AtomicReference<>();
    var state = Project.temporary("load");
    FunctionCode code =
        FunctionCode.ofArchive(
            Project.root().resolve("functions").resolve("target"), Project.temporary("archive"));
    LocalStackOptions options =
        LocalStackOptions.ephemeral(state)
            .template(Project.root().resolve("template.yaml"))
            .parameters(
                Map.of("ExecutorConcurrency", String.valueOf(executors), "ExecutorTimeout", "120"))
            .databaseUrl(databases.getFirst().url())
            .capturesStandardOutput(true);
    try (LocalStack _ =
        LocalStack.start(
            options,
            environment -> {
              Map<String, String> variables = variables(environment, databases);
              Executors made =
                  new Executors(code, variables, executors, Math.min(MOST_SPARED, executors / 2));
              RequestStreamHandler registers =
                  new RegistrationFunction(Longhaul.fromEnvironment(variables));
              pool.set(made);
              registration.set(registers);
              return Map.of(
                  "RegistrationFunction", registers,
                  "TriggerFunction", new TriggerFunction(Longhaul.fromEnvironment(variables)),
                  "ExecutorFunction", made);
            })) {
      Executors running = Objects.requireNonNull(pool.get());
      try {
        return load(databases, Objects.requireNonNull(registration.get()), running, time, progress);
      } finally {
        running.close();
      }
    }
  }

  private static Map<String, String> variables(
      Map<String, String> environment, List<Database> databases) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.remove("DATABASE_URL");
    ObjectNode map = JSON.createObjectNode();
    for (int i = 0; i < databases.size(); i++) {
      map.putObject(target(i)).put("url", databases.get(i).url());
    }
    variables.put("DATABASE_TARGETS", map.toString());
    return variables;
  }

  private Finding load(
      List<Database> databases,
      RequestStreamHandler registration,
      Executors pool,
      Duration time,
      Consumer<String> progress)
      throws Exception {
    LoadWatch watch = new LoadWatch(databases, pool);
    long begin = System.nanoTime();
    // Half of the time is for sleeping, at full use.
    double sleep = 0.5 * time.toMillis() * executors / migrations / 1000;
    for (int i = 0; i < targets; i++) {
      register(registration, i, sleep);
    }
    progress.accept(
        "load: %,d migrations registered after %d s"
            .formatted(migrations, Duration.ofNanos(System.nanoTime() - begin).toSeconds()));
    long end = begin + time.multipliedBy(2).plusMinutes(3).toNanos();
    long kills = 0;
    long nextLook = begin;
    long nextKill = System.nanoTime() + KILL_EVERY.toNanos();
    long left = migrations;
    while (left > 0 && System.nanoTime() < end) {
      Thread.sleep(200);
      if (System.nanoTime() > nextKill) {
        kills += pool.killOne(random) ? 1 : 0;
        nextKill += KILL_EVERY.toNanos();
      }
      if (System.nanoTime() > nextLook) {
        left = watch.look();
        progress.accept(
            "load: %,d left, %d kills, %s MB".formatted(left, kills, watch.lastMemory()));
        nextLook = System.nanoTime() + LOOK_EVERY.toNanos();
      }
    }
    return finding(watch, pool, kills, Duration.ofNanos(System.nanoTime() - begin));
  }

  private void register(RequestStreamHandler registration, int target, double sleep)
      throws IOException {
    ObjectNode payload = JSON.createObjectNode();
    var list = payload.putArray("migrations");
    for (int n = 1; n <= each(); n++) {
      ObjectNode migration =
          list.addObject()
              .put("target", target(target))
              .put("migration_name", "%05d_load".formatted(n))
              .put("sql_backwards", "");
      if (n % INDEX_EVERY == 0) {
        migration.put(
            "sql_forwards", "create index concurrently item_%d on item (id)".formatted(n));
      } else {
        migration
            .putArray("sql_forwards")
            .add("update effect set times = times + 1 where n = " + n)
            .add("select pg_sleep(%.3f)".formatted(random.nextDouble() * 2 * sleep));
      }
    }
    var out = new ByteArrayOutputStream();
    registration.handleRequest(
        new ByteArrayInputStream(payload.toString().getBytes(StandardCharsets.UTF_8)),
        out,
        new TestContext());
  }

  private Finding finding(LoadWatch watch, Executors pool, long kills, Duration time)
      throws SQLException {
    LoadWatch.Sum sum = watch.sum(INDEX_EVERY);
    List<String> violations = new ArrayList<>(sum.violations());
    Map<String, String> lines = new TreeMap<>(watch.figures());
    StringBuilder text = new StringBuilder();
    text.append(
        """
        Migrations for as many databases of one server, and executors as processes of their own under Lambda's runtime client, from the packaged archive. Every three seconds one
        that is at work is ended by SIGKILL. Most migrations add one to a number and sleep in the same transaction; every 25th builds an index concurrently. At the end each
        migration is FINISHED, each number is 1, and each index is valid.

        | | |
        | --- | --- |
        """);
    lines.forEach((what, number) -> text.append("| %s | %s |\n".formatted(what, number)));
    sum.figures().forEach((what, number) -> text.append("| %s | %s |\n".formatted(what, number)));
    return new Finding(
        "The load",
        List.of(
            new Finding.Figure("migrations under load", number(migrations)),
            new Finding.Figure("targets; executors", targets + "; " + executors),
            new Finding.Figure("executors killed at work", number(kills)),
            new Finding.Figure(
                "invocations; without an answer",
                number(pool.invocations()) + "; " + number(pool.cutOff())),
            new Finding.Figure(
                "time under load", time.toMinutes() + " min " + time.toSecondsPart() + " s")),
        text.toString().strip(),
        violations);
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
