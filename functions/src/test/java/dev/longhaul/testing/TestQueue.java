package dev.longhaul.testing;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/// A queue of its own on a real SQS server, ElasticMQ, of which there is one a JVM.
public record TestQueue(String url) {
  private static final AtomicInteger QUEUES = new AtomicInteger();
  private static final SQSRestServer SERVER =
      SQSRestServerBuilder.withInterface("127.0.0.1").withDynamicPort().start();
  private static final int PORT = SERVER.waitUntilStarted().localAddress().getPort();
  private static final SqsClient SQS = client();

  static {
    // What the SDK's default provider chain finds for the clients inside the functions.
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", PlantedCanary.SECRET_KEY);
  }

  public static String endpoint() {
    return "http://127.0.0.1:" + PORT;
  }

  static TestQueue create() {
    String name = "queue-" + QUEUES.incrementAndGet();
    return new TestQueue(
        SQS.createQueue(
                request ->
                    request
                        .queueName(name)
                        .attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "30")))
            .queueUrl());
  }

  public List<Message> receive() {
    return SQS.receiveMessage(
            request ->
                request
                    .queueUrl(url)
                    .maxNumberOfMessages(1)
                    .messageSystemAttributeNames(
                        MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT))
        .messages();
  }

  public void send(String body) {
    SQS.sendMessage(request -> request.queueUrl(url).messageBody(body));
  }

  public void delete(Message message) {
    SQS.deleteMessage(request -> request.queueUrl(url).receiptHandle(message.receiptHandle()));
  }

  /// The bodies of the messages that are there now; they are gone then.
  public List<String> drain() {
    List<String> bodies = new ArrayList<>();
    for (List<Message> messages = receive(); !messages.isEmpty(); messages = receive()) {
      for (Message message : messages) {
        bodies.add(message.body());
        delete(message);
      }
    }
    return bodies;
  }

  /// How many messages are not visible yet because they were sent with a delay.
  public int delayed() {
    return Integer.parseInt(
        SQS.getQueueAttributes(
                request ->
                    request
                        .queueUrl(url)
                        .attributeNames(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
            .attributes()
            .get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED));
  }

  /// Loses every message.
  public void purge() {
    SQS.purgeQueue(request -> request.queueUrl(url));
  }

  private static SqsClient client() {
    return SqsClient.builder()
        .endpointOverride(URI.create(endpoint()))
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create("test", PlantedCanary.SECRET_KEY)))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }
}
