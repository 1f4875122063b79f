package dev.longhaul.simulation;

import dev.longhaul.testing.Database;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// What people want.
final class People {
  private final Performer performer;
  private final Database database;
  private final List<Subject> subjects;
  private final Random random;
  private @Nullable Subject toStop;

  People(Performer performer, Database database, List<Subject> subjects, Random random) {
    this.performer = performer;
    this.database = database;
    this.subjects = subjects;
    this.random = random;
  }

  void register(Subject subject) throws InterruptedException {
    ask(subject, Wish.Action.REGISTER);
  }

  /// Mostly what makes sense now, and so may no longer do so when it arrives.
  void ask() throws InterruptedException {
    Subject subject = subjects.get(random.nextInt(subjects.size()));
    List<Wish.Action> actions =
        random.nextInt(4) == 0
            ? List.of(
                Wish.Action.PAUSE,
                Wish.Action.RESUME,
                Wish.Action.CANCEL,
                Wish.Action.RETRY,
                Wish.Action.ROLLBACK,
                Wish.Action.REGISTER)
            : switch (subject.status(database)) {
              case "STARTED", "IN PROGRESS" ->
                  List.of(
                      Wish.Action.PAUSE,
                      Wish.Action.CANCEL,
                      Wish.Action.CANCEL,
                      Wish.Action.ROLLBACK);
              case "PAUSED" ->
                  List.of(Wish.Action.RESUME, Wish.Action.CANCEL, Wish.Action.ROLLBACK);
              default -> List.of(Wish.Action.RETRY, Wish.Action.ROLLBACK, Wish.Action.ROLLBACK);
            };
    ask(subject, actions.get(random.nextInt(actions.size())));
  }

  void ask(Subject subject, Wish.Action action) throws InterruptedException {
    performer.perform(new Act.Ask(Environments.PERSON, subjects.indexOf(subject), action, null));
  }

  /// One of the migrations will be stopped, some time from now on.
  void meanToStopOne() {
    toStop = subjects.get(random.nextInt(subjects.size()));
  }

  void stopNobody() {
    toStop = null;
  }

  /// So that some have done a half when they are undone.
  void stopInTheMiddle() throws InterruptedException {
    Subject subject = toStop;
    if (subject != null && random.nextInt(60) == 0) {
      ask(subject, random.nextBoolean() ? Wish.Action.PAUSE : Wish.Action.CANCEL);
      toStop = null;
    }
  }
}
