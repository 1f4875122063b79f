package dev.longhaul.bench;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.Longhaul;
import dev.longhaul.execution.ExecutorFunction;
import dev.longhaul.local.LocalStack;
import dev.longhaul.local.LocalStackOptions;
import dev.longhaul.registration.RegistrationFunction;
import dev.longhaul.trigger.TriggerFunction;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/// The local stack on a database of the benchmark's: the real handlers behind Lambda's API, real
/// SQS messages, events and the sweep.
final class Stack implements AutoCloseable {
  /// As on AWS by default: the fewest executors that an SQS trigger can be limited to.
  static final int EXECUTORS = 2;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration POLL = Duration.ofMillis(20);

  private final LocalStack stack;
  private final Database database;
  private final Path state;
  private final HttpClient http = HttpClient.newHttpClient();

  private Stack(LocalStack stack, Database database, Path state) {
    this.stack = stack;
    this.database = database;
    this.state = state;
  }

  static Stack start(Database database) throws IOException {
    return start(database, Map.of());
  }

  /// @param parameters of template.yaml
  static Stack start(Database database, Map<String, String> parameters) throws IOException {
    return start(database, Stack::handlers, parameters);
  }

  /// Queue and event bus, and nobody who receives messages.
  static Stack withoutFunctions(Database database) throws IOException {
    return start(database, _ -> Map.of(), Map.of());
  }

  private static Stack start(
      Database database,
      Function<Map<String, String>, Map<String, RequestStreamHandler>> handlers,
      Map<String, String> parameters)
      throws IOException {
    var all = new HashMap<>(parameters);
    all.put("ExecutorConcurrency", String.valueOf(EXECUTORS));
    var state = Project.temporary("stack");
    var options =
        LocalStackOptions.ephemeral(state)
            .template(Project.root().resolve("template.yaml"))
            .parameters(all)
            .databaseUrl(database.url())
            .capturesStandardOutput(true);
    return new Stack(LocalStack.start(options, handlers), database, state);
  }

  private static Map<String, RequestStreamHandler> handlers(Map<String, String> environment) {
    var executors =
        Stream.generate(() -> new ExecutorFunction(Longhaul.fromEnvironment(environment)))
            .limit(EXECUTORS)
            .toList();
    return Map.of(
        "RegistrationFunction", new RegistrationFunction(Longhaul.fromEnvironment(environment)),
        "TriggerFunction", new TriggerFunction(Longhaul.fromEnvironment(environment)),
        "ExecutorFunction", new ExecutionEnvironments(executors));
  }

  String queueEndpoint() {
    return stack.addresses().queueEndpoint().toString();
  }

  String queueUrl() {
    return stack.addresses().queueUrl();
  }

  String eventsEndpoint() {
    return stack.addresses().endpoint().toString();
  }

  /// Registers migrations in one call of the function, by the Lambda API.
  void register(List<NewMigration> migrations) throws IOException, InterruptedException {
    var answer = invoke("RegistrationFunction", NewMigration.payload(migrations));
    if (answer.path("migrations").size() != migrations.size()) {
      throw new IllegalStateException("not registered: " + answer);
    }
  }

  private JsonNode invoke(String function, byte[] payload)
      throws IOException, InterruptedException {
    var address =
        stack.addresses().endpoint().resolve("/2015-03-31/functions/" + function + "/invocations");
    var request =
        HttpRequest.newBuilder(address)
            .POST(HttpRequest.BodyPublishers.ofByteArray(payload))
            .build();
    return JSON.readTree(http.send(request, BodyHandlers.ofByteArray()).body());
  }

  /// Waits until no migration is queued or running any more.
  void awaitEnd(Duration patience) throws SQLException, InterruptedException {
    var deadline = System.nanoTime() + patience.toNanos();
    try (var connection = database.connect()) {
      while (Database.value(
              connection,
              "select exists (select from longhaul.async_migration"
                  + " where status in ('STARTED', 'IN PROGRESS'))")
          .equals("t")) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("not at its end after " + patience);
        }
        Thread.sleep(POLL);
      }
    }
  }

  @Override
  public void close() throws IOException {
    http.close();
    stack.close();
    Project.delete(state);
  }
}
