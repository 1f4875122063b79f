package dev.longhaul.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

class QueuePollerTest {
  private static final String EXECUTOR = "ExecutorFunction";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path state;
  private final TestFunctions functions = new TestFunctions();
  private LocalStack stack;
  private SqsClient sqs;
  private String queueUrl;

  @BeforeEach
  void start() {
    stack =
        LocalStack.start(
            TestStack.options(state)
                .databaseUrl("jdbc:sqlite:unused")
                .parameters(Map.of("VisibilitySeconds", "1")),
            functions);
    sqs = TestStack.sqs(stack);
    queueUrl = stack.addresses().queueUrl();
  }

  @AfterEach
  void stop() {
    sqs.close();
    stack.close();
  }

  @Test
  void messageReachesTheExecutorAsAnSqsEventAndIsDeleted() throws Exception {
    var sent =
        sqs.sendMessage(
            m ->
                m.queueUrl(queueUrl)
                    .messageBody("{\"migration_name\":\"a\"}")
                    .messageAttributes(
                        Map.of(
                            "trace",
                            MessageAttributeValue.builder()
                                .dataType("String")
                                .stringValue("t-1")
                                .build())));

    var record = JSON.readTree(functions.next(EXECUTOR)).path("Records").path(0);

    assertThat(record.path("messageId").asText()).isEqualTo(sent.messageId());
    assertThat(record.path("receiptHandle").asText()).isNotEmpty();
    assertThat(record.path("body").asText()).isEqualTo("{\"migration_name\":\"a\"}");
    assertThat(record.path("attributes").path("ApproximateReceiveCount").asText()).isEqualTo("1");
    assertThat(record.path("attributes").has("SentTimestamp")).isTrue();
    assertThat(record.path("messageAttributes").path("trace").toString())
        .isEqualTo(
            "{\"stringValue\":\"t-1\",\"stringListValues\":[],\"binaryListValues\":[],"
                + "\"dataType\":\"String\"}");
    assertThat(record.path("md5OfBody").asText()).isEqualTo(sent.md5OfMessageBody());
    assertThat(record.path("eventSource").asText()).isEqualTo("aws:sqs");
    assertThat(record.path("eventSourceARN").asText())
        .isEqualTo("arn:aws:sqs:us-east-1:123456789012:longhaul-migrations");
    assertThat(record.path("awsRegion").asText()).isEqualTo("us-east-1");
    awaitEmptyQueue();
    assertThat(functions.payloads(EXECUTOR)).isEmpty();
  }

  @Test
  void reportedFailureComesBackAndEndsInTheDeadLetterQueue() throws Exception {
    functions.answers(
        EXECUTOR,
        payload -> {
          var id = payload.replaceFirst("(?s).*\"messageId\":\"([^\"]+)\".*", "$1");
          return "{\"batchItemFailures\":[{\"itemIdentifier\":\"" + id + "\"}]}";
        });

    sqs.sendMessage(m -> m.queueUrl(queueUrl).messageBody("poison"));

    assertThat(receiveCount(functions.next(EXECUTOR))).isEqualTo(1);
    assertThat(receiveCount(functions.next(EXECUTOR))).isEqualTo(2);
    assertThat(deadLetter().body()).isEqualTo("poison");
    assertThat(functions.payloads(EXECUTOR)).isEmpty();
    awaitEmptyQueue();
  }

  @Test
  void functionErrorLeavesTheMessage() throws Exception {
    var attempts = new AtomicInteger();
    functions.answers(
        EXECUTOR,
        _ -> {
          if (attempts.incrementAndGet() == 1) {
            throw new IllegalStateException("first time");
          }
          return "{\"batchItemFailures\":[]}";
        });

    sqs.sendMessage(m -> m.queueUrl(queueUrl).messageBody("again"));

    assertThat(receiveCount(functions.next(EXECUTOR))).isEqualTo(1);
    assertThat(receiveCount(functions.next(EXECUTOR))).isEqualTo(2);
    awaitEmptyQueue();
  }

  @Test
  void runsAsManyExecutionsAsTheMappingAllows() throws Exception {
    var running = new AtomicInteger();
    var most = new ConcurrentLinkedQueue<Integer>();
    var full = new CountDownLatch(3);
    var release = new CountDownLatch(1);
    functions.behaves(
        EXECUTOR,
        (_, _, _) -> {
          most.add(running.incrementAndGet());
          full.countDown();
          try {
            release.await(10, TimeUnit.SECONDS);
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
          running.decrementAndGet();
        });

    for (var i = 0; i < 6; i++) {
      sqs.sendMessage(m -> m.queueUrl(queueUrl).messageBody("work"));
    }

    assertThat(full.await(10, TimeUnit.SECONDS)).isTrue();
    release.countDown();
    for (var i = 0; i < 6; i++) {
      functions.next(EXECUTOR);
    }
    assertThat(most).isNotEmpty().allMatch(count -> count <= 3);
  }

  @Test
  void closingLetsARunningExecutionEnd() throws Exception {
    var started = new CountDownLatch(1);
    var ended = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    functions.behaves(
        EXECUTOR,
        (_, _, _) -> {
          started.countDown();
          try {
            release.await(10, TimeUnit.SECONDS);
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
          ended.countDown();
        });
    sqs.sendMessage(m -> m.queueUrl(queueUrl).messageBody("work"));
    assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();

    var closing = Thread.ofVirtual().start(stack::close);
    assertThat(closing.join(Duration.ofMillis(300)))
        .as("closed under a running function")
        .isFalse();
    release.countDown();

    assertThat(closing.join(Duration.ofSeconds(10))).isTrue();
    assertThat(ended.getCount()).isZero();
  }

  private static int receiveCount(String event) throws Exception {
    return JSON.readTree(event)
        .path("Records")
        .path(0)
        .path("attributes")
        .path("ApproximateReceiveCount")
        .asInt();
  }

  private Message deadLetter() {
    var url = sqs.getQueueUrl(q -> q.queueName("longhaul-DeadLetters")).queueUrl();
    var deadline = Instant.now().plusSeconds(20);
    while (Instant.now().isBefore(deadline)) {
      var messages = sqs.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(2)).messages();
      if (!messages.isEmpty()) {
        return messages.getFirst();
      }
    }
    throw new AssertionError("nothing reached the dead-letter queue");
  }

  private void awaitEmptyQueue() throws InterruptedException {
    var deadline = Instant.now().plusSeconds(20);
    var counted = Map.<QueueAttributeName, String>of();
    while (Instant.now().isBefore(deadline)) {
      counted =
          sqs.getQueueAttributes(
                  q ->
                      q.queueUrl(queueUrl)
                          .attributeNames(
                              QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                              QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
              .attributes();
      if (counted.values().stream().allMatch("0"::equals)) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("messages are left: " + counted);
  }
}
