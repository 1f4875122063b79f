package dev.longhaul.local.queue;

import dev.longhaul.local.template.LocalNames;
import dev.longhaul.local.template.QueueDefinition;
import java.net.URI;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/// The queue server. Its queues live in memory: a message is a hint that there is work, the journal
/// knows the work, and the sweep sends again what was lost.
public final class LocalQueues implements AutoCloseable {
  private static final Duration UNBINDING = Duration.ofMillis(300);

  private final SQSRestServer server;
  private final URI address;
  private final Map<String, String> urls = new HashMap<>();

  private LocalQueues(SQSRestServer server, URI address) {
    this.server = server;
    this.address = address;
  }

  /// Starts the server on loopback and creates the queues.
  public static LocalQueues start(int port, List<QueueDefinition> queues) {
    var server =
        SQSRestServerBuilder.withInterface("127.0.0.1")
            .withPort(port)
            .withAWSAccountId(LocalNames.ACCOUNT)
            .withAWSRegion(LocalNames.REGION)
            .start();
    var started = new LocalQueues(server, URI.create("http://127.0.0.1:" + port));
    try {
      server.waitUntilStarted();
      started.create(queues);
      return started;
    } catch (RuntimeException e) {
      started.close();
      throw e;
    }
  }

  /// Dead-letter queues come first: a queue that redrives names one that exists.
  private void create(List<QueueDefinition> queues) {
    try (var client = client()) {
      queues.stream()
          .sorted(Comparator.comparing(queue -> queue.attributes().containsKey("RedrivePolicy")))
          .forEach(
              queue ->
                  urls.put(
                      queue.name(),
                      client
                          .createQueue(
                              create ->
                                  create
                                      .queueName(queue.name())
                                      .attributesWithStrings(queue.attributes()))
                          .queueUrl()));
    }
  }

  public URI address() {
    return address;
  }

  /// The URL of a queue of the template.
  public String url(String name) {
    var url = urls.get(name);
    if (url == null) {
      throw new IllegalArgumentException("the template has no queue " + name);
    }
    return url;
  }

  /// A client with credentials that are none: real ones have no business here.
  public SqsClient client() {
    return SqsClient.builder()
        .endpointOverride(address)
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }

  /// Stops listening at once. Requests that still wait for a message are not waited for.
  @Override
  public void close() {
    var stopping = Thread.ofPlatform().daemon().name("elasticmq-stop").start(server::stopAndWait);
    try {
      var _ = stopping.join(UNBINDING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
