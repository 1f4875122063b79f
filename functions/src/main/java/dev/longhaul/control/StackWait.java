package dev.longhaul.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.cloudformation.CustomResource;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.JsonFunction;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BiFunction;

/// A stack that waits for its migration, to be FINISHED or, when it is deleted, ROLLED BACK. CDK's
/// provider framework asks again and again, and each question is answered from the journal alone.
final class StackWait {
  private final InstantSource clock;

  StackWait(InstantSource clock) {
    this.clock = clock;
  }

  /// Applies an action, unless the migration has moved on meanwhile, and answers what it is then.
  interface Steer extends BiFunction<Control.Action, JournalEntry, JournalEntry> {}

  /// Whether there is anything to wait for.
  static boolean isFor(CustomResource resource) {
    return switch (resource.request()) {
      case Create, Update -> resource.waitFor().isPresent();
      case Delete -> resource.rollsBackOnDelete();
    };
  }

  /// @param found the migration, if the journal has it
  /// @throws Refusal for the stack's events: it has ended otherwise, or takes too long
  ObjectNode answer(CustomResource resource, Optional<JournalEntry> found, Steer steer) {
    boolean complete =
        switch (resource.request()) {
          case Create, Update -> isFinished(resource, found);
          case Delete -> found.isEmpty() || isRolledBack(resource, found.get(), steer);
        };
    return isComplete(complete);
  }

  static ObjectNode isComplete(boolean complete) {
    return JsonFunction.JSON.createObjectNode().put("IsComplete", complete);
  }

  private boolean isFinished(CustomResource resource, Optional<JournalEntry> found) {
    JournalEntry entry =
        found.orElseThrow(() -> Refusal.unknown(resource.name(), resource.target()));
    return switch (entry.status()) {
      case FINISHED -> true;
      case ERROR, CANCELLED, ROLLED_BACK ->
          throw Refusal.transition(
              "\"%s\" is %s%s. %s"
                  .formatted(
                      entry.name(),
                      entry.status(),
                      error(entry),
                      next(entry, "Retry it, or give a mended migration a new name")));
      case SCHEDULED, STARTED, IN_PROGRESS, PAUSED -> goOn(resource, entry);
    };
  }

  /// What runs is cancelled first. A rollback that has failed is a person's to look at: to try
  /// again and again would only repeat the error.
  private boolean isRolledBack(CustomResource resource, JournalEntry entry, Steer steer) {
    boolean back = entry.direction() == Direction.BACKWARDS;
    return switch (entry.status()) {
      case ROLLED_BACK -> true;
      case STARTED, IN_PROGRESS, PAUSED -> {
        if (!back && entry.stopRequested() == null) {
          Control.Action action =
              entry.nothingIsApplied() && entry.status() != MigrationStatus.IN_PROGRESS
                  ? Control.Action.ROLLBACK
                  : Control.Action.CANCEL;
          yield isDone(resource, steer.apply(action, entry));
        }
        yield goOn(resource, entry);
      }
      case ERROR -> {
        if (back) {
          throw Refusal.transition(
              "the rollback of \"%s\" has ended as ERROR%s. %s"
                  .formatted(
                      entry.name(), error(entry), next(entry, "Retry it, then delete again")));
        }
        yield isDone(resource, steer.apply(Control.Action.ROLLBACK, entry));
      }
      case SCHEDULED, FINISHED, CANCELLED ->
          isDone(resource, steer.apply(Control.Action.ROLLBACK, entry));
    };
  }

  private boolean isDone(CustomResource resource, JournalEntry entry) {
    return entry.status() == MigrationStatus.ROLLED_BACK || goOn(resource, entry);
  }

  private boolean goOn(CustomResource resource, JournalEntry entry) {
    if (clock.instant().isAfter(resource.deadline())) {
      throw Refusal.transition(
          "\"%s\" is still %s, and the stack waits no longer; it goes on by itself"
              .formatted(entry.name(), entry.status()));
    }
    return false;
  }

  private static String error(JournalEntry entry) {
    JsonNode error = entry.meta().path("error");
    return error.hasNonNull("message")
        ? ": %s (SQLSTATE %s)"
            .formatted(error.path("message").asText(), error.path("sqlstate").asText())
        : "";
  }

  private static String next(JournalEntry entry, String otherwise) {
    return entry.meta().at("/error/next").asText(otherwise);
  }
}
