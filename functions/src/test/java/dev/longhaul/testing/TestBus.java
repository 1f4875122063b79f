package dev.longhaul.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longhaul.payload.JsonFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// An event bus that keeps what it is given, and fails when and how the test says: the answers of
/// `PutEvents` (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>).
public final class TestBus implements AutoCloseable {
  /// What becomes of one request.
  public enum Fate {
    TAKEN,
    /// Nothing is kept.
    REFUSED,
    /// The first entries are kept, the others refused.
    TAKEN_IN_PART,
    /// One entry in the middle is refused, the others kept.
    TAKEN_BUT_ONE,
    /// All is kept, and nobody hears of it.
    ANSWER_LOST
  }

  /// Of a request, names and all; as the sum of its entries.
  private static final int MOST_BYTES = 256 * 1024;

  private final HttpServer server;
  private final List<JsonNode> entries = new CopyOnWriteArrayList<>();
  private final List<String> actions = new CopyOnWriteArrayList<>();
  private volatile IntFunction<Fate> fate = request -> Fate.TAKEN;
  private int requests;

  private TestBus(HttpServer server) {
    this.server = server;
  }

  public static TestBus start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      TestBus bus = new TestBus(server);
      server.createContext("/", bus::answer);
      server.start();
      return bus;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// From now on, by the number of the request, from 0.
  public void meets(IntFunction<Fate> how) {
    requests = 0;
    fate = how;
  }

  /// The entries that were kept, in order.
  public List<JsonNode> entries() {
    return List.copyOf(entries);
  }

  /// Their details.
  public List<JsonNode> details() {
    return entries.stream().map(entry -> json(entry.path("Detail").asText())).toList();
  }

  /// What it was asked for, in order; also where it stands in for a queue, of which it takes
  /// everything.
  public List<String> actions() {
    return List.copyOf(actions);
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      actions.add(exchange.getRequestHeaders().getFirst("X-Amz-Target"));
      JsonNode request =
          json(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      List<JsonNode> all = new ArrayList<>();
      request.path("Entries").forEach(all::add);
      int bytes =
          all.stream()
              .mapToInt(
                  entry -> entry.path("Detail").asText().getBytes(StandardCharsets.UTF_8).length)
              .sum();
      Fate now = bytes > MOST_BYTES ? Fate.REFUSED : fate.apply(requests++);
      IntPredicate isKept =
          switch (now) {
            case TAKEN, ANSWER_LOST -> _ -> true;
            case TAKEN_IN_PART -> i -> i < all.size() / 2;
            case TAKEN_BUT_ONE -> i -> i != all.size() / 2;
            case REFUSED -> _ -> false;
          };
      IntStream.range(0, all.size()).filter(isKept).mapToObj(all::get).forEach(entries::add);
      if (now != Fate.REFUSED && now != Fate.ANSWER_LOST) {
        send(exchange, 200, accepted(all.size(), isKept));
      } else {
        // Of a kind that the SDK does not try again by itself.
        send(
            exchange,
            400,
            JsonFunction.JSON.createObjectNode().put("__type", "ValidationException"));
      }
    }
  }

  private static ObjectNode accepted(int all, IntPredicate isKept) {
    ObjectNode answer =
        JsonFunction.JSON
            .createObjectNode()
            .put("FailedEntryCount", IntStream.range(0, all).filter(isKept.negate()).count());
    ArrayNode results = answer.putArray("Entries");
    for (int i = 0; i < all; i++) {
      if (isKept.test(i)) {
        results.addObject().put("EventId", UUID.randomUUID().toString());
      } else {
        results.addObject().put("ErrorCode", "InternalFailure");
      }
    }
    return answer;
  }

  private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static JsonNode json(String text) {
    try {
      return JsonFunction.JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
