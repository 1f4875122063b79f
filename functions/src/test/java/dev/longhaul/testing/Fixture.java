package dev.longhaul.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.longhaul.Longhaul;
import dev.longhaul.control.ControlFunction;
import dev.longhaul.dashboard.DashboardFunction;
import dev.longhaul.execution.ExecutorFunction;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.registration.RegistrationFunction;
import dev.longhaul.trigger.TriggerFunction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/// A deployment in miniature: a database, a queue, and the functions, which the test invokes with
/// JSON as Lambda does.
public final class Fixture implements AutoCloseable {
  public static final String CONTROL_ARN =
      "arn:aws:lambda:us-east-1:123456789012:function:longhaul-ControlFunction:live";
  public static final String TRIGGER_ARN =
      "arn:aws:lambda:us-east-1:123456789012:function:longhaul-TriggerFunction:live";

  public final Database database;
  public final TestQueue queue = TestQueue.create();
  private final Map<String, String> environment;
  private final Longhaul longhaul;
  private final Map<String, RequestStreamHandler> functions = new TreeMap<>();

  public Fixture() {
    this(Database.create(), Map.of());
  }

  public Fixture(Database database, Map<String, String> environment) {
    this.database = database;
    Map<String, String> all = new TreeMap<>();
    all.put("DATABASE_URL", database.url());
    all.put("QUEUE_URL", queue.url());
    all.put("AWS_REGION", "us-east-1");
    all.put("AWS_ENDPOINT_URL_SQS", TestQueue.endpoint());
    all.put("CONTROL_FUNCTION_ARN", CONTROL_ARN);
    all.put("TRIGGER_FUNCTION_ARN", TRIGGER_ARN);
    all.putAll(environment);
    this.environment = PlantedCanary.plant(all);
    longhaul = Longhaul.fromEnvironment(this.environment);
    startProcesses();
  }

  /// As Lambda does after a while without a call: what the functions know by heart is forgotten.
  public void startProcesses() {
    functions.put("register", new RegistrationFunction(longhaul));
    functions.put("trigger", new TriggerFunction(longhaul));
    functions.put("execute", new ExecutorFunction(longhaul));
    functions.put("control", new ControlFunction(longhaul));
    functions.put(
        "dashboard", new DashboardFunction(longhaul, this.environment, InstantSource.system()));
  }

  /// What the functions were given, for others that are to work on the same database and queue.
  public Map<String, String> environment() {
    return Map.copyOf(environment);
  }

  public JsonNode register(String payload) {
    return invoke("register", payload);
  }

  /// Registers one migration.
  public JsonNode register(String name, String forwards, String backwards) {
    return register(migration(name, forwards, backwards).toString());
  }

  public static ObjectNode migration(String name, String forwards, String backwards) {
    return JsonFunction.JSON
        .createObjectNode()
        .put("migration_name", name)
        .put("sql_forwards", forwards)
        .put("sql_backwards", backwards);
  }

  public JsonNode trigger(String payload) {
    return invoke("trigger", payload);
  }

  public JsonNode control(String action, String name) {
    return invoke(
        "control",
        JsonFunction.JSON
            .createObjectNode()
            .put("action", action)
            .put("migration_name", name)
            .toString());
  }

  /// An action with its `batch`.
  public JsonNode control(String action, String name, String batch) {
    ObjectNode payload =
        JsonFunction.JSON.createObjectNode().put("action", action).put("migration_name", name);
    return control(payload.putRawValue("batch", new RawValue(batch)).toString());
  }

  public JsonNode control(String payload) {
    return invoke("control", payload);
  }

  public String status(String name) {
    return control("status", name).path("status").asText();
  }

  /// The names that the journal holds, without asking the functions; none if there is no journal.
  public List<String> registered() {
    String table =
        database.url().startsWith("jdbc:sqlite:")
            ? "longhaul_async_migration"
            : "longhaul.async_migration";
    return database.exists(table)
        ? database.query("select name from " + table + " order by name")
        : List.of();
  }

  /// What a status says in its `meta`, beside the bill.
  public static ObjectNode notes(JsonNode status) {
    ObjectNode notes = status.path("meta").deepCopy();
    notes.remove("lambda_ms");
    return notes;
  }

  /// The statuses that the migration has had, in order.
  public List<String> pathOf(String name) {
    List<String> path = new ArrayList<>();
    control("history", name).path("history").forEach(entry -> path.add(entry.path("to").asText()));
    return path;
  }

  public JsonNode invoke(String function, String payload) {
    return invoke(function, payload, new TestContext());
  }

  public JsonNode invoke(String function, String payload, Context context) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try {
      Objects.requireNonNull(functions.get(function), function)
          .handleRequest(
              new ByteArrayInputStream(payload.getBytes(StandardCharsets.UTF_8)), output, context);
      PlantedCanary.search(output.toString(StandardCharsets.UTF_8));
      return JsonFunction.JSON.readTree(output.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      PlantedCanary.search(e);
      throw e;
    }
  }

  /// Executes one message as the event source mapping would. Answers whether there was one.
  public boolean executeNext() {
    List<Message> messages = queue.receive();
    for (Message message : messages) {
      if (execute(message).isEmpty()) {
        queue.delete(message);
      }
    }
    return !messages.isEmpty();
  }

  /// The identifiers of the messages that failed.
  public List<String> execute(Message message) {
    List<String> failed = new ArrayList<>();
    invoke("execute", event(message).toString())
        .path("batchItemFailures")
        .forEach(failure -> failed.add(failure.path("itemIdentifier").asText()));
    return failed;
  }

  public static ObjectNode event(Message message) {
    ObjectNode event = JsonFunction.JSON.createObjectNode();
    ArrayNode records = event.putArray("Records");
    ObjectNode record =
        records
            .addObject()
            .put("messageId", message.messageId())
            .put("receiptHandle", message.receiptHandle())
            .put("body", message.body())
            .put("eventSource", "aws:sqs")
            .put("awsRegion", "us-east-1");
    record
        .putObject("attributes")
        .put(
            "ApproximateReceiveCount",
            message
                .attributes()
                .getOrDefault(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "1"));
    return event;
  }

  /// Executes messages, also delayed ones, until the migration is in `status`.
  public void executeUntil(String name, String status) {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    String now = status(name);
    while (!now.equals(status)) {
      boolean isEnd = MigrationStatus.ofLabel(now).orElseThrow().isEnd();
      assertThat(!isEnd && Instant.now().isBefore(deadline))
          .as(() -> name + " is " + control("status", name) + " and not " + status)
          .isTrue();
      executeNext();
      now = status(name);
    }
  }

  /// Executes what is in the queue now.
  public void executeAll() {
    boolean more = true;
    while (more) {
      more = executeNext();
    }
  }

  /// No session of ours but idle ones, no lock: what every test must leave behind.
  public void assertNothingIsLeft() {
    database.await(
        """
        select not exists (select from pg_stat_activity
                           where datname = current_database() and application_name like 'longhaul:%')
          and not exists (select from pg_locks where locktype = 'advisory' and database =
                            (select oid from pg_database where datname = current_database()))
        """);
  }

  @Override
  public void close() {
    longhaul.close();
    if (!database.url().startsWith("jdbc:sqlite:")) {
      assertNothingIsLeft();
    }
  }
}
