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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Many migrations for many targets, and executors in processes that are killed while they work.
final class LoadPart implements Part {
  private static final int MOST_SPARED = 5;
  private static final Duration KILL_EVERY = Duration.ofSeconds(3);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Random random = new Random(LoadPlan.SEED);

  @Override
  public String name() {
    return "load";
  }

  @Override
  public int weight() {
    return 6;
  }

  @Override
  public Finding run(Duration time, Consumer<String> progress) throws Exception {
    try (BatchServer server =
        BatchServer.start(Parts.POSTGRES, Map.of("max_connections", "1200"))) {
      return run(
          name -> {
            server.database("postgres").execute("create database " + name);
            return server.database(name);
          },
          time,
          progress);
    }
  }

  /// A server that may be asked for new databases.
  interface Server {
    /// @param name a proposal
    Database create(String name) throws SQLException;
  }

  Finding run(Server server, Duration time, Consumer<String> progress) throws Exception {
    LoadPlan plan = LoadPlan.of(time);
    List<Database> databases = new ArrayList<>();
    for (int i = 0; i < plan.targets(); i++) {
      Database database = server.create(LoadPlan.name(i));
      plan.fill(database, i);
      databases.add(database);
    }
    progress.accept("load: %,d databases".formatted(plan.targets()));
    return run(plan, databases, time, progress);
  }

  private Finding run(
      LoadPlan plan, List<Database> databases, Duration time, Consumer<String> progress)
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
                Map.of(
                    "ExecutorConcurrency",
                    String.valueOf(plan.executors()),
                    "ExecutorTimeout",
                    "120"))
            .databaseUrl(databases.getFirst().url())
            .capturesStandardOutput(true);
    try (LocalStack _ =
        LocalStack.start(
            options,
            environment -> {
              Map<String, String> variables = variables(environment, databases);
              Executors made =
                  new Executors(
                      code,
                      variables,
                      plan.executors(),
                      Math.min(MOST_SPARED, plan.executors() / 2));
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
        return load(
            plan, databases, Objects.requireNonNull(registration.get()), running, time, progress);
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
      map.putObject(LoadPlan.name(i)).put("url", databases.get(i).url());
    }
    variables.put("DATABASE_TARGETS", map.toString());
    return variables;
  }

  private Finding load(
      LoadPlan plan,
      List<Database> databases,
      RequestStreamHandler registration,
      Executors pool,
      Duration time,
      Consumer<String> progress)
      throws Exception {
    LoadWatch watch = new LoadWatch(plan, databases, pool);
    long begin = System.nanoTime();
    for (int i = 0; i < plan.targets(); i++) {
      for (String payload : plan.registrations(i)) {
        registration.handleRequest(
            new ByteArrayInputStream(payload.getBytes(StandardCharsets.UTF_8)),
            new ByteArrayOutputStream(),
            new TestContext());
      }
    }
    progress.accept(
        "load: %,d migrations registered after %d s"
            .formatted(plan.migrations(), Duration.ofNanos(System.nanoTime() - begin).toSeconds()));
    long end = begin + time.multipliedBy(2).plusMinutes(3).toNanos();
    long kills = 0;
    long nextLook = begin;
    long nextKill = System.nanoTime() + KILL_EVERY.toNanos();
    long left = plan.migrations();
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
    return finding(plan, watch, pool, kills, Duration.ofNanos(System.nanoTime() - begin));
  }

  private Finding finding(LoadPlan plan, LoadWatch watch, Executors pool, long kills, Duration time)
      throws SQLException {
    LoadWatch.Sum sum = watch.sum();
    StringBuilder text = new StringBuilder();
    text.append(
        """
        Migrations for as many databases of one server, a tenth of them for the first, and executors as processes of their own under Lambda's runtime client, from the packaged
        archive. Every three seconds one that is at work is ended by SIGKILL. Most migrations add one to a number and sleep in the same transaction; every 25th builds an index
        concurrently, and every tenth adds one to each row of a table in batches. At the end each migration is FINISHED, each number is what it should be, and each index is valid.
        A figure beyond its bar is a violation.

        | | | bar |
        | --- | --- | --- |
        """);
    sum.figures()
        .forEach(
            figure ->
                text.append(
                    "| %s | %s | %s |\n".formatted(figure.what(), figure.text(), figure.bar())));
    return new Finding(
        "The load",
        List.of(
            new Finding.Figure("migrations under load", number(plan.migrations())),
            new Finding.Figure("targets; executors", plan.targets() + "; " + plan.executors()),
            new Finding.Figure("executors killed at work", number(kills)),
            new Finding.Figure(
                "invocations; without an answer",
                number(pool.invocations()) + "; " + number(pool.cutOff())),
            new Finding.Figure(
                "time under load", time.toMinutes() + " min " + time.toSecondsPart() + " s")),
        text.toString().strip(),
        sum.violations());
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
