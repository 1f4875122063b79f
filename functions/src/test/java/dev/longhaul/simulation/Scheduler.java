package dev.longhaul.simulation;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/// Who goes next, of all that wait at the gate.
final class Scheduler {
  private static final int ONE_FALLS_BEHIND_IN = 40;

  /// With a server that somebody waits for.
  private static final Duration PATIENCE = Duration.ofMillis(25);

  /// In steps, between what a function has read for a person and what it makes of it.
  private static final int LONGEST_THOUGHT = 15;

  private final Gate gate;
  private final Environments environments;
  private final Mood mood;
  private final Random random;
  private final Performer performer;

  /// The lowest rank that anybody has.
  private int lowest;

  Scheduler(Gate gate, Environments environments, Mood mood, Random random, Performer performer) {
    this.gate = gate;
    this.environments = environments;
    this.mood = mood;
    this.random = random;
    this.performer = performer;
  }

  /// Some points are held back for so long that others get far meanwhile, which a fair choice among
  /// all that wait would never bring about.
  List<Gate.Point> ready(List<Gate.Point> waiting, int step) {
    for (Gate.Point point : waiting) {
      if (point.heldUntil < 0) {
        point.heldUntil = heldUntil(point, step);
      }
    }
    return waiting.stream()
        .filter(point -> point.heldUntil <= step && !point.environment.isFrozen)
        .toList();
  }

  private int heldUntil(Gate.Point point, int step) {
    if (mood.isStale()
        && point.kind == Gate.Kind.ANSWER
        && environments.isOfAPerson(point.environment)) {
      return random.nextInt(2) == 0 ? step + random.nextInt(LONGEST_THOUGHT) : step;
    }
    return random.nextInt(mood.heldOneIn()) == 0 ? step + random.nextInt(mood.steps() / 2) : step;
  }

  /// Any of them; or one of the function that has the highest rank, which it loses now and then
  /// (<https://doi.org/10.1145/1736020.1736040>).
  Gate.Point next(List<Gate.Point> ready) {
    if (!mood.ranked()) {
      return ready.get(random.nextInt(ready.size()));
    }
    Environment first =
        ready.stream()
            .map(point -> point.environment)
            .max(Comparator.comparingInt(environment -> environment.rank))
            .orElseThrow();
    // People decide on what they have seen a while ago.
    int oneIn = environments.isOfAPerson(first) ? 4 : ONE_FALLS_BEHIND_IN;
    if (random.nextInt(oneIn) == 0) {
      first.rank = --lowest;
    }
    List<Gate.Point> its = ready.stream().filter(point -> point.environment == first).toList();
    return its.get(random.nextInt(its.size()));
  }

  void letGo(Gate.Point point) throws InterruptedException {
    performer.perform(new Act.Go(point.name(), point.what, false));
  }

  /// Lets go whoever has waited longest; waits for the server where nobody does.
  ///
  /// @return whether anybody went
  boolean letAnyGo() throws InterruptedException {
    List<Gate.Point> waiting =
        gate.waiting().stream().filter(point -> !point.environment.isFrozen).toList();
    if (waiting.isEmpty()) {
      gate.awaitEvent(gate.events(), PATIENCE);
      return false;
    }
    letGo(waiting.getFirst());
    return true;
  }
}
