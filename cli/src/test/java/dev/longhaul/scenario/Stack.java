package dev.longhaul.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.local.template.ResolvedTemplate;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.TestQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutTargetsResponse;
import software.amazon.awssdk.services.eventbridge.model.RuleState;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/// A deployment of its own on an endpoint: queues and rules from template.yaml, a database, and the
/// functions, who reach SQS and EventBridge over a network that a test can break. The test's own
/// clients go past it.
final class Stack implements AutoCloseable {
  /// Emulators that know accounts read the account from the access key's id.
  static final String ACCOUNT = "123456789012";

  static final StaticCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCOUNT, "test"));

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final AtomicInteger STACKS = new AtomicInteger();
  private static final String FIRST =
      "s" + Long.toString(System.currentTimeMillis() % 1_000_000, 36);

  static {
    // Sets credentials for the clients inside the functions; these replace them.
    TestQueue.endpoint();
    System.setProperty("aws.accessKeyId", ACCOUNT);
  }

  /// Takes the place of the stack's name in names and ARNs.
  final String name = "longhaul" + FIRST + STACKS.incrementAndGet();

  final Fixture functions;
  final SqsClient sqs;
  final EventBridgeClient events;
  final TcpProxy wayToSqs;
  final TcpProxy wayToEvents;
  final String queueUrl;
  final String deadLettersUrl;

  private final List<String> rules = new ArrayList<>();

  private final ResolvedTemplate template =
      new ResolvedTemplate(Map.of("TimedTriggerSchedule", "cron(0 2 ? * SAT *)"));

  Stack(Endpoint endpoint) {
    this(endpoint, Database.create(), Map.of());
  }

  /// @param overrides of the functions' environment
  Stack(Endpoint endpoint, Database database, Map<String, String> overrides) {
    Endpoint.Services services = endpoint.require();
    sqs =
        SqsClient.builder()
            .endpointOverride(services.sqs())
            .region(Region.US_EAST_1)
            .credentialsProvider(CREDENTIALS)
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build();
    events =
        EventBridgeClient.builder()
            .endpointOverride(services.events())
            .region(Region.US_EAST_1)
            .credentialsProvider(CREDENTIALS)
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build();
    deadLettersUrl = createQueue("DeadLetters");
    queueUrl = createQueue("Queue");
    wayToSqs = TcpProxy.to(services.sqs());
    wayToEvents = TcpProxy.to(services.events());
    Map<String, String> environment = new HashMap<>();
    environment.put("QUEUE_URL", queueUrl);
    environment.put("AWS_ENDPOINT_URL_SQS", wayToSqs.endpoint());
    environment.put("AWS_ENDPOINT_URL_EVENTBRIDGE", wayToEvents.endpoint());
    environment.put("EVENT_BUS_NAME", "default");
    environment.putAll(overrides);
    functions = new Fixture(database, environment);
  }

  /// Properties of a resource, for this stack.
  JsonNode properties(String logicalId) {
    try {
      return JsonFunction.JSON.readTree(
          template.properties(logicalId).toString().replace("longhaul-", name + "-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String createQueue(String logicalId) {
    ObjectNode properties = (ObjectNode) properties(logicalId);
    String queue = properties.remove("QueueName").asText();
    Map<String, String> attributes = new TreeMap<>();
    properties
        .properties()
        .forEach(
            property ->
                attributes.put(
                    property.getKey(),
                    property.getValue().isContainerNode()
                        ? property.getValue().toString()
                        : property.getValue().asText()));
    return createQueue(queue, attributes);
  }

  String createQueue(String queue, Map<String, String> attributes) {
    return sqs.createQueue(request -> request.queueName(queue).attributesWithStrings(attributes))
        .queueUrl();
  }

  String queueArn(String queue) {
    return "arn:aws:sqs:us-east-1:%s:%s".formatted(ACCOUNT, queue);
  }

  /// Puts a rule of the template as it is.
  void putRule(String logicalId) {
    JsonNode rule = properties(logicalId);
    String ruleName = rule.path("Name").asText();
    putRuleWithoutTargets(logicalId);
    List<Target> targets = new ArrayList<>();
    for (JsonNode target : rule.path("Targets")) {
      JsonNode retry = target.path("RetryPolicy");
      targets.add(
          Target.builder()
              .id(target.path("Id").asText())
              .arn(target.path("Arn").asText())
              .input(target.has("Input") ? target.path("Input").asText() : null)
              .retryPolicy(
                  policy ->
                      policy
                          .maximumRetryAttempts(retry.path("MaximumRetryAttempts").asInt())
                          .maximumEventAgeInSeconds(retry.path("MaximumEventAgeInSeconds").asInt()))
              .deadLetterConfig(
                  config -> config.arn(target.path("DeadLetterConfig").path("Arn").asText()))
              .build());
    }
    putTargets(ruleName, targets);
  }

  /// Puts a rule of the template with a queue in the place of the function.
  ///
  /// @return the queue's URL
  String putRuleForQueue(String logicalId) {
    putRuleWithoutTargets(logicalId);
    return target(properties(logicalId).path("Name").asText());
  }

  /// A queue that gets what matches the pattern.
  String subscribe(String pattern) {
    String ruleName = name + "-subscription";
    rules.add(ruleName);
    events.putRule(request -> request.name(ruleName).eventPattern(pattern));
    return target(ruleName);
  }

  private String target(String ruleName) {
    String queue = ruleName + "-seen";
    String url = createQueue(queue, Map.of());
    putTargets(ruleName, List.of(Target.builder().id("queue").arn(queueArn(queue)).build()));
    return url;
  }

  void putRuleWithoutTargets(String logicalId) {
    JsonNode rule = properties(logicalId);
    rules.add(rule.path("Name").asText());
    events.putRule(
        request -> {
          request
              .name(rule.path("Name").asText())
              .description(rule.path("Description").asText())
              .state(RuleState.fromValue(rule.path("State").asText()));
          if (rule.has("EventBusName")) {
            request.eventBusName(rule.path("EventBusName").asText());
          }
          if (rule.has("EventPattern")) {
            request.eventPattern(rule.path("EventPattern").toString());
          }
          if (rule.has("ScheduleExpression")) {
            request.scheduleExpression(rule.path("ScheduleExpression").asText());
          }
        });
  }

  private void putTargets(String ruleName, List<Target> targets) {
    PutTargetsResponse answer =
        events.putTargets(request -> request.rule(ruleName).targets(targets));
    if (answer.failedEntryCount() != 0) {
      throw new AssertionError(answer);
    }
  }

  List<Message> receive(String url) {
    return sqs.receiveMessage(
            request ->
                request
                    .queueUrl(url)
                    .maxNumberOfMessages(10)
                    .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
        .messages();
  }

  /// The bodies of the next messages, as many as wanted, in the order of their arrival.
  List<JsonNode> await(String url, int wanted) {
    List<JsonNode> bodies = new ArrayList<>();
    Instant deadline = Instant.now().plus(PATIENCE);
    while (bodies.size() < wanted) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError(
            "%d messages instead of %d: %s".formatted(bodies.size(), wanted, bodies));
      }
      for (Message message : receive(url)) {
        delete(url, message);
        try {
          bodies.add(JsonFunction.JSON.readTree(message.body()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return bodies;
  }

  void delete(String url, Message message) {
    sqs.deleteMessage(request -> request.queueUrl(url).receiptHandle(message.receiptHandle()));
  }

  /// What became of a batch.
  ///
  /// @param failed those that stay in the queue
  record Batch(List<Message> messages, List<Message> failed) {}

  /// As the event source mapping does: receives what is there, has it executed, deletes what has
  /// not failed.
  Batch deliver() {
    return deliver(functions);
  }

  Batch deliver(Fixture to) {
    List<Message> messages = receive(queueUrl);
    if (messages.isEmpty()) {
      return new Batch(messages, List.of());
    }
    ObjectNode event = JsonFunction.JSON.createObjectNode();
    ArrayNode records = event.putArray("Records");
    messages.forEach(message -> records.addAll((ArrayNode) Fixture.event(message).path("Records")));
    List<String> ids = new ArrayList<>();
    to.invoke("execute", event.toString())
        .path("batchItemFailures")
        .forEach(failure -> ids.add(failure.path("itemIdentifier").asText()));
    List<Message> failed = new ArrayList<>();
    for (Message message : messages) {
      if (ids.contains(message.messageId())) {
        failed.add(message);
      } else {
        delete(queueUrl, message);
      }
    }
    return new Batch(messages, failed);
  }

  /// Delivers until a batch is not empty.
  Batch deliverNext() {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (Instant.now().isBefore(deadline)) {
      Batch batch = deliver();
      if (!batch.messages().isEmpty()) {
        return batch;
      }
    }
    throw new AssertionError("no message after " + PATIENCE);
  }

  /// Delivers until the migration has the status.
  void deliverUntil(String migration, String status) {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!functions.status(migration).equals(status)) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("not " + status + ": " + functions.control("status", migration));
      }
      deliver();
    }
  }

  /// Instead of waiting for the visibility timeout.
  void makeVisible(Message message) {
    sqs.changeMessageVisibility(
        request ->
            request.queueUrl(queueUrl).receiptHandle(message.receiptHandle()).visibilityTimeout(0));
  }

  /// The sweep, as if what it looks at were due.
  void sweep() {
    functions.database.execute(
        "update longhaul.async_migration set next_look_at = now() where next_look_at is not null");
    functions.trigger("{}");
  }

  /// Statuses of transitions of which no event has been published.
  List<String> outbox() {
    return functions.database.query(
        "select to_status from longhaul.async_migration_history where published_at is null order by"
            + " id");
  }

  /// Rules see the events of all: moto fails every event that matches one whose target it does not
  /// know, and to it all events match a schedule.
  private void deleteRules() {
    for (String rule : rules) {
      List<String> targets =
          events.listTargetsByRule(request -> request.rule(rule)).targets().stream()
              .map(Target::id)
              .toList();
      if (!targets.isEmpty()) {
        events.removeTargets(request -> request.rule(rule).ids(targets));
      }
      events.deleteRule(request -> request.name(rule));
    }
  }

  @Override
  public void close() {
    deleteRules();
    functions.close();
    wayToSqs.close();
    wayToEvents.close();
    sqs.close();
    events.close();
  }
}
