package dev.longhaul.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/// The queue of template.yaml, and what becomes of messages that cannot be worked at.
@ParameterizedClass(name = "{0}")
@MethodSource("dev.longhaul.scenario.Endpoints#all")
class QueueTest {
  /// `maxReceiveCount` of the template.
  private static final int TRIES = 5;

  private final Endpoint endpoint;
  private final Stack stack;

  QueueTest(Endpoint endpoint) {
    this.endpoint = endpoint;
    this.stack = new Stack(endpoint);
  }

  @AfterEach
  void close() {
    stack.close();
  }

  private void failUntilDead() {
    for (int i = 1; i <= TRIES; i++) {
      Stack.Batch batch = stack.deliverNext();
      assertThat(batch.failed()).as("try %d", i).hasSize(1);
      stack.makeVisible(batch.failed().getFirst());
    }
    assertThat(stack.deliver().messages()).isEmpty();
  }

  @Test
  void aMessageThatIsNotOursEndsAmongTheDeadLetters() {
    stack.sqs.sendMessage(request -> request.queueUrl(stack.queueUrl).messageBody("hello"));

    failUntilDead();
    assertThat(stack.receive(stack.deadLettersUrl))
        .extracting(Message::body)
        .containsExactly("hello");
  }

  /// A target that was forgotten in the configuration: nothing is lost, and once it is there the
  /// dead letters are sent back as they are.
  @Test
  void deadLettersAreWorkedAtAfterTheirRedrive() {
    endpoint.require(Feature.MOVE_TASKS);
    Map<String, String> environment = new HashMap<>(stack.functions.environment());
    environment.put("DATABASE_URL", "");
    Database reports = Database.create();
    environment.put(
        "DATABASE_TARGETS",
        "{\"main\": {\"url\": \"%s\"}, \"reports\": {\"url\": \"%s\"}}"
            .formatted(stack.functions.database.url(), reports.url()));
    try (Fixture complete = new Fixture(reports, environment)) {
      complete.register(
          Fixture.migration("0001_report", "create table report (n int)", "")
              .put("target", "reports")
              .toString());
      failUntilDead();

      stack.sqs.startMessageMoveTask(
          request -> request.sourceArn(stack.queueArn(stack.name + "-dead-letters")));
      reports.await("select status = 'STARTED' from longhaul.async_migration");
      Stack.Batch batch = stack.deliver(complete);
      Instant deadline = Instant.now().plusSeconds(20);
      while (batch.messages().isEmpty() && Instant.now().isBefore(deadline)) {
        batch = stack.deliver(complete);
      }
      assertThat(batch.messages()).hasSize(1);
      assertThat(batch.failed()).isEmpty();
      assertThat(reports.query("select status from longhaul.async_migration"))
          .containsExactly("FINISHED");
    }
  }

  @Test
  void onlyTheMessageThatFailedComesBack() {
    stack.functions.register("0001_a", "create table a (n int)", "");
    stack.functions.register("0002_b", "create table b (n int)", "");
    stack.sqs.sendMessage(request -> request.queueUrl(stack.queueUrl).messageBody("poison"));

    List<Message> failed = new ArrayList<>();
    for (int delivered = 0; delivered < 3; ) {
      Stack.Batch batch = stack.deliverNext();
      delivered += batch.messages().size();
      failed.addAll(batch.failed());
    }
    assertThat(failed).extracting(Message::body).containsExactly("poison");
    assertThat(stack.functions.status("0001_a")).isEqualTo("FINISHED");
    assertThat(stack.functions.status("0002_b")).isEqualTo("FINISHED");
    stack.makeVisible(failed.getFirst());
    assertThat(stack.deliverNext().messages())
        .extracting(Message::messageId)
        .containsExactly(failed.getFirst().messageId());
  }

  @Test
  void aMigrationForLaterWaitsInTheQueue() {
    Instant due = Instant.now().plusSeconds(3);
    stack.functions.register(
        Fixture.migration("0001_later", "create table later (n int)", "")
            .put("run_at", due.toString())
            .toString());

    assertThat(
            stack
                .sqs
                .getQueueAttributes(
                    request ->
                        request
                            .queueUrl(stack.queueUrl)
                            .attributeNames(
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
                .attributesAsStrings())
        .containsEntry("ApproximateNumberOfMessagesDelayed", "1");
    assertThat(stack.deliver().messages()).isEmpty();
    stack.deliverNext();
    assertThat(Instant.now()).isAfter(due);
    assertThat(stack.functions.status("0001_later")).isEqualTo("FINISHED");
  }
}
