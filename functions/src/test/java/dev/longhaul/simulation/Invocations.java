package dev.longhaul.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import java.util.HashMap;
import java.util.Map;
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

  /// @return false where the slot's environment is busy: then nothing is done
  boolean start(int slot, String function, String payload) throws InterruptedException {
    Environment environment = environments.in(slot);
    if (environment.isBusy()) {
      return false;
    }
    environment.rank = random.nextInt(RANKS);
    environment.invoke(function, payload);
    return true;
  }

  /// @param listener is told how what was started there ends
  void listen(int slot, Consumer<Ending> listener) {
    listeners.put(environments.in(slot), listener);
  }

  boolean isBusy(int slot) {
    return environments.in(slot).isBusy();
  }

  /// @return false where the message is not there or the slot's environment is busy: then nothing
  ///   is done
  boolean deliver(int slot, String body) throws InterruptedException {
    return !isBusy(slot) && queue.remove(body) && start(slot, "execute", message(body));
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
        Consumer<Ending> listener = listeners.remove(environment);
        if (listener != null) {
          listener.accept(new Ending(json(end.answer()), end.failure(), wasHurt));
        }
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
