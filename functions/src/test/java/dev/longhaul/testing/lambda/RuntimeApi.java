package dev.longhaul.testing.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What Lambda's execution environment offers to a runtime, for one process and one invocation at a
/// time (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).
final class RuntimeApi implements AutoCloseable {
  private static final String PREFIX = "/2018-06-01/runtime/";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final Runnable kill;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<Pending> waiting = new LinkedBlockingQueue<>();

  /// By request id; every invocation until it is answered.
  private final Map<String, Pending> open = new ConcurrentHashMap<>();

  private final CompletableFuture<Long> ready = new CompletableFuture<>();

  /// What every invocation gets once there is nobody to answer it.
  private volatile @Nullable Answer end;

  private record Pending(Event event, CompletableFuture<Answer> answer) {}

  private RuntimeApi(HttpServer server, Runnable kill) {
    this.server = server;
    this.kill = kill;
  }

  /// @param kill ends the process; called when a deadline passes
  static RuntimeApi start(Runnable kill) throws IOException {
    var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    var api = new RuntimeApi(HttpServer.create(address, 0), kill);
    api.server.createContext(PREFIX, api::handle);
    api.server.setExecutor(api.threads);
    api.server.start();
    return api;
  }

  /// For the environment variable `AWS_LAMBDA_RUNTIME_API`.
  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /// When the function first asks for an event, which ends its init phase; by [System#nanoTime].
  CompletableFuture<Long> ready() {
    return ready;
  }

  CompletableFuture<Answer> send(Event event) {
    var pending = new Pending(event, new CompletableFuture<>());
    if (open.putIfAbsent(event.requestId(), pending) != null) {
      throw new IllegalArgumentException("a request id is used once: " + event.requestId());
    }
    waiting.add(pending);
    if (end != null) {
      endAll();
    }
    return pending.answer();
  }

  /// Nobody answers any more.
  void end(Answer answer) {
    if (end == null) {
      end = answer;
    }
    endAll();
  }

  private void endAll() {
    var answer = end;
    if (answer != null) {
      ready.completeExceptionally(new IllegalStateException("never ready: " + answer));
      List.copyOf(open.keySet()).forEach(id -> complete(id, answer));
    }
  }

  private boolean complete(String requestId, Answer answer) {
    var pending = open.remove(requestId);
    return pending != null && pending.answer().complete(answer);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getPath().substring(PREFIX.length());
      if (path.equals("invocation/next")) {
        next(exchange);
        return;
      }
      var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      exchange.sendResponseHeaders(202, -1);
      if (path.equals("init/error")) {
        end(error(body));
      } else {
        var parts = path.split("/", -1);
        complete(
            parts[1],
            parts[2].equals("response")
                ? new Answer.Success(body, System.nanoTime())
                : error(body));
      }
    }
  }

  private static Answer error(String body) throws IOException {
    var error = JSON.readTree(body);
    var stackTrace = new ArrayList<String>();
    error.path("stackTrace").forEach((JsonNode line) -> stackTrace.add(line.asText()));
    return new Answer.FunctionError(
        error.path("errorType").asText(),
        error.path("errorMessage").asText(),
        List.copyOf(stackTrace),
        System.nanoTime());
  }

  private void next(HttpExchange exchange) throws IOException {
    // Only the first time tells something.
    ready.complete(System.nanoTime());
    Event event;
    try {
      event = waiting.take().event();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    var deadline = Instant.now().plus(event.timeout());
    CompletableFuture.delayedExecutor(event.timeout().toMillis(), TimeUnit.MILLISECONDS, threads)
        .execute(() -> timeOut(event));
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", "application/json");
    headers.set("Lambda-Runtime-Aws-Request-Id", event.requestId());
    headers.set("Lambda-Runtime-Deadline-Ms", String.valueOf(deadline.toEpochMilli()));
    headers.set("Lambda-Runtime-Invoked-Function-Arn", event.functionArn());
    headers.set("Lambda-Runtime-Trace-Id", event.traceId());
    var body = event.payload().getBytes(UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private void timeOut(Event event) {
    if (complete(event.requestId(), new Answer.TimedOut(System.nanoTime()))) {
      kill.run();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
