package dev.longhaul.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Transition;
import dev.longhaul.payload.JsonFunction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something that a person asks for, under a name of its own, so that the history tells what has
/// come of it.
final class Wish {
  enum Action {
    REGISTER,
    /// The same name with other SQL.
    REGISTER_OTHER,
    TRIGGER(Transition.TRIGGER, Transition.RETRY),
    PAUSE(Transition.PAUSE),
    RESUME(Transition.RESUME),
    CANCEL(Transition.CANCEL),
    RETRY(Transition.RETRY),
    ROLLBACK(Transition.ROLL_BACK, Transition.UNDO),
    SET;

    @SuppressWarnings("ImmutableEnumChecker") // Unmodifiable.
    private final List<Transition> transitions;

    Action(Transition... transitions) {
      this.transitions = List.of(transitions);
    }

    /// Whether it may be the reason of a line in the history. A claim keeps the name of whoever has
    /// asked for a stop that has not been met yet.
    boolean mayBring(Subject.Change change) {
      if (change.from() == null) {
        return this == REGISTER;
      }
      if (change.isSetting()) {
        return this == SET;
      }
      if (change.isClaim()) {
        return isStop() && change.from() == MigrationStatus.IN_PROGRESS;
      }
      return transitions.stream()
          .anyMatch(one -> one.to() == change.to() && one.from().contains(change.from()));
    }

    boolean isStop() {
      return this == PAUSE || this == CANCEL;
    }
  }

  enum Answer {
    /// None yet, or none that can be relied on, since a fault has met the function.
    UNKNOWN,
    ACCEPTED,
    REFUSED
  }

  final String person;
  final Subject subject;
  final Action action;

  /// For [Action#SET]: the field of the batch, and the value that it is to have.
  final @Nullable String field;

  final int value;

  Answer answer = Answer.UNKNOWN;

  /// What the answer says of the migration; empty without one.
  JsonNode status = JsonFunction.JSON.createObjectNode();

  /// When it was asked, and answered, among all that is asked and answered in the seed.
  int begin;

  int end = Integer.MAX_VALUE;

  Wish(String person, Subject subject, Action action, @Nullable String field, int value) {
    this.person = person;
    this.subject = subject;
    this.action = action;
    this.field = field;
    this.value = value;
  }

  String function() {
    return switch (action) {
      case REGISTER, REGISTER_OTHER -> "register";
      case TRIGGER -> "trigger";
      case PAUSE, RESUME, CANCEL, RETRY, ROLLBACK, SET -> "control";
    };
  }

  ObjectNode payload() {
    ObjectNode payload =
        switch (action) {
          case REGISTER -> subject.payload();
          case REGISTER_OTHER -> subject.payload().put("sql_backwards", "select 1");
          case TRIGGER -> {
            ObjectNode names = JsonFunction.JSON.createObjectNode();
            names.putArray("migration_names").add(subject.name());
            yield names;
          }
          case PAUSE, RESUME, CANCEL, RETRY, ROLLBACK, SET ->
              JsonFunction.JSON
                  .createObjectNode()
                  .put("action", action.name().toLowerCase(java.util.Locale.ROOT))
                  .put("migration_name", subject.name());
        };
    if (field != null) {
      payload.putObject("batch").put(field, value);
    }
    return payload.put("requested_by", person);
  }

  /// An answer that no fault has touched.
  void answered(JsonNode given) {
    status = given;
    boolean isDone =
        switch (action) {
          case REGISTER -> given.path("created").asBoolean();
          case TRIGGER -> !given.path("started").isEmpty();
          case REGISTER_OTHER, PAUSE, RESUME, CANCEL, RETRY, ROLLBACK, SET -> true;
        };
    answer = isDone ? Answer.ACCEPTED : Answer.REFUSED;
  }

  @Override
  public String toString() {
    return "%s (%s%s, %s)"
        .formatted(person, action, field == null ? "" : " " + field + " = " + value, answer);
  }
}
