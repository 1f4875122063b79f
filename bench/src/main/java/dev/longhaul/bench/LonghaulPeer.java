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
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// A batched migration, by the packaged functions, each in a process of its own under Lambda's
/// runtime client (Linux). Both have started and worked before.
///
/// @param code of the functions
/// @param batch the field `batch` without table and key: `"parallelism": 2`
record LonghaulPeer(FunctionCode code, String batch) implements BatchPeer {
  private static final String REGISTRATION = "dev.longhaul.registration.RegistrationFunction";
  private static final String EXECUTOR = "dev.longhaul.execution.ExecutorFunction";
  private static final Duration FUNCTION = Duration.ofMinutes(15);

  @Override
  public String name() {
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
            FunctionProcess.start(code, REGISTRATION, environment, List.of()),
            FunctionProcess.start(code, EXECUTOR, environment, List.of()),
            migration());
    functions.execute("warm_up", new NewMigration("warm_up", "select 1", "").toJson().toString());
    return functions;
  }

  private String migration() {
    var migration =
        new NewMigration(
                "fill_n", "update account set n = " + BatchTable.EXPRESSION + " where :batch", "")
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

  private record Functions(
      Database database,
      Stack stack,
      FunctionProcess registration,
      FunctionProcess executor,
      String migration)
      implements Work {

    @Override
    public void run() throws IOException, SQLException, InterruptedException {
      execute("fill_n", migration);
    }

    /// Registers it and hands messages to the executor until it is at its end.
    void execute(String name, String payload) throws SQLException, InterruptedException {
      var answer = registration.invoke(payload);
      if (answer instanceof Answer.FunctionError error) {
        throw new Unavailable(error.errorMessage());
      }
      var status =
          "select status || ' ' || meta::text from longhaul.async_migration where name = '"
              + name
              + "'";
      var found = database.value(status);
      while (found.startsWith("STARTED ") || found.startsWith("IN PROGRESS ")) {
        executor.invoke(Event.of(SqsEvent.of(name)).withTimeout(FUNCTION)).body();
        found = database.value(status);
      }
      if (!found.startsWith("FINISHED ")) {
        throw new IllegalStateException("the migration has not finished: " + found);
      }
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
