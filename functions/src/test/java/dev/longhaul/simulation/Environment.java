package dev.longhaul.simulation;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.longhaul.Longhaul;
import dev.longhaul.control.ControlFunction;
import dev.longhaul.execution.ExecutorFunction;
import dev.longhaul.registration.RegistrationFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.TestContext;
import dev.longhaul.trigger.TriggerFunction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A function's execution environment: one invocation at a time, connections that are kept in
/// between, and an end that may come at any moment.
final class Environment {
  /// @param failure null if there was an answer
  record End(String answer, @Nullable Exception failure) {}

  /// Logins are let through, and may wait for a server that is busy.
  private static final Duration TO_LOG_IN = Duration.ofSeconds(1);

  private final int number;
  private final String name;
  private final AtomicInteger connections = new AtomicInteger();
  private final Gate gate;
  private final Longhaul longhaul;
  private final Set<GatedSocket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean isDead;
  private volatile boolean isHurt;
  private volatile @Nullable Thread thread;
  private volatile @Nullable End end;

  /// The scheduler's own notes: who goes on first where not all go by turns, and who stands still.
  int rank;

  boolean isFrozen;

  /// How often it has come to a point or an end; the gate's own.
  long events;

  /// @param number that no other has
  /// @param name that it has in each run of a seed
  Environment(int number, String name, Gate gate, Database database, MemoryQueue queue) {
    this.number = number;
    this.name = name;
    this.gate = gate;
    GatedSockets.ENVIRONMENTS.put(Integer.toString(number), this);
    this.longhaul =
        Longhaul.fromEnvironment(
            Map.of(
                "DATABASE_URL",
                "%s&sslmode=disable&gssEncMode=disable&socketFactory=%s&socketFactoryArg=%d"
                    .formatted(database.jdbcUrl(), GatedSockets.class.getName(), number),
                "QUEUE_URL",
                queue.url(number),
                "AWS_REGION",
                "us-east-1",
                "ALLOW_SCHEDULED_MIGRATIONS",
                "true",
                "AWS_ENDPOINT_URL_SQS",
                queue.endpoint()));
  }

  int number() {
    return number;
  }

  /// Of a connection that it opens.
  String nextConnection() {
    return name + "#" + connections.incrementAndGet();
  }

  boolean isDead() {
    return isDead;
  }

  /// Whether a fault has met the invocation, so that it may fail.
  boolean isHurt() {
    return isHurt;
  }

  void hurt() {
    isHurt = true;
  }

  void pass(Gate.Kind kind, String what, GatedSocket socket) throws IOException {
    gate.pass(this, kind, what, socket);
  }

  void closed() {
    gate.closed();
  }

  GatedSocket own(GatedSocket socket) {
    sockets.removeIf(GatedSocket::isClosed);
    sockets.add(socket);
    return socket;
  }

  boolean isBusy() {
    return thread != null;
  }

  /// The end of the invocation, once.
  @Nullable End takeEnd() {
    End taken = end;
    if (taken != null) {
      end = null;
      thread = null;
      isHurt = false;
    }
    return taken;
  }

  /// Answers when it has come to its first point, or to its end: so that what is there to choose
  /// from does not depend on how fast threads are.
  void invoke(String function, String payload) throws InterruptedException {
    RequestStreamHandler handler =
        switch (function) {
          case "register" -> new RegistrationFunction(longhaul);
          case "trigger" -> new TriggerFunction(longhaul);
          case "control" -> new ControlFunction(longhaul);
          case "execute" -> new ExecutorFunction(longhaul);
          default -> throw new IllegalArgumentException(function);
        };
    long seen = gate.eventsOf(this);
    thread = Thread.ofVirtual().name("environment-" + number).start(() -> run(handler, payload));
    gate.awaitEventOf(this, seen, TO_LOG_IN);
  }

  private void run(RequestStreamHandler handler, String payload) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    @Nullable Exception failure = null;
    try {
      handler.handleRequest(
          new ByteArrayInputStream(payload.getBytes(StandardCharsets.UTF_8)),
          output,
          new TestContext());
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
    end = new End(output.toString(StandardCharsets.UTF_8), failure);
    gate.happened(this);
  }

  /// SIGKILL, as far as others can tell: what it has sent is sent, and nothing else will be.
  void kill() {
    isDead = true;
    sockets.forEach(GatedSocket::reset);
    gate.happened(this);
  }

  @Override
  public String toString() {
    return name;
  }
}
