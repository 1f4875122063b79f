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
/// @param heldOneIn of how many round trips one is held back for long
record Mood(Subject.@Nullable Shape shape, List<Fault> kinds, int faults, int heldOneIn) {
  enum Fault {
    CUT,
    KILL,
    TERMINATE_SOME,
    TERMINATE_ALL,
    TERMINATE_LEASE,
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
          Fault.TERMINATE_SOME,
          Fault.TERMINATE_ALL,
          Fault.TERMINATE_LEASE,
          Fault.LOSE_MESSAGE,
          Fault.DOUBLE_MESSAGE,
          Fault.DOUBLE_MESSAGE,
          Fault.DOUBLE_MESSAGE,
          Fault.OLD_TRANSACTION);

  private static final List<Integer> FAULTS = List.of(4, 11, 11, 25);
  private static final List<Integer> HELD = List.of(2, 4, 8, 8, 30);

  /// What the cursor's fence is for: the lease is lost, and another of its workers goes on, later.
  private static final Mood LEASE_LOST =
      new Mood(
          Subject.Shape.BATCHES,
          List.of(Fault.TERMINATE_LEASE, Fault.DOUBLE_MESSAGE, Fault.DOUBLE_MESSAGE),
          25,
          2);

  /// What the look into the catalog and the clean-up are for: a build ends in its middle.
  private static final Mood BUILD_CUT =
      new Mood(
          Subject.Shape.STEPS,
          List.of(Fault.OLD_TRANSACTION, Fault.TERMINATE_ALL, Fault.DOUBLE_MESSAGE),
          20,
          8);

  static Mood random(Random random) {
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
    return new Mood(
        shape,
        List.copyOf(kinds),
        FAULTS.get(random.nextInt(FAULTS.size())),
        HELD.get(random.nextInt(HELD.size())));
  }

  Fault fault(Random random) {
    return kinds.get(random.nextInt(kinds.size()));
  }
}
