package dev.longhaul.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.PlantedCanary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntPredicate;

/// As much of SQS as the functions call, with messages that come in any order and at any time,
/// since the simulation takes them when it likes.
final class MemoryQueue implements AutoCloseable {
  private final HttpServer server;
  private final IntPredicate isAlive;
  private final List<String> bodies = new ArrayList<>();

  /// @param isAlive whether the environment of a number can still send
  MemoryQueue(IntPredicate isAlive) throws IOException {
    this.isAlive = isAlive;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::serve);
    server.start();
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", PlantedCanary.SECRET_KEY);
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  String url(int environment) {
    return endpoint() + "/" + environment;
  }

  synchronized List<String> bodies() {
    // Sorted, since who sends first is not always the scheduler's choice.
    return bodies.stream().sorted().toList();
  }

  synchronized void add(String body) {
    bodies.add(body);
  }

  /// @return whether it was there
  synchronized boolean remove(String body) {
    return bodies.remove(body);
  }

  synchronized void clear() {
    bodies.clear();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = JsonFunction.JSON.readTree(exchange.getRequestBody().readAllBytes());
      String url = request.path("QueueUrl").asText();
      String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
      String call = target.substring(target.indexOf('.') + 1);
      byte[] answer = answer(call, request, url).toString().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ObjectNode answer(String call, JsonNode request, String url) {
    ObjectNode answer = JsonFunction.JSON.createObjectNode();
    switch (call) {
      case "SendMessageBatch" -> {
        ArrayNode taken = answer.putArray("Successful");
        answer.putArray("Failed");
        for (JsonNode entry : request.path("Entries")) {
          String body = entry.path("MessageBody").asText();
          if (isAlive.test(Integer.parseInt(url.substring(url.lastIndexOf('/') + 1)))) {
            add(body);
          }
          taken
              .addObject()
              .put("Id", entry.path("Id").asText())
              .put("MessageId", entry.path("Id").asText())
              .put("MD5OfMessageBody", md5(body));
        }
      }
      case "GetQueueAttributes" ->
          answer
              .putObject("Attributes")
              .put("ApproximateNumberOfMessages", Integer.toString(bodies().size()));
      case "ChangeMessageVisibility" -> {}
      default -> throw new IllegalArgumentException(call);
    }
    return answer;
  }

  private static String md5(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
