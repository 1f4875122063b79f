package dev.longhaul.dashboard;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.payload.JsonFunction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a person can do with a migration as it is now. ControlFunction and TriggerFunction decide;
/// a button is there only if they would not refuse.
enum Button {
  RUN("Run"),
  PAUSE("Pause"),
  RESUME("Resume"),
  RETRY("Retry"),
  DONE("It has happened"),
  NOT_DONE("It has not happened"),
  ROLLBACK("Roll back"),
  CANCEL("Cancel");

  private static final String PERSON = "dashboard";

  private final String label;

  Button(String label) {
    this.label = label;
  }

  /// What the buttons go by.
  ///
  /// @param inDoubt nobody knows whether the statement that failed has happened
  /// @param canRollBack there is something to undo, or to leave out, and nothing in the way
  record Situation(
      MigrationStatus status,
      Direction direction,
      @Nullable MigrationStatus stopRequested,
      boolean inDoubt,
      boolean canRollBack) {

    private boolean isBackwards() {
      return direction == Direction.BACKWARDS;
    }
  }

  /// The buttons, the likeliest first.
  static List<Button> offered(Situation now) {
    return switch (now.status()) {
      case SCHEDULED -> List.of(RUN, CANCEL);
      case STARTED -> List.of(PAUSE, CANCEL);
      case IN_PROGRESS ->
          switch (now.stopRequested()) {
            case null -> List.of(PAUSE, CANCEL);
            case PAUSED -> List.of(RESUME, CANCEL);
            case CANCELLED, SCHEDULED, STARTED, IN_PROGRESS, FINISHED, ERROR, ROLLED_BACK ->
                List.of();
          };
      case PAUSED -> withRollback(now, List.of(RESUME), List.of(RESUME, ROLLBACK), CANCEL);
      case ERROR ->
          now.inDoubt()
              ? withRollback(now, List.of(DONE, NOT_DONE), List.of(DONE, NOT_DONE, ROLLBACK), null)
              : withRollback(now, List.of(RETRY), List.of(RETRY, ROLLBACK), null);
      case CANCELLED -> withRollback(now, List.of(RETRY), List.of(RETRY, ROLLBACK), null);
      case FINISHED -> withRollback(now, List.of(), List.of(ROLLBACK), null);
      case ROLLED_BACK -> List.of(RETRY);
    };
  }

  private static List<Button> withRollback(
      Situation now, List<Button> without, List<Button> with, @Nullable Button last) {
    // A retry of what ran backwards is the rollback.
    List<Button> buttons = now.canRollBack() && !now.isBackwards() ? with : without;
    return last == null
        ? buttons
        : java.util.stream.Stream.concat(buttons.stream(), java.util.stream.Stream.of(last))
            .toList();
  }

  boolean isDangerous() {
    return this == ROLLBACK || this == CANCEL;
  }

  String label(Situation now) {
    return switch (this) {
      case RETRY ->
          now.status() == MigrationStatus.ROLLED_BACK
              ? "Run again"
              : now.isBackwards() ? "Retry rollback" : label;
      case RUN, PAUSE, RESUME, DONE, NOT_DONE, ROLLBACK, CANCEL -> label;
    };
  }

  /// Whether it is TriggerFunction's, and not ControlFunction's.
  boolean isTrigger() {
    return this == RUN;
  }

  ObjectNode payload(String target, String migration) {
    ObjectNode payload = JsonFunction.JSON.createObjectNode();
    if (isTrigger()) {
      payload.putArray("migration_names").add(migration);
    } else {
      payload.put("action", action()).put("migration_name", migration);
    }
    if (this == DONE || this == NOT_DONE) {
      payload.put("outcome", this == DONE ? "done" : "not done");
    }
    return payload.put("target", target).put("requested_by", PERSON);
  }

  private String action() {
    return switch (this) {
      case DONE, NOT_DONE -> "resolve";
      case RUN, PAUSE, RESUME, RETRY, ROLLBACK, CANCEL -> name().toLowerCase(java.util.Locale.ROOT);
    };
  }

  /// What will happen, before it does.
  String confirmation(Situation now, String migration) {
    String name = "\"" + Words.start(migration, 80) + "\"";
    return switch (this) {
      case RUN ->
          "Run %s now? It goes to the queue at once, whatever time it was meant for."
              .formatted(name);
      case PAUSE ->
          now.status() == MigrationStatus.IN_PROGRESS
              ? "Pause %s? It stops after the statement or batch that runs now, and keeps what is done. What depends on it waits."
                  .formatted(name)
              : "Pause %s? It does not run until somebody resumes it.".formatted(name);
      case RESUME ->
          now.status() == MigrationStatus.IN_PROGRESS
              ? "Take back the pause of %s? It goes on without stopping.".formatted(name)
              : "Resume %s? It goes on after the last step that is done.".formatted(name);
      case RETRY ->
          now.status() == MigrationStatus.ROLLED_BACK
              ? "Run %s again, from its first statement?".formatted(name)
              : now.isBackwards()
                  ? "Go on with the rollback of %s?".formatted(name)
                  : "Retry %s? It goes on after the last step that is done.".formatted(name);
      case DONE ->
          "You have looked, and the statement of %s has happened? It goes on behind it, and never runs it again."
              .formatted(name);
      case NOT_DONE ->
          "You have looked, and the statement of %s has not happened? It is run again."
              .formatted(name);
      case ROLLBACK ->
          "Roll back %s? Its backwards script runs, and may drop what it made, with the data in it."
              .formatted(name);
      case CANCEL ->
          now.status() == MigrationStatus.IN_PROGRESS
              ? "Cancel %s? The statement that runs is ended in the database. Steps that are done stay; roll back to undo them."
                  .formatted(name)
              : "Cancel %s? It does not run. Steps that are done stay; what depends on it waits."
                  .formatted(name);
    };
  }
}
