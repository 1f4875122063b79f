package dev.longhaul.local.functions;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.local.template.FunctionDefinition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The functions: one handler object each, which runs as many invocations at a time as come in. On
/// AWS each has a process of its own; so a handler here must not keep an invocation's state in
/// fields.
public final class LocalFunctions {
  /// A handler that the template does not know gets the longest time that Lambda gives.
  private static final Duration LONGEST = Duration.ofMinutes(15);

  private static final int DEFAULT_MEMORY = 512;

  private final Map<String, RequestStreamHandler> handlers;
  private final List<FunctionDefinition> definitions;
  private final FunctionLog log;
  private final List<Duration> retryDelays;

  /// One party for this object, one for every invocation that runs.
  private final Phaser running = new Phaser(1);

  private volatile boolean closing;

  /// The functions that have a handler.
  ///
  /// @param retryDelays the pauses before an asynchronous invocation that failed is tried again
  public LocalFunctions(
      Map<String, RequestStreamHandler> handlers,
      List<FunctionDefinition> definitions,
      FunctionLog log,
      List<Duration> retryDelays) {
    this.handlers = Map.copyOf(handlers);
    this.definitions = definitions;
    this.log = log;
    this.retryDelays = retryDelays;
  }

  public Set<String> names() {
    return new TreeSet<>(handlers.keySet());
  }

  boolean has(String name) {
    return handlers.containsKey(name);
  }

  boolean isClosing() {
    return closing;
  }

  /// Invokes a function and waits for its end.
  ///
  /// @throws IllegalArgumentException if there is no such function
  /// @throws IllegalStateException if the stack is shutting down
  public Invocation invoke(String name, byte[] payload) {
    var handler = handlers.get(name);
    if (handler == null) {
      throw new IllegalArgumentException("there is no function " + name);
    }
    if (closing) {
      throw new IllegalStateException("the local stack is shutting down");
    }
    running.register();
    try {
      return run(handler, new LocalContext(definition(name), log), payload);
    } finally {
      running.arriveAndDeregister();
    }
  }

  /// Invokes a function without waiting for it; after an error it is tried twice more, as Lambda
  /// does.
  public void invokeLater(String name, byte[] payload) {
    if (has(name)) {
      Thread.ofVirtual().name("event-" + name).start(() -> tryRepeatedly(name, payload));
    } else {
      log.line(
          "{\"level\":\"ERROR\",\"message\":\"a rule invokes " + name + ", which is unknown\"}");
    }
  }

  private void tryRepeatedly(String name, byte[] payload) {
    try {
      for (var attempt = 0; !closing && invoke(name, payload).failed(); attempt++) {
        if (attempt == retryDelays.size()) {
          return;
        }
        Thread.sleep(retryDelays.get(attempt));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Refuses new invocations from now on; those that run go on.
  public synchronized void refuseMore() {
    if (!closing) {
      closing = true;
      running.arriveAndDeregister();
    }
  }

  /// Waits, but not for ever, for the end of what ran when no more was taken.
  ///
  /// @return whether all have ended
  public boolean awaitEnd(Duration patience) {
    try {
      // Of the only phase: it ends with the last party, and the phaser with it.
      running.awaitAdvanceInterruptibly(0, patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Invocation run(RequestStreamHandler handler, LocalContext context, byte[] payload) {
    var answer = new ByteArrayOutputStream();
    var task =
        new FutureTask<>(
            () -> {
              FunctionLog.CURRENT.set(context);
              handler.handleRequest(new ByteArrayInputStream(payload), answer, context);
              return answer.toByteArray();
            });
    var thread = Thread.ofVirtual().name(context.getFunctionName()).start(task);
    try {
      var bytes = task.get(context.getRemainingTimeInMillis(), TimeUnit.MILLISECONDS);
      return new Invocation(context.getAwsRequestId(), bytes, false, context.tail());
    } catch (ExecutionException e) {
      return failed(context, FunctionError.of(e.getCause() == null ? e : e.getCause()));
    } catch (TimeoutException _) {
      // Lambda would end the process here. A thread can only be asked to stop.
      thread.interrupt();
      var timeout = definition(context.getFunctionName()).timeout();
      return failed(context, FunctionError.timedOut(context.getAwsRequestId(), timeout));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a function runs", e);
    }
  }

  private static Invocation failed(LocalContext context, ObjectNode error) {
    var entry = error.objectNode();
    entry
        .put("timestamp", Instant.now().toString())
        .put("level", "ERROR")
        .put("function", context.getFunctionName())
        .put("requestId", context.getAwsRequestId());
    entry.setAll(error);
    FunctionLog.CURRENT.set(context);
    context.log(entry.toString());
    FunctionLog.CURRENT.remove();
    return new Invocation(
        context.getAwsRequestId(), FunctionError.bytes(error), true, context.tail());
  }

  private FunctionDefinition definition(String name) {
    return definitions.stream()
        .filter(definition -> definition.name().equals(name))
        .findFirst()
        .orElseGet(() -> new FunctionDefinition(name, "", LONGEST, DEFAULT_MEMORY, Map.of()));
  }
}
