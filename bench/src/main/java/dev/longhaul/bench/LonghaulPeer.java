package dev.longhaul.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionCode;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;

/// A batched migration, by the packaged functions, each in a process of its own under Lambda's
/// runtime client (Linux). Both have started and worked before.
///
/// @param code of the functions
/// @param batch the field `batch` without table and key: `"parallelism": 2`
/// @param kills how often the executor's process is killed and started anew; the statement is then
///   one that must not be done twice
record LonghaulPeer(FunctionCode code, String batch, int kills) implements BatchPeer {
  static final String KILLED = "Longhaul, killed";

  /// Of the moments after an execution's start.
  static final Duration LATEST_KILL = Duration.ofSeconds(3);

  private static final String REGISTRATION = "dev.longhaul.registration.RegistrationFunction";
  private static final String EXECUTOR = "dev.longhaul.execution.ExecutorFunction";
  private static final Duration FUNCTION = Duration.ofMinutes(15);

  @Override
  public String name() {
    if (kills > 0) {
      return "%s %d times".formatted(KILLED, kills);
    }
    return batch.isEmpty() ? "Longhaul" : "Longhaul, " + batch.replace("\"", "");
  }

  @Override
  public Work prepare(Database database) throws IOException, SQLException, InterruptedException {
    var stack = Stack.withoutFunctions(database);
    var environment =
        Map.of(
            "ALLOW_SCHEDULED_MIGRATIONS", "false",
            "AWS_ENDPOINT_URL_EVENTBRIDGE", stack.eventsEndpoint(),
            "AWS_ENDPOINT_URL_SQS", stack.queueEndpoint(),
            "DATABASE_URL", database.url(),
            "EVENT_BUS_NAME", "default",
            "QUEUE_URL", stack.queueUrl());
    var functions =
        new Functions(
            database,
            stack,
            FunctionProcess.start(code, REGISTRATION, environment),
            new Executor(code, environment));
    functions.execute(
        "warm_up", new NewMigration("warm_up", "select 1", "").toJson().toString(), 0);
    return functions;
  }

  private String migration() {
    var migration =
        new NewMigration(
                "fill_n",
                "update account set n = %s where :batch"
                    .formatted((kills > 0 ? "n + " : "") + BatchTable.EXPRESSION),
                "")
            .toJson();
    try {
      migration.set(
          "batch",
          new ObjectMapper()
              .readTree(
                  "{\"table\": \"account\", \"key\": \"id\"%s}"
                      .formatted(batch.isEmpty() ? "" : ", " + batch)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(batch, e);
    }
    return migration.toString();
  }

  /// The process that works, and those that come after it.
  private static final class Executor implements AutoCloseable {
    private final FunctionCode code;
    private final Map<String, String> environment;
    private final Random random = new Random();
    private FunctionProcess process;

    Executor(FunctionCode code, Map<String, String> environment) throws IOException {
      this.code = code;
      this.environment = environment;
      process = FunctionProcess.start(code, EXECUTOR, environment);
    }

    private static Event event(String name) {
      return Event.of(SqsEvent.of(name)).withTimeout(FUNCTION);
    }

    void execute(String name) throws InterruptedException {
      process.invoke(event(name)).body();
    }

    /// @return whether it was killed before it was through
    boolean killAtWork(String name) throws IOException, InterruptedException {
      process.awaitReady();
      var running = process.send(event(name));
      Thread.sleep(random.nextLong(LATEST_KILL.toMillis()));
      if (running.isDone()) {
        running.join().body();
        return false;
      }
      close();
      process = FunctionProcess.start(code, EXECUTOR, environment);
      return true;
    }

    ProcessHandle handle() {
      return process.handle();
    }

    @Override
    public void close() {
      process.close();
    }
  }

  private final class Functions implements Work {
    private final Database database;
    private final Stack stack;
    private final FunctionProcess registration;
    private final Executor executor;

    Functions(Database database, Stack stack, FunctionProcess registration, Executor executor) {
      this.database = database;
      this.stack = stack;
      this.registration = registration;
      this.executor = executor;
    }

    @Override
    public void run() throws IOException, SQLException, InterruptedException {
      execute("fill_n", migration(), kills);
    }

    /// Registers it and hands messages to the executor until it is at its end.
    void execute(String name, String payload, int kills)
        throws IOException, SQLException, InterruptedException {
      var answer = registration.invoke(payload);
      if (answer instanceof Answer.FunctionError error) {
        throw new Unavailable(error.errorMessage());
      }
      var killed = 0;
      var found = status(name);
      while (found.startsWith("STARTED ") || found.startsWith("IN PROGRESS ")) {
        if (killed < kills) {
          killed += executor.killAtWork(name) ? 1 : 0;
        } else {
          executor.execute(name);
        }
        found = status(name);
      }
      if (!found.startsWith("FINISHED ")) {
        throw new IllegalStateException("the migration has not finished: " + found);
      }
      if (killed < kills) {
        throw new Unavailable("it was over after %d of %d kills".formatted(killed, kills));
      }
    }

    private String status(String name) throws SQLException {
      return database.value(
          "select status || ' ' || meta::text from longhaul.async_migration where name = '%s'"
              .formatted(name));
    }

    @Override
    public OptionalDouble peakMemory() throws IOException {
      return OptionalDouble.of(ProcessFigures.peakMemory(executor.handle()));
    }

    @Override
    public void close() throws IOException {
      registration.close();
      executor.close();
      stack.close();
    }
  }
}
