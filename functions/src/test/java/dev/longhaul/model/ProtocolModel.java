package dev.longhaul.model;

import java.util.List;
import java.util.Set;

/// The model in the sizes that it is checked in, and the mutations that the check has to notice.
public final class ProtocolModel {
  private ProtocolModel() {}

  /// One finite instance of the model.
  ///
  /// @param script kinds of statements: `unit`, `bare` or `batched`
  /// @param queue how many messages there may be at once
  /// @param faults how many of anything that goes wrong
  /// @param wishes how many requests of people
  /// @param errors how many statements may fail by themselves
  /// @param dropped parts of the protocol that are taken out
  public record Instance(
      List<String> script,
      int batches,
      int queue,
      int faults,
      int wishes,
      int errors,
      Set<String> dropped) {
    public Instance(List<String> script, int batches, int faults, int wishes, int errors) {
      this(script, batches, 1, faults, wishes, errors, Set.of());
    }

    Instance without(String... parts) {
      return new Instance(script, batches, queue, faults, wishes, errors, Set.of(parts));
    }

    Instance queue(int messages) {
      return new Instance(script, batches, messages, faults, wishes, errors, dropped);
    }

    /// In words, for tables.
    public String describe() {
      return "%s; %d faults, %d wishes, %d errors%s"
          .formatted(
              String.join(", ", script),
              faults,
              wishes,
              errors,
              script.contains("batched") ? "; " + batches + " batches" : "");
    }
  }

  /// A protocol that lacks something, and the property that has to be violated for it.
  public record Mutation(String lacks, Instance instance, String caughtBy) {
    /// Whether it takes more than some seconds to be noticed: three things have to happen in turn.
    boolean isLong() {
      return instance.faults() + instance.wishes() + instance.errors() > 2;
    }

    @Override
    public String toString() {
      return lacks;
    }
  }

  private static final List<String> UNIT = List.of("unit");
  private static final List<String> BARE = List.of("bare");
  private static final List<String> BATCHED = List.of("batched");

  /// What every build checks.
  public static List<Instance> small() {
    return List.of(
        new Instance(UNIT, 1, 1, 1, 0),
        new Instance(BARE, 1, 1, 0, 1),
        new Instance(BARE, 1, 0, 1, 0),
        new Instance(BATCHED, 1, 1, 0, 0),
        new Instance(BATCHED, 1, 0, 1, 0),
        // Where nothing goes wrong, nothing depends on the sweep.
        new Instance(UNIT, 1, 0, 0, 0).without("sweep"),
        new Instance(BARE, 1, 0, 0, 1).without("sweep"));
  }

  /// For whoever has the time, the small ones first.
  public static List<Instance> large() {
    return List.of(
        new Instance(BATCHED, 1, 1, 1, 0),
        new Instance(UNIT, 1, 1, 1, 1).queue(2),
        new Instance(BATCHED, 2, 1, 1, 0),
        new Instance(BARE, 1, 0, 1, 1),
        new Instance(BARE, 1, 1, 1, 0),
        new Instance(List.of("unit", "bare"), 1, 1, 0, 1),
        new Instance(List.of("bare", "unit"), 1, 1, 0, 1),
        new Instance(List.of("batched", "unit"), 2, 1, 1, 0),
        new Instance(UNIT, 1, 2, 2, 0),
        new Instance(BATCHED, 2, 1, 2, 0),
        new Instance(BARE, 1, 1, 1, 1).queue(2),
        new Instance(BATCHED, 2, 2, 2, 0),
        new Instance(BARE, 1, 2, 1, 1));
  }

  public static List<Mutation> mutations() {
    Instance unit = new Instance(UNIT, 1, 0, 0, 0);
    Instance unitAndFault = new Instance(UNIT, 1, 1, 0, 0);
    Instance bareAndFault = new Instance(BARE, 1, 1, 0, 0);
    return List.of(
        new Mutation("the lock", new Instance(BARE, 1, 0, 0, 0).without("lock"), "OneLiveBackend"),
        new Mutation(
            "the guard of a claim", unitAndFault.without("guarded claim"), "HistoryIsLegal"),
        new Mutation(
            "the guard of what people ask for",
            new Instance(UNIT, 1, 0, 1, 0).without("guarded steering"),
            "HistoryIsLegal"),
        new Mutation(
            "one transaction for the work and its checkpoint",
            unitAndFault.without("one transaction"),
            "NothingTwice"),
        new Mutation(
            "the note before a statement outside of a transaction",
            bareAndFault.without("doubt"),
            "NothingTwice"),
        new Mutation(
            "the look into the catalog", bareAndFault.without("verification"), "FinishedIsDone"),
        new Mutation(
            "the look before giving up, and the doubt that a retry keeps",
            new Instance(BARE, 1, 1, 1, 1).without("look before the end", "kept doubt"),
            "NothingTwice"),
        new Mutation(
            "the clean-up of what a statement has left",
            new Instance(BARE, 1, 0, 2, 0).without("repair"),
            "RolledBackIsUndone"),
        new Mutation("adoption", bareAndFault.without("adoption"), "WhatStartsEnds"),
        new Mutation("the sweep", unitAndFault.without("sweep"), "WhatStartsEnds"),
        new Mutation(
            "the order of commit and send, and the sweep",
            unit.without("send after commit", "sweep"),
            "WhatStartsEnds"),
        new Mutation(
            "the fence at the cursor",
            new Instance(BATCHED, 1, 1, 0, 0).without("fence"),
            "NothingTwice"),
        new Mutation(
            "the fence before anything else",
            new Instance(BATCHED, 1, 1, 2, 0).without("fence first"),
            "RolledBackIsUndone"),
        new Mutation(
            "the knowledge that a batch is work",
            new Instance(BATCHED, 2, 0, 2, 0).without("batches count as work"),
            "RolledBackIsUndone"));
  }
}
