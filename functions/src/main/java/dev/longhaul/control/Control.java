package dev.longhaul.control;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.database.Dialect;
import dev.longhaul.health.HealthLimits;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.Sessions;
import dev.longhaul.journal.Steering;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Refusal;
import dev.longhaul.migration.Transition;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a person's action means for a migration in the status that it has now. What is not allowed
/// is refused with the reason and the way out.
final class Control {
  private final Journal journal;
  private final Steering steering;
  private final @Nullable String person;
  private final @Nullable Resolution resolution;
  private final @Nullable Setting setting;

  /// @param resolution for RESOLVE
  /// @param setting for SET
  Control(
      Journal journal,
      @Nullable String person,
      @Nullable Resolution resolution,
      @Nullable Setting setting) {
    this.setting = setting;
    this.journal = journal;
    this.steering = new Steering(journal);
    this.person = person;
    this.resolution = resolution;
  }

  /// How a batched migration is to run from now on; null for what stays.
  record Setting(
      @Nullable Integer size,
      @Nullable Duration target,
      @Nullable Integer parallelism,
      HealthLimits health) {

    /// Of `batch` in the journal, without the limits.
    ObjectNode fields() {
      ObjectNode fields = JsonNodeFactory.instance.objectNode();
      if (size != null) {
        fields.put("size", size);
      }
      if (target != null) {
        fields.put("target_ms", target.toMillis());
      }
      if (parallelism != null) {
        fields.put("parallelism", parallelism);
      }
      return fields;
    }

    /// As the payload says it: `{"size":500,"health":{"vcpus":2}}`.
    String description() {
      ObjectNode all = fields();
      if (!health.toJson().isEmpty()) {
        all.set("health", health.toJson());
      }
      return all.toString();
    }
  }

  /// What a person has found out about a statement whose outcome was unknown.
  enum Resolution {
    DONE,
    NOT_DONE
  }

  /// @throws Refusal `InvalidTransition`
  void apply(Action action, JournalEntry entry) {
    if (!tryToApply(action, entry)) {
      throw Refusal.transition(
          "%s: \"%s\" has changed its status at the same moment; look at it again"
              .formatted(action.word(), entry.name()));
    }
  }

  /// Answers whether the migration was still what `entry` says.
  boolean tryToApply(Action action, JournalEntry entry) {
    return switch (action) {
      case PAUSE -> pause(entry);
      case RESUME -> resume(entry);
      case CANCEL -> cancel(entry);
      case RETRY -> retry(entry);
      case RESOLVE -> resolve(entry);
      case ROLLBACK -> rollBack(entry);
      case SET -> set(entry);
    };
  }

  /// The actions that change a migration.
  enum Action {
    PAUSE,
    RESUME,
    CANCEL,
    RETRY,
    RESOLVE,
    ROLLBACK,
    SET;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private boolean pause(JournalEntry entry) {
    return switch (entry.status()) {
      case STARTED -> steering.stop(entry, Transition.PAUSE, request("paused"));
      // Takes effect after the step that runs. What is left to the server is cancelled by an
      // executor: a statement cannot be held half done.
      case IN_PROGRESS -> {
        if (entry.stopRequested() == MigrationStatus.CANCELLED) {
          throw refused(
              Action.PAUSE, entry, "it is being cancelled; retry it once it is CANCELLED");
        }
        yield steering.requestStop(entry, MigrationStatus.PAUSED, request("paused"));
      }
      case SCHEDULED ->
          throw refused(
              Action.PAUSE,
              entry,
              "it does not run until it is triggered; cancel it if it must not");
      case PAUSED, FINISHED, ERROR, CANCELLED, ROLLED_BACK ->
          throw refused(Action.PAUSE, entry, "only what is STARTED or IN PROGRESS can be paused");
    };
  }

  /// Heard of within a second by an executor that is at it.
  private boolean set(JournalEntry entry) {
    if (entry.migration().batch() == null) {
      throw refused(Action.SET, entry, "it does not run in batches, so there is nothing to set");
    }
    if (entry.status() == MigrationStatus.FINISHED
        || entry.status() == MigrationStatus.ROLLED_BACK) {
      throw refused(Action.SET, entry, "it is done");
    }
    Setting wanted = Objects.requireNonNull(setting);
    return steering.set(
        entry, wanted.fields(), wanted.health(), request("set " + wanted.description()));
  }

  private boolean resume(JournalEntry entry) {
    return switch (entry.status()) {
      case PAUSED -> steering.start(entry, Transition.RESUME, request("resumed"));
      case ERROR, CANCELLED ->
          throw refused(
              Action.RESUME, entry, "only what is PAUSED can be resumed; retry it instead");
      case IN_PROGRESS -> {
        if (entry.stopRequested() != MigrationStatus.PAUSED) {
          throw refused(Action.RESUME, entry, "only what is PAUSED can be resumed");
        }
        yield steering.withdrawPause(entry);
      }
      case SCHEDULED, STARTED, FINISHED, ROLLED_BACK ->
          throw refused(Action.RESUME, entry, "only what is PAUSED can be resumed");
    };
  }

  private boolean cancel(JournalEntry entry) {
    return switch (entry.status()) {
      case SCHEDULED, STARTED, PAUSED ->
          steering.stop(entry, Transition.CANCEL, request("cancelled"));
      case IN_PROGRESS -> cancelRunning(entry);
      case FINISHED -> throw refused(Action.CANCEL, entry, "it is done; roll it back to undo it");
      case ERROR, CANCELLED, ROLLED_BACK -> throw refused(Action.CANCEL, entry, "it does not run");
    };
  }

  /// The wish is committed before the backend is told, and whoever begins a statement reads it
  /// first: so the cancel meets either the statement or an executor that will not begin it.
  private boolean cancelRunning(JournalEntry entry) {
    boolean requested =
        steering.requestStop(entry, MigrationStatus.CANCELLED, request("cancelled"));
    if (requested && journal.connection().dialect() == Dialect.POSTGRESQL) {
      new Sessions(journal).cancel(entry.name(), entry.attempt());
    }
    return requested;
  }

  private boolean retry(JournalEntry entry) {
    return switch (entry.status()) {
      case ERROR, CANCELLED -> steering.start(entry, Transition.RETRY, request("retried"));
      case ROLLED_BACK ->
          steering.startFromTheBeginning(
              entry, Transition.RETRY, Direction.FORWARDS, request("retried"));
      case FINISHED -> throw refused(Action.RETRY, entry, "it is done; there is nothing to retry");
      case SCHEDULED -> throw refused(Action.RETRY, entry, "it has not run yet; trigger it");
      case PAUSED -> throw refused(Action.RETRY, entry, "resume it instead");
      case STARTED, IN_PROGRESS -> throw refused(Action.RETRY, entry, "it is under way already");
    };
  }

  /// Only where nobody but a person can know. Elsewhere a word would stand against the catalog, and
  /// FINISHED means that it was asked.
  private boolean resolve(JournalEntry entry) {
    if (entry.status() != MigrationStatus.ERROR || !entry.steps().inDoubt()) {
      throw refused(
          Action.RESOLVE, entry, "there is no statement whose outcome is unknown; see its status");
    }
    if (!entry.isDoubtForAPerson()) {
      throw refused(
          Action.RESOLVE,
          entry,
          "the catalog tells what has become of statement %d; retry it, which looks there first"
              .formatted(entry.steps().done() + 1));
    }
    return resolution == Resolution.DONE
        ? steering.resolveAsDone(
            entry, request("statement %d is done".formatted(entry.steps().done() + 1)))
        : steering.start(
            entry,
            Transition.RETRY,
            request("statement %d is not done".formatted(entry.steps().done() + 1)));
  }

  private boolean rollBack(JournalEntry entry) {
    return switch (entry.status()) {
      case ROLLED_BACK -> throw refused(Action.ROLLBACK, entry, "it is rolled back already");
      case IN_PROGRESS ->
          throw refused(Action.ROLLBACK, entry, "it runs; cancel it first, or wait for its end");
      case SCHEDULED, STARTED, PAUSED, FINISHED, ERROR, CANCELLED -> {
        if (entry.nothingIsApplied()) {
          yield steering.undo(entry, request("rolled back; nothing had been applied"));
        }
        if (entry.status() == MigrationStatus.STARTED) {
          throw refused(
              Action.ROLLBACK, entry, "it is under way; cancel it first, or wait for its end");
        }
        requireReversible(entry);
        requireNoDependents(entry);
        yield journal.connection().inTransaction(() -> rollBackAlone(entry));
      }
    };
  }

  /// Who claims a dependent at this moment is waited for and seen here, or waits, and then sees
  /// that what it depends on is not FINISHED any more.
  private boolean rollBackAlone(JournalEntry entry) {
    journal.holdDependents(entry.name());
    requireNoDependents(entry);
    return entry.direction() == Direction.BACKWARDS
        ? steering.start(entry, Transition.ROLL_BACK, request("roll back, again"))
        : steering.startFromTheBeginning(
            entry, Transition.ROLL_BACK, Direction.BACKWARDS, request("roll back"));
  }

  private void requireReversible(JournalEntry entry) {
    if (!entry.migration().isReversible()) {
      throw refused(
          Action.ROLLBACK,
          entry,
          "it was registered with an empty sql_backwards, which says that it cannot be undone;"
              + " register a migration that repairs what is needed");
    }
  }

  private void requireNoDependents(JournalEntry entry) {
    List<String> dependents = journal.builtOn(entry.name());
    if (!dependents.isEmpty()) {
      throw refused(
          Action.ROLLBACK,
          entry,
          "%s built on it; roll back first: %s"
              .formatted(
                  dependents.size() == 1
                      ? "one migration has been"
                      : dependents.size() + " migrations have been",
                  String.join(", ", dependents)));
    }
  }

  private Steering.Request request(String reason) {
    return new Steering.Request(person, reason);
  }

  private static Refusal refused(Action action, JournalEntry entry, String reason) {
    return Refusal.transition(
        "%s: \"%s\" is %s: %s".formatted(action.word(), entry.name(), entry.status(), reason));
  }
}
