package dev.longhaul.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.longhaul.payload.JsonFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// CloudFormation, as far as a custom resource sees it: a stack that sends requests, and a server
/// that takes the answers.
public final class Stack implements AutoCloseable {
  public static final String ID =
      "arn:aws:cloudformation:us-east-1:123456789012:stack/app/51af3dc0-da77-11e4-872e-1234567db123";

  /// @param contentType null if the request has none
  public record Put(JsonNode body, String method, String path, @Nullable String contentType) {}

  public final List<Put> puts = new CopyOnWriteArrayList<>();
  private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
  private final HttpServer server;

  public Stack() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/",
        exchange -> {
          puts.add(
              new Put(
                  JsonFunction.JSON.readTree(exchange.getRequestBody().readAllBytes()),
                  exchange.getRequestMethod(),
                  exchange.getRequestURI().toString(),
                  exchange.getRequestHeaders().getFirst("Content-Type")));
          Integer status = statuses.poll();
          if (status == null || status > 0) {
            exchange.sendResponseHeaders(status == null ? 200 : status, -1);
          }
          // Without a response, the client sees the connection end.
          exchange.close();
        });
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/answer?X-Amz-Signature=secret";
  }

  /// What the next answers meet: an HTTP status each, or 0 for a connection that breaks.
  public void answerNext(int... next) {
    for (int status : next) {
      statuses.add(status);
    }
  }

  /// A request as CloudFormation makes it.
  ///
  /// @param token the function that CloudFormation calls
  /// @param properties all strings, as CloudFormation has them
  public ObjectNode request(String type, String token, ObjectNode properties) {
    ObjectNode request =
        JsonFunction.JSON
            .createObjectNode()
            .put("RequestType", type)
            .put("ServiceToken", token)
            .put("ResponseURL", url())
            .put("StackId", ID)
            .put("RequestId", "5b1c2d3e")
            .put("LogicalResourceId", "Index")
            .put("ResourceType", "Custom::SqlMigration");
    request.putObject("ResourceProperties").put("ServiceToken", token).setAll(properties);
    return request;
  }

  /// The body of the only answer.
  public JsonNode answer() {
    List<Put> all = new ArrayList<>(puts);
    puts.clear();
    if (all.size() != 1) {
      throw new AssertionError("not one answer: " + all);
    }
    return all.getFirst().body();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
