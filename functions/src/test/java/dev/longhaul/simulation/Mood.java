package dev.longhaul.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// What a seed is like. Faults that are always mixed in the same shares hide each other: some seeds
/// leave most of them out, so that the rest meets what it seldom meets else (swarm testing,
/// <https://doi.org/10.1145/2338965.2336763>).
///
/// @param shape of all its migrations; null for any
/// @param kinds what may happen, some of it several times, which makes it likelier
/// @param faults how many of about a hundred decisions are faults
/// @param asks how many are wishes of people
/// @param heldOneIn of how many round trips one is held back for long
/// @param ranked whether one function goes on as long as it can while others stand still, wherever
///   they are, instead of all of them by turns
/// @param steps decisions until the faults end
/// @param isStale whether people look first, and ask for something long after
record Mood(
    Subject.@Nullable Shape shape,
    List<Fault> kinds,
    int faults,
    int asks,
    int heldOneIn,
    boolean ranked,
    int steps,
    boolean isStale) {
  enum Fault {
    CUT,
    KILL,
    /// A function that is at work stands still, and whose session is the lease loses it.
    FREEZE,
    TERMINATE_SOME,
    TERMINATE_ALL,
    TERMINATE_LEASE,
    /// What waits inside of the server, as a concurrent build does in its middle.
    TERMINATE_WAITING,
    LOSE_MESSAGE,
    DOUBLE_MESSAGE,
    OLD_TRANSACTION
  }

  private static final List<Fault> ALL =
      List.of(
          Fault.CUT,
          Fault.CUT,
          Fault.KILL,
          Fault.KILL,
          Fault.FREEZE,
          Fault.TERMINATE_SOME,
          Fault.TERMINATE_ALL,
          Fault.TERMINATE_LEASE,
          Fault.TERMINATE_WAITING,
          Fault.LOSE_MESSAGE,
          Fault.DOUBLE_MESSAGE,
          Fault.DOUBLE_MESSAGE,
          Fault.DOUBLE_MESSAGE,
          Fault.OLD_TRANSACTION);

  private static final List<Integer> FAULTS = List.of(4, 11, 11, 25);
  private static final List<Integer> ASKS = List.of(1, 3, 7);
  private static final List<Integer> HELD = List.of(2, 4, 8, 8, 30);
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int STEPS = 160;

  /// Until an executor is in the middle of its work, and another has gone past it.
  private static final int MANY_STEPS = 400;

  /// What the cursor's fence is for: the lease is lost, and another of its workers goes on, when
  /// others have done its rows.
  private static final Mood LEASE_LOST =
      new Mood(Subject.Shape.BATCHES, List.of(Fault.FREEZE), 6, 0, NEVER, true, MANY_STEPS, false);

  /// What the look into the catalog and the clean-up are for: a build ends in its middle.
  private static final Mood BUILD_CUT =
      new Mood(
          Subject.Shape.STEPS,
          List.of(
              Fault.OLD_TRANSACTION,
              Fault.TERMINATE_WAITING,
              Fault.TERMINATE_WAITING,
              Fault.DOUBLE_MESSAGE),
          20,
          0,
          NEVER,
          true,
          MANY_STEPS,
          false);

  /// Each fifth seed is for people, so that even a few have one.
  static Mood of(long seed, Random random) {
    return Math.floorMod(seed, 5) == 3 ? stale(random) : random(random);
  }

  private static Mood random(Random random) {
    switch (random.nextInt(6)) {
      case 0 -> {
        return LEASE_LOST;
      }
      case 1 -> {
        return BUILD_CUT;
      }
      default -> {}
    }
    Subject.Shape[] shapes = Subject.Shape.values();
    Subject.@Nullable Shape shape =
        random.nextBoolean() ? null : shapes[random.nextInt(shapes.length)];
    List<Fault> kinds = ALL;
    if (random.nextInt(3) > 0) {
      kinds = new ArrayList<>();
      for (Fault fault : Fault.values()) {
        if (random.nextInt(3) == 0) {
          kinds.add(fault);
        }
      }
      // A message that comes twice is how a second executor comes to be.
      kinds.add(Fault.DOUBLE_MESSAGE);
    }
    boolean ranked = random.nextBoolean();
    return new Mood(
        shape,
        List.copyOf(kinds),
        oneOf(FAULTS, random),
        oneOf(ASKS, random),
        ranked ? NEVER : oneOf(HELD, random),
        ranked,
        STEPS,
        false);
  }

  /// People who act on what they saw a while ago, and little else that goes wrong, since nobody
  /// knows what becomes of a wish whose function a fault has met.
  private static Mood stale(Random random) {
    List<Fault> kinds =
        random.nextBoolean()
            ? List.of(Fault.DOUBLE_MESSAGE)
            : List.of(
                Fault.DOUBLE_MESSAGE, Fault.LOSE_MESSAGE, Fault.KILL, Fault.CUT, Fault.FREEZE);
    return new Mood(null, kinds, 3, 25, NEVER, false, MANY_STEPS, true);
  }

  private static int oneOf(List<Integer> values, Random random) {
    return values.get(random.nextInt(values.size()));
  }

  Fault fault(Random random) {
    return kinds.get(random.nextInt(kinds.size()));
  }
}
