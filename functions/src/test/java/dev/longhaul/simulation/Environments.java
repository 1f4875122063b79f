package dev.longhaul.simulation;

import dev.longhaul.testing.Database;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The environments of the functions, each in the slot of those that it works for. They outlive an
/// invocation.
final class Environments implements AutoCloseable {
  /// The slots of the executors are those from 0.
  static final int EXECUTORS = 3;

  static final int PERSON = EXECUTORS;
  static final int SWEEP = EXECUTORS + 1;
  static final int ANOTHER_PERSON = EXECUTORS + 2;

  private final Gate gate;
  private final Database database;
  private final MemoryQueue queue;
  private final Map<Integer, Environment> slots = new TreeMap<>();
  private final Map<Integer, Integer> deaths = new TreeMap<>();
  private int births;

  Environments(Gate gate, Database database, MemoryQueue queue) {
    this.gate = gate;
    this.database = database;
    this.queue = queue;
  }

  /// The one in a slot; a new one where it has died.
  Environment in(int slot) {
    Environment there = slots.get(slot);
    if (there == null || (there.isDead() && !there.isBusy())) {
      int died = there == null ? 0 : deaths.merge(slot, 1, Integer::sum);
      there = new Environment(births++, slot + "." + died, gate, database, queue);
      slots.put(slot, there);
    }
    return there;
  }

  /// @param name as [Environment#toString()] has it
  @Nullable Environment of(String name) {
    return slots.values().stream()
        .filter(one -> name.equals(one.toString()))
        .findFirst()
        .orElse(null);
  }

  /// Whether somebody uses it who asks for something.
  boolean isOfAPerson(Environment environment) {
    return environment == slots.get(PERSON) || environment == slots.get(ANOTHER_PERSON);
  }

  Collection<Environment> all() {
    return slots.values();
  }

  /// Whether anybody does something, and can.
  boolean isAnyAtWork() {
    return slots.values().stream().anyMatch(one -> one.isBusy() && !one.isFrozen);
  }

  /// @return whether anybody stood still
  boolean thaw() {
    boolean did = false;
    for (Environment environment : slots.values()) {
      did |= environment.isFrozen;
      environment.isFrozen = false;
    }
    return did;
  }

  @Override
  public void close() {
    slots.values().forEach(Environment::kill);
    slots.clear();
    deaths.clear();
  }
}
