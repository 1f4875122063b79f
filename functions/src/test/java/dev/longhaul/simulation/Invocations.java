package dev.longhaul.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Calls of the functions in one seed, and how they end.
final class Invocations {
  private static final int RANKS = 1000;
  private static final Set<String> REFUSALS =
      Set.of("InvalidTransition", "UnknownMigration", "MigrationConflict");

  private final Environments environments;
  private final MemoryQueue queue;
  private final Random random;
  private final Notes notes;
  private final Map<Environment, Consumer<Ending>> listeners = new HashMap<>();

  Invocations(Environments environments, MemoryQueue queue, Random random, Notes notes) {
    this.environments = environments;
    this.queue = queue;
    this.random = random;
    this.notes = notes;
  }

  /// How an invocation ended.
  ///
  /// @param answer missing if there is none
  /// @param wasHurt whether a fault met it, so that what it says cannot be relied on
  record Ending(JsonNode answer, @Nullable Exception failure, boolean wasHurt) {}

  /// @param listener is told the end
  /// @return false where the slot's environment is busy: then nothing is done
  boolean start(int slot, String function, String payload, Consumer<Ending> listener)
      throws InterruptedException {
    Environment environment = environments.in(slot);
    if (environment.isBusy()) {
      return false;
    }
    environment.rank = random.nextInt(RANKS);
    notes.decided("start " + environment.number() + " " + function + " " + payload);
    listeners.put(environment, listener);
    environment.invoke(function, payload);
    return true;
  }

  boolean isBusy(int slot) {
    return environments.in(slot).isBusy();
  }

  void sweep() throws InterruptedException {
    start(Environments.SWEEP, "trigger", "{}", ending -> {});
  }

  /// Any message to the first executor that has nothing to do.
  void deliver() throws InterruptedException {
    List<String> bodies = queue.bodies();
    for (int slot = 0; slot < Environments.EXECUTORS && !bodies.isEmpty(); slot++) {
      if (!environments.in(slot).isBusy()) {
        deliver(slot, bodies.get(random.nextInt(bodies.size())));
        return;
      }
    }
  }

  void deliver(int slot, String body) throws InterruptedException {
    queue.remove(body);
    start(slot, "execute", message(body), ending -> {});
  }

  private static String message(String body) {
    ObjectNode event = JsonFunction.JSON.createObjectNode();
    event
        .putArray("Records")
        .addObject()
        .put("messageId", "m")
        .put("receiptHandle", "r")
        .put("body", body);
    return event.toString();
  }

  /// Takes the ends of invocations. One that no fault has met may refuse, and nothing else.
  void collect() {
    for (Environment environment : environments.all()) {
      boolean wasHurt = environment.isHurt() || environment.isDead();
      Environment.End end = environment.takeEnd();
      if (end != null) {
        if (end.failure() != null && !wasHurt && !isRefusal(end.failure())) {
          notes.violation("a function failed although no fault met it: " + end.failure());
        }
        Consumer<Ending> listener = Objects.requireNonNull(listeners.remove(environment));
        listener.accept(new Ending(json(end.answer()), end.failure(), wasHurt));
      }
    }
  }

  private static boolean isRefusal(Exception failure) {
    return REFUSALS.contains(failure.getClass().getSimpleName());
  }

  private static JsonNode json(String answer) {
    try {
      return JsonFunction.JSON.readTree(answer);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(answer, e);
    }
  }
}
