package dev.longhaul.local.queue;

import dev.longhaul.local.functions.LocalFunctions;
import dev.longhaul.local.template.QueueSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/// Lambda's event source mapping: it receives messages as executions become free, invokes the
/// function with a batch, and deletes what succeeded. What failed stays until its visibility
/// timeout ends; SQS counts the receives and moves it to the dead-letter queue.
public final class QueuePoller implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(QueuePoller.class.getName());
  private static final int LONG_POLL_SECONDS = 5;
  private static final Duration AFTER_AN_ERROR = Duration.ofSeconds(1);

  /// The most messages that one call of SQS receives or deletes. Lambda, too, receives more than
  /// one batch at a time.
  private static final int MOST = 10;

  private final QueueSource source;
  private final String queueUrl;
  private final SqsClient sqs;
  private final LocalFunctions functions;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Semaphore free;
  private final AtomicInteger waiting = new AtomicInteger();
  private final Queue<String> done = new ConcurrentLinkedQueue<>();

  public QueuePoller(QueueSource source, LocalQueues queues, LocalFunctions functions) {
    this.source = source;
    this.queueUrl = queues.url(source.queueName());
    this.sqs = queues.client();
    this.functions = functions;
    this.free = new Semaphore(source.maximumConcurrency());
  }

  public void start() {
    Thread.ofVirtual().name("poller-" + source.queueName()).start(this::poll);
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
        // Nothing is received before somebody could work at it.
        free.acquire();
        free.release();
        var batches = batches(receive());
        waiting.set(batches.size());
        for (var batch : batches) {
          free.acquire();
          // A message that arrives while the stack closes is gone with its queue: the sweep knows.
          if (isClosing()) {
            return;
          }
          waiting.decrementAndGet();
          Thread.ofVirtual()
              .name("execution-" + source.queueName())
              .start(() -> handleAndRelease(batch));
        }
      } catch (SdkException | IllegalStateException e) {
        if (!isClosing()) {
          LOG.log(Level.WARNING, "cannot poll " + source.queueName(), e);
          pause();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
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
                    .maxNumberOfMessages(MOST)
                    .waitTimeSeconds(LONG_POLL_SECONDS)
                    .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                    .messageAttributeNames("All"))
        .messages();
  }

  private List<List<Message>> batches(List<Message> messages) {
    var batches = new ArrayList<List<Message>>();
    for (var from = 0; from < messages.size(); from += source.batchSize()) {
      batches.add(messages.subList(from, Math.min(from + source.batchSize(), messages.size())));
    }
    return batches;
  }

  private void handleAndRelease(List<Message> messages) {
    try {
      handle(messages);
    } catch (SdkException | IllegalStateException e) {
      if (!isClosing()) {
        LOG.log(Level.WARNING, "cannot poll " + source.queueName(), e);
      }
    } finally {
      free.release();
    }
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
    messages.stream()
        .filter(message -> !failures.contains(message.messageId()))
        .map(Message::receiptHandle)
        .forEach(done::add);
    if (done.size() >= MOST || waiting.get() == 0 || isClosing()) {
      delete();
    }
  }

  private void delete() {
    var entries = new ArrayList<DeleteMessageBatchRequestEntry>();
    for (var handle = done.poll(); handle != null; handle = done.poll()) {
      entries.add(
          DeleteMessageBatchRequestEntry.builder()
              .id(String.valueOf(entries.size()))
              .receiptHandle(handle)
              .build());
      if (entries.size() == MOST) {
        break;
      }
    }
    if (!entries.isEmpty()) {
      sqs.deleteMessageBatch(delete -> delete.queueUrl(queueUrl).entries(entries));
    }
  }
}
