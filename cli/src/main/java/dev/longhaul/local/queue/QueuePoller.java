package dev.longhaul.local.queue;

import dev.longhaul.local.functions.LocalFunctions;
import dev.longhaul.local.template.QueueSource;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/// Lambda's event source mapping: as many threads as executions are allowed at a time receive a
/// batch, invoke the function with it, and delete what succeeded. What failed stays until its
/// visibility timeout ends; SQS counts the receives and moves it to the dead-letter queue.
public final class QueuePoller implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(QueuePoller.class.getName());
  private static final int LONG_POLL_SECONDS = 5;
  private static final Duration AFTER_AN_ERROR = Duration.ofSeconds(1);

  private final QueueSource source;
  private final String queueUrl;
  private final SqsClient sqs;
  private final LocalFunctions functions;
  private final CountDownLatch closing = new CountDownLatch(1);

  public QueuePoller(QueueSource source, LocalQueues queues, LocalFunctions functions) {
    this.source = source;
    this.queueUrl = queues.url(source.queueName());
    this.sqs = queues.client();
    this.functions = functions;
  }

  public void start() {
    for (var i = 0; i < source.maximumConcurrency(); i++) {
      Thread.ofVirtual().name("poller-" + source.queueName() + "-" + i).start(this::poll);
    }
  }

  /// Receives nothing more. Invocations that run go on, and delete their messages.
  @Override
  public void close() {
    closing.countDown();
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void poll() {
    while (!isClosing()) {
      try {
        var messages = receive();
        // A message that arrives while the stack closes is gone with its queue: the sweep knows.
        if (!messages.isEmpty() && !isClosing()) {
          handle(messages);
        }
      } catch (SdkException | IllegalStateException e) {
        if (!isClosing()) {
          LOG.log(Level.WARNING, "cannot poll " + source.queueName(), e);
          pause();
        }
      }
    }
  }

  private void pause() {
    try {
      var _ = closing.await(AFTER_AN_ERROR.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Message> receive() {
    return sqs.receiveMessage(
            receive ->
                receive
                    .queueUrl(queueUrl)
                    .maxNumberOfMessages(Math.min(source.batchSize(), 10))
                    .waitTimeSeconds(LONG_POLL_SECONDS)
                    .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                    .messageAttributeNames("All"))
        .messages();
  }

  private void handle(List<Message> messages) {
    var invocation =
        functions.invoke(source.functionName(), SqsEvent.of(messages, source.queueName()));
    if (invocation.failed()) {
      return;
    }
    var failures =
        source.reportsItemFailures()
            ? SqsEvent.failures(invocation.payload(), messages)
            : Set.<String>of();
    for (var message : messages) {
      if (!failures.contains(message.messageId())) {
        sqs.deleteMessage(
            delete -> delete.queueUrl(queueUrl).receiptHandle(message.receiptHandle()));
      }
    }
  }
}
