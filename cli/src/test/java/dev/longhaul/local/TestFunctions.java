package dev.longhaul.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Functions that keep what they are invoked with, and answer what the test tells them.
final class TestFunctions
    implements Function<Map<String, String>, Map<String, RequestStreamHandler>> {
  static final List<String> NAMES =
      List.of("RegistrationFunction", "TriggerFunction", "ExecutorFunction", "ControlFunction");

  private static final int PATIENCE_SECONDS = 20;

  final Map<String, String> environment = new ConcurrentHashMap<>();
  private final Map<String, BlockingQueue<String>> payloads = new ConcurrentHashMap<>();
  private final Map<String, RequestStreamHandler> behaviour = new ConcurrentHashMap<>();

  TestFunctions() {
    for (var name : NAMES) {
      payloads.put(name, new LinkedBlockingQueue<>());
      answers(name, _ -> "{}");
    }
  }

  void behaves(String name, RequestStreamHandler handler) {
    behaviour.put(name, handler);
  }

  void answers(String name, UnaryOperator<String> answer) {
    behaves(
        name,
        (in, out, _) ->
            out.write(answer.apply(new String(in.readAllBytes(), UTF_8)).getBytes(UTF_8)));
  }

  /// The next payload of a function, which must come within a few seconds.
  String next(String name) throws InterruptedException {
    var payload = payloads(name).poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (payload == null) {
      throw new AssertionError(name + " was not invoked");
    }
    return payload;
  }

  BlockingQueue<String> payloads(String name) {
    return Objects.requireNonNull(payloads.get(name));
  }

  @Override
  public Map<String, RequestStreamHandler> apply(Map<String, String> variables) {
    environment.putAll(variables);
    var handlers = new ConcurrentHashMap<String, RequestStreamHandler>();
    for (var name : NAMES) {
      handlers.put(
          name,
          (in, out, context) -> {
            var payload = in.readAllBytes();
            payloads(name).add(new String(payload, UTF_8));
            Objects.requireNonNull(behaviour.get(name))
                .handleRequest(new ByteArrayInputStream(payload), out, context);
          });
    }
    return handlers;
  }
}
