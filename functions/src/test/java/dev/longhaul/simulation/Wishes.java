package dev.longhaul.simulation;

import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.testing.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What people have asked for in a seed, and whether the journal says the same of it as they were
/// told: who was refused has changed nothing, and what was promised has happened once.
final class Wishes {
  private final Invocations invocations;
  private final List<Wish> wishes = new ArrayList<>();
  private int moments;

  Wishes(Invocations invocations) {
    this.invocations = invocations;
  }

  /// @param field what is to be set, to a value that nobody else has wanted
  /// @return false where the slot's environment is busy: then nothing is done
  boolean ask(int slot, Subject subject, Wish.Action action, @Nullable String field)
      throws InterruptedException {
    int number = wishes.size();
    Wish wish = new Wish("person " + number, subject, action, field, 20 + number);
    if (!invocations.start(slot, wish.function(), wish.payload().toString())) {
      return false;
    }
    invocations.listen(slot, ending -> ended(wish, ending));
    wish.begin = moments++;
    wishes.add(wish);
    return true;
  }

  private void ended(Wish wish, Invocations.Ending ending) {
    wish.end = moments++;
    if (ending.wasHurt()) {
      return;
    }
    if (ending.failure() == null) {
      wish.answered(ending.answer());
    } else {
      wish.answer = Wish.Answer.REFUSED;
    }
  }

  /// What does not hold, in words; none if all is well. Only when nobody is at work.
  List<String> violations(Database database) {
    List<String> violations = new ArrayList<>();
    for (Subject subject : wishes.stream().map(wish -> wish.subject).distinct().toList()) {
      List<Subject.Change> history = subject.history(database);
      for (Subject.Change change : history) {
        if (change.person() != null) {
          checkPerson(change, violations);
        }
      }
      for (Wish wish : wishes) {
        if (wish.subject.equals(subject)) {
          check(wish, history, violations);
        }
      }
      for (String field : List.of("size", "target_ms")) {
        checkSetting(subject, field, database, violations);
      }
      if (!violations.isEmpty()) {
        violations.add("the history of " + subject.name() + ": " + history);
      }
    }
    return violations;
  }

  /// Whoever a transition is laid at the door of has asked for one like it, and was not refused.
  private void checkPerson(Subject.Change change, List<String> violations) {
    wishes.stream()
        .filter(wish -> wish.person.equals(change.person()))
        .filter(wish -> wish.answer == Wish.Answer.REFUSED || !wish.action.mayBring(change))
        .forEach(wish -> violations.add("%s brought about %s".formatted(wish, change)));
  }

  private void check(Wish wish, List<Subject.Change> history, List<String> violations) {
    long own =
        history.stream()
            .filter(change -> !change.isClaim() && wish.person.equals(change.person()))
            .count();
    boolean isDoneAtOnce =
        wish.answer == Wish.Answer.ACCEPTED
            && switch (wish.action) {
              case REGISTER, TRIGGER, RETRY, ROLLBACK, SET -> true;
              // One of what runs takes back a pause, which is no transition.
              case RESUME ->
                  wishes.stream()
                      .noneMatch(
                          one ->
                              one.action == Wish.Action.PAUSE
                                  && one.subject.equals(wish.subject)
                                  && one.answer != Wish.Answer.REFUSED);
              // Of what runs it is met later, unless that comes to its end before.
              case PAUSE, CANCEL -> false;
              case REGISTER_OTHER -> false;
            };
    if (own > 1 || (isDoneAtOnce && own == 0)) {
      violations.add("%s has %d lines in the history".formatted(wish, own));
    }
    if (wish.action == Wish.Action.REGISTER_OTHER && wish.answer == Wish.Answer.ACCEPTED) {
      violations.add(wish + " was not told that the name is taken");
    }
    if (wish.action.isStop() && wish.answer == Wish.Answer.ACCEPTED) {
      checkStop(wish, history, violations);
    }
  }

  /// What runs and was asked to stop leaves IN PROGRESS by stopping or by its end.
  private void checkStop(Wish wish, List<Subject.Change> history, List<String> violations) {
    boolean mayBeTakenBack =
        wish.action == Wish.Action.PAUSE
            && wishes.stream()
                .anyMatch(
                    one ->
                        one.action == Wish.Action.RESUME
                            && one.subject.equals(wish.subject)
                            && one.answer != Wish.Answer.REFUSED);
    if (mayBeTakenBack || !wish.status.path("meta").has("stop_requested")) {
      return;
    }
    history.stream()
        .filter(change -> change.from() == MigrationStatus.IN_PROGRESS)
        .filter(change -> !change.isClaim() && !change.isSetting())
        .filter(change -> change.attempt() >= wish.status.path("attempt").asInt())
        .findFirst()
        .filter(change -> change.to() == MigrationStatus.STARTED)
        .ifPresent(change -> violations.add("%s was forgotten: %s".formatted(wish, change)));
  }

  /// What was set stays until somebody sets it again.
  private void checkSetting(
      Subject subject, String field, Database database, List<String> violations) {
    List<Wish> all =
        wishes.stream()
            .filter(wish -> wish.subject.equals(subject) && field.equals(wish.field))
            .filter(wish -> wish.answer != Wish.Answer.REFUSED)
            .toList();
    List<Wish> accepted = all.stream().filter(wish -> wish.answer == Wish.Answer.ACCEPTED).toList();
    if (accepted.isEmpty()) {
      return;
    }
    int now = Objects.requireNonNull(subject.setting(database, field));
    boolean isExplained =
        all.stream()
            .filter(wish -> accepted.stream().noneMatch(later -> later.begin > wish.end))
            .anyMatch(wish -> wish.value == now);
    if (!isExplained) {
      violations.add("%s is %d, but was set: %s".formatted(field, now, all));
    }
  }
}
