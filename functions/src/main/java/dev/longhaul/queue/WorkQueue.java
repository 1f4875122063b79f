package dev.longhaul.queue;

import dev.longhaul.logging.Log;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/// The queue between those who trigger and those who execute. Losing a message is harmless, since
/// the sweep sends what has no owner, so a failure to send is logged and is no failure of the
/// caller.
public final class WorkQueue {
  ///
  /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>
  private static final int BATCH = 10;

  /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
  public static final Duration LONGEST_DELAY = Duration.ofMinutes(15);

  private final SqsClient sqs;
  private final String url;

  public WorkQueue(SqsClient sqs, String url) {
    this.sqs = sqs;
    this.url = url;
  }

  public void send(String target, List<String> names) {
    send(target, names, Duration.ZERO);
  }

  /// @param delay cut to what SQS knows, 0 to 15 minutes
  public void send(String target, List<String> names, Duration delay) {
    sendAll(names.stream().map(name -> new Pointer(target, name)).toList(), delay);
  }

  /// For one who is to see how an attempt has got on by itself.
  ///
  /// @param delay as above
  public void sendLook(String target, String name, int attempt, Duration delay) {
    sendAll(List.of(new Pointer(target, name, attempt)), delay);
  }

  private void sendAll(List<Pointer> pointers, Duration delay) {
    int seconds = Math.clamp(delay.plusMillis(999).toSeconds(), 0, (int) LONGEST_DELAY.toSeconds());
    for (int from = 0; from < pointers.size(); from += BATCH) {
      sendBatch(pointers.subList(from, Math.min(from + BATCH, pointers.size())), seconds);
    }
  }

  private void sendBatch(List<Pointer> pointers, int delaySeconds) {
    List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
    for (Pointer pointer : pointers) {
      entries.add(
          SendMessageBatchRequestEntry.builder()
              .id(Integer.toString(entries.size()))
              .messageBody(pointer.toJson())
              .delaySeconds(delaySeconds)
              .build());
    }
    try {
      List<BatchResultErrorEntry> failed =
          sqs.sendMessageBatch(request -> request.queueUrl(url).entries(entries)).failed();
      if (!failed.isEmpty()) {
        notSent(pointers, String.valueOf(failed.getFirst().message()));
      }
    } catch (SdkException e) {
      notSent(pointers, String.valueOf(e.getMessage()));
    }
  }

  private static void notSent(List<Pointer> pointers, String reason) {
    try (Log.Scope _ =
        Log.scope(Log.about(pointers.stream().map(Pointer::migrationName).toList()))) {
      Log.warn(
          "messages were not sent; the sweep will send them",
          Map.of("target", pointers.getFirst().target(), "reason", reason));
    }
  }

  /// Whether nothing is in the queue: not waiting, not delayed, not being worked at. Approximate,
  /// as all counts of SQS are; a queue that does not answer counts as one that holds something.
  public boolean isEmpty() {
    try {
      return sqs
          .getQueueAttributes(
              request ->
                  request
                      .queueUrl(url)
                      .attributeNames(
                          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
          .attributes()
          .values()
          .stream()
          .allMatch("0"::equals);
    } catch (SdkException e) {
      Log.warn(
          "the queue does not tell its length", Map.of("reason", String.valueOf(e.getMessage())));
      return false;
    }
  }

  public String url() {
    return url;
  }

  /// Why SQS cannot be reached from here; empty if it answers, be it that this is not allowed.
  public String unreachable() {
    try {
      sqs.getQueueAttributes(request -> request.queueUrl(url));
      return "";
    } catch (AwsServiceException answered) {
      return "";
    } catch (SdkException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /// Lets a failed message come back after `delay` instead of the queue's visibility timeout, which
  /// is made for attempts that take minutes.
  public void returnSoon(String receiptHandle, Duration delay) {
    try {
      sqs.changeMessageVisibility(
          request ->
              request
                  .queueUrl(url)
                  .receiptHandle(receiptHandle)
                  .visibilityTimeout((int) delay.toSeconds()));
    } catch (SdkException e) {
      Log.warn(
          "a message comes back only after the visibility timeout",
          Map.of("reason", String.valueOf(e.getMessage())));
    }
  }
}
