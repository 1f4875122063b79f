package dev.longhaul;

import dev.longhaul.database.AwsIdentity;
import dev.longhaul.database.Targets;
import dev.longhaul.database.WorkSessions;
import dev.longhaul.event.EventPublisher;
import dev.longhaul.event.SweepRule;
import dev.longhaul.journal.Journals;
import dev.longhaul.journal.Retention;
import dev.longhaul.queue.WorkQueue;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.SdkClient;
import software.amazon.awssdk.core.client.builder.SdkSyncClientBuilder;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/// What the functions share, put together from the environment: the targets, their journals, the
/// queue and the event bus. One instance lives as long as the function's execution environment.
public final class Longhaul implements AutoCloseable {
  private final Map<String, String> environment;
  private final Journals journals = new Journals();
  private final WorkSessions workSessions = new WorkSessions(InstantSource.system());

  /// One for all clients: each of its kind sets up TLS, which takes a tenth of a cold start.
  private final SdkHttpClient http =
      UrlConnectionHttpClient.builder()
          .connectionTimeout(Duration.ofSeconds(2))
          .socketTimeout(Duration.ofSeconds(5))
          .build();

  private final List<SdkClient> clients = new ArrayList<>();
  private final Duration detachAfter;
  private final WorkQueue queue;
  private final EventPublisher events;
  private final SweepRule sweepRule;
  private @Nullable Targets targets;

  private Longhaul(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    this.detachAfter = seconds("DETACH_AFTER", optional("DETACH_AFTER").orElse("60"));
    this.queue = new WorkQueue(client(SqsClient.builder(), "SQS"), required("QUEUE_URL"));
    String bus = optional("EVENT_BUS_NAME").orElse("");
    String rule = optional("SWEEP_RULE_NAME").orElse("");
    EventBridgeClient eventBridge =
        bus.isEmpty() && rule.isEmpty() ? null : client(EventBridgeClient.builder(), "EVENTBRIDGE");
    this.events = new EventPublisher(bus.isEmpty() ? null : eventBridge, bus);
    this.sweepRule = new SweepRule(rule.isEmpty() ? null : eventBridge, rule);
  }

  /// @param environment the variables that `template.yaml` documents and sets
  public static Longhaul fromEnvironment(Map<String, String> environment) {
    return new Longhaul(environment);
  }

  /// @throws dev.longhaul.migration.Refusal `TargetUnavailable` if they are configured wrongly,
  ///   which the caller should hear of, and not only the function's log
  public synchronized Targets targets() {
    if (targets == null) {
      targets = Targets.fromEnvironment(environment, new AwsIdentity(region()));
    }
    return targets;
  }

  public Journals journals() {
    return journals;
  }

  public WorkSessions workSessions() {
    return workSessions;
  }

  public WorkQueue queue() {
    return queue;
  }

  public EventPublisher events() {
    return events;
  }

  public SweepRule sweepRule() {
    return sweepRule;
  }

  /// Whether a registered migration waits for a trigger unless it asks to run immediately.
  public boolean allowsScheduledMigrations() {
    return isOn(optional("ALLOW_SCHEDULED_MIGRATIONS").orElse("false"));
  }

  /// What counts as true in the environment: `true` in any case, or `1`.
  public static boolean isOn(String value) {
    return value.equalsIgnoreCase("true") || value.equals("1");
  }

  /// How long an executor stays with a statement that runs, unless the migration says otherwise:
  /// `DETACH_AFTER` seconds, 60 if it is not set.
  public Duration detachAfter() {
    return detachAfter;
  }

  /// How long the journal keeps transitions of migrations that have ended:
  /// `HISTORY_RETENTION_DAYS`; for ever if that is not set, or 0.
  public Optional<Duration> historyRetention() {
    String days = optional("HISTORY_RETENTION_DAYS").orElse("0");
    if (days.equals("0")) {
      return Optional.empty();
    }
    if (!days.matches("[1-9][0-9]{0,4}") || Integer.parseInt(days) < Retention.SHORTEST.toDays()) {
      throw new IllegalStateException(
          "environment variable HISTORY_RETENTION_DAYS must be 0, or a number of days from 30 to"
              + " 99999");
    }
    return Optional.of(Duration.ofDays(Integer.parseInt(days)));
  }

  private static Duration seconds(String variable, String value) {
    if (!value.matches("[0-9]{1,3}") || Integer.parseInt(value) == 0) {
      throw new IllegalStateException(
          "environment variable " + variable + " must be a number of seconds from 1 to 999");
    }
    return Duration.ofSeconds(Integer.parseInt(value));
  }

  /// Whether something else stands in for AWS: what is Amazon's, a VPC's endpoints included, has
  /// TLS.
  public boolean isLocal() {
    return environment.entrySet().stream()
        .anyMatch(
            variable ->
                variable.getKey().startsWith("AWS_ENDPOINT_URL")
                    && variable.getValue().startsWith("http:"));
  }

  @Override
  public void close() {
    workSessions.close();
    journals.close();
    clients.forEach(SdkClient::close);
    http.close();
  }

  /// Clients over `java.net.HttpURLConnection`: the smallest and the quickest to start. Short time
  /// limits, since no call to AWS may hold up the work in the database.
  private <B extends SdkSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C extends SdkClient>
      C client(B builder, String service) {
    builder
        .region(Region.of(region()))
        .httpClient(http)
        .overrideConfiguration(override -> override.apiCallTimeout(Duration.ofSeconds(10)));
    optional("AWS_ENDPOINT_URL_" + service)
        .or(() -> optional("AWS_ENDPOINT_URL"))
        .ifPresent(endpoint -> builder.endpointOverride(URI.create(endpoint)));
    C client = builder.build();
    clients.add(client);
    return client;
  }

  private String region() {
    return optional("AWS_REGION").orElse("us-east-1");
  }

  private String required(String variable) {
    return optional(variable)
        .orElseThrow(
            () -> new IllegalStateException("environment variable " + variable + " is not set"));
  }

  private Optional<String> optional(String variable) {
    return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isBlank());
  }
}
