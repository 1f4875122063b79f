package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The Lambda Invoke API, as far as a synchronous call needs it: records what arrives and gives the
/// answers that a test has laid out, in their order.
final class LambdaDouble implements AutoCloseable {
  record Invocation(String function, JsonNode payload, @Nullable String authorization) {}

  private record Answer(int status, Map<String, String> headers, String body) {}

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PATH = Pattern.compile("/2015-03-31/functions/([^/]+)/invocations");

  private final HttpServer server;
  private final Deque<Answer> answers = new ArrayDeque<>();
  private final List<Invocation> invocations = new ArrayList<>();

  LambdaDouble() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  synchronized LambdaDouble answers(String json) {
    answers.add(new Answer(200, Map.of("X-Amz-Executed-Version", "$LATEST"), json));
    return this;
  }

  /// As the runtime reports an exception that a handler has thrown.
  synchronized LambdaDouble refuses(String errorType, String message) {
    String body =
        JSON.createObjectNode()
            .put("errorMessage", message)
            .put("errorType", errorType)
            .set("stackTrace", JSON.createArrayNode())
            .toString();
    answers.add(new Answer(200, Map.of("X-Amz-Function-Error", "Unhandled"), body));
    return this;
  }

  /// As the service reports an error of its own.
  synchronized LambdaDouble fails(int status, String errorType, String message) {
    answers.add(
        new Answer(
            status,
            Map.of("x-amzn-errortype", errorType),
            JSON.createObjectNode().put("Message", message).toString()));
    return this;
  }

  synchronized List<Invocation> invocations() {
    return List.copyOf(invocations);
  }

  List<String> payloads() {
    return invocations().stream().map(call -> call.payload().toString()).toList();
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
    Answer answer = answers.poll();
    if (!path.matches() || !exchange.getRequestMethod().equals("POST") || answer == null) {
      answer = new Answer(500, Map.of(), "{\"Message\":\"nothing laid out for this call\"}");
    } else {
      invocations.add(
          new Invocation(
              path.group(1),
              JSON.readTree(exchange.getRequestBody().readAllBytes()),
              exchange.getRequestHeaders().getFirst("Authorization")));
    }
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
