package dev.longhaul.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What Lambda's execution environment offers to a runtime, for one function and one invocation at
/// a time (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).
///
/// The runtime client's native part needs `Content-Type` and `Lambda-Runtime-Trace-Id` with every
/// event: without them it ends the process.
final class RuntimeApi implements AutoCloseable {
  private static final String PREFIX = "/2018-06-01/runtime/";
  private static final Duration FUNCTION_TIMEOUT = Duration.ofMinutes(1);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<byte[]> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<Answer> answers = new ArrayBlockingQueue<>(1);
  private final BlockingQueue<Long> ready = new ArrayBlockingQueue<>(1);

  /// What the function has answered.
  ///
  /// @param isError whether it reports a failure of the invocation or of the start
  /// @param at by [System#nanoTime]
  record Answer(String body, boolean isError, long at) {}

  private RuntimeApi(HttpServer server) {
    this.server = server;
  }

  static RuntimeApi start() throws IOException {
    var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    var api = new RuntimeApi(HttpServer.create(address, 0));
    api.server.createContext(PREFIX, api::handle);
    api.server.setExecutor(api.threads);
    api.server.start();
    return api;
  }

  /// For the environment variable `AWS_LAMBDA_RUNTIME_API`.
  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /// When the function first asked for an event, which ends its init phase; by [System#nanoTime].
  long awaitReady(Duration patience) throws InterruptedException {
    return require(
        ready.poll(patience.toMillis(), TimeUnit.MILLISECONDS), "is not ready", patience);
  }

  Answer invoke(byte[] event, Duration patience) throws InterruptedException {
    events.add(event);
    return require(
        answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS), "has not answered", patience);
  }

  private static <T> T require(@Nullable T value, String problem, Duration patience) {
    if (value == null) {
      throw new IllegalStateException("the function " + problem + " after " + patience);
    }
    return value;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getPath();
      if (path.equals(PREFIX + "invocation/next")) {
        next(exchange);
      } else {
        var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        var answer = new Answer(body, !path.endsWith("/response"), System.nanoTime());
        exchange.sendResponseHeaders(202, -1);
        answers.add(answer);
      }
    }
  }

  private void next(HttpExchange exchange) throws IOException {
    // Only the first time tells something: nobody takes the others.
    var _ = ready.offer(System.nanoTime());
    byte[] event;
    try {
      event = events.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", "application/json");
    headers.set("Lambda-Runtime-Aws-Request-Id", UUID.randomUUID().toString());
    headers.set(
        "Lambda-Runtime-Deadline-Ms",
        String.valueOf(Instant.now().plus(FUNCTION_TIMEOUT).toEpochMilli()));
    headers.set(
        "Lambda-Runtime-Invoked-Function-Arn",
        "arn:aws:lambda:us-east-1:123456789012:function:bench");
    headers.set(
        "Lambda-Runtime-Trace-Id",
        "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0");
    exchange.sendResponseHeaders(200, event.length);
    exchange.getResponseBody().write(event);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
