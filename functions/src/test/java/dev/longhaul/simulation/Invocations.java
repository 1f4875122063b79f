package dev.longhaul.simulation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import java.util.List;
import java.util.Random;

/// Calls of the functions in one seed, and how they end.
final class Invocations {
  private static final int RANKS = 1000;

  private final Environments environments;
  private final MemoryQueue queue;
  private final Random random;
  private final Notes notes;

  Invocations(Environments environments, MemoryQueue queue, Random random, Notes notes) {
    this.environments = environments;
    this.queue = queue;
    this.random = random;
    this.notes = notes;
  }

  /// Nothing where the slot's environment is busy.
  void start(int slot, String function, String payload) {
    Environment environment = environments.in(slot);
    if (!environment.isBusy()) {
      environment.rank = random.nextInt(RANKS);
      notes.decided("start " + environment.number() + " " + function + " " + payload);
      environment.invoke(function, payload);
    }
  }

  void sweep() {
    start(Environments.SWEEP, "trigger", "{}");
  }

  /// Any message to the first executor that has nothing to do.
  void deliver() {
    List<String> bodies = queue.bodies();
    for (int slot = 0; slot < Environments.EXECUTORS && !bodies.isEmpty(); slot++) {
      if (!environments.in(slot).isBusy()) {
        deliver(slot, bodies.get(random.nextInt(bodies.size())));
        return;
      }
    }
  }

  void deliver(int slot, String body) {
    queue.remove(body);
    start(slot, "execute", message(body));
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
      if (end != null && end.failure() != null && !wasHurt) {
        String kind = end.failure().getClass().getSimpleName();
        if (!kind.equals("InvalidTransition") && !kind.equals("UnknownMigration")) {
          notes.violation("a function failed although no fault met it: " + end.failure());
        }
      }
    }
  }
}
