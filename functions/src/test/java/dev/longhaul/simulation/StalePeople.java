package dev.longhaul.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// People who look at a migration, do something else for a while, and then ask for what made sense
/// when they looked: some of them twice, some at the same moment as somebody who wants the
/// opposite.
final class StalePeople {
  /// In steps.
  private static final int LONGEST_WHILE = 25;

  /// What somebody has seen.
  ///
  /// @param due the step from which on it is acted on
  private record Sight(Subject subject, String status, int due) {}

  private final Performer performer;
  private final Invocations invocations;
  private final Database database;
  private final List<Subject> subjects;
  private final Random random;
  private final List<Sight> sights = new ArrayList<>();

  StalePeople(
      Performer performer,
      Invocations invocations,
      Database database,
      List<Subject> subjects,
      Random random) {
    this.performer = performer;
    this.invocations = invocations;
    this.database = database;
    this.subjects = subjects;
    this.random = random;
  }

  /// Two pipelines register the same at once.
  void register(Subject subject) throws InterruptedException {
    ask(Environments.ANOTHER_PERSON, subject, Wish.Action.REGISTER);
  }

  void lookOrAsk(int step) throws InterruptedException {
    List<Sight> due = sights.stream().filter(sight -> sight.due() <= step).toList();
    if (due.isEmpty()) {
      look(step);
    } else if (!invocations.isBusy(Environments.PERSON)
        && !invocations.isBusy(Environments.ANOTHER_PERSON)) {
      Sight sight = due.get(random.nextInt(due.size()));
      sights.remove(sight);
      actOn(sight);
    }
  }

  private void look(int step) throws InterruptedException {
    Subject subject = subjects.get(random.nextInt(subjects.size()));
    int due = step + random.nextInt(LONGEST_WHILE);
    if (random.nextInt(4) > 0) {
      // Somebody else has looked, and has told them.
      sights.add(new Sight(subject, subject.status(database), due));
      return;
    }
    boolean lists = random.nextBoolean();
    ObjectNode payload = JsonFunction.JSON.createObjectNode();
    if (lists) {
      payload.put("action", "list").put("limit", 1000);
    } else {
      payload.put("action", "status").put("migration_name", subject.name());
    }
    int slot = random.nextBoolean() ? Environments.PERSON : Environments.ANOTHER_PERSON;
    if (performer.perform(new Act.Look(slot, payload.toString()))) {
      invocations.listen(
          slot,
          ending -> {
            for (JsonNode one :
                lists ? ending.answer().path("migrations") : List.of(ending.answer())) {
              if (one.path("migration_name").asText().equals(subject.name())) {
                sights.add(new Sight(subject, one.path("status").asText(), due));
              }
            }
          });
    }
  }

  private void actOn(Sight sight) throws InterruptedException {
    Wish.Action action = wish(sight);
    ask(Environments.PERSON, sight.subject(), action);
    if (random.nextInt(3) > 0) {
      ask(
          Environments.ANOTHER_PERSON,
          sight.subject(),
          random.nextBoolean() ? action : wish(sight));
    }
  }

  private void ask(int slot, Subject subject, Wish.Action action) throws InterruptedException {
    @Nullable String field =
        action == Wish.Action.SET ? random.nextBoolean() ? "size" : "target_ms" : null;
    performer.perform(new Act.Ask(slot, subjects.indexOf(subject), action, field));
  }

  private Wish.Action wish(Sight sight) {
    List<Wish.Action> actions =
        switch (sight.status()) {
          case "SCHEDULED" -> List.of(Wish.Action.TRIGGER, Wish.Action.TRIGGER, Wish.Action.CANCEL);
          case "STARTED" -> List.of(Wish.Action.PAUSE, Wish.Action.CANCEL, Wish.Action.ROLLBACK);
          case "IN PROGRESS" -> List.of(Wish.Action.PAUSE, Wish.Action.CANCEL, Wish.Action.RESUME);
          case "PAUSED" -> List.of(Wish.Action.RESUME, Wish.Action.CANCEL, Wish.Action.ROLLBACK);
          case "FINISHED" -> List.of(Wish.Action.ROLLBACK);
          default -> List.of(Wish.Action.RETRY, Wish.Action.TRIGGER, Wish.Action.ROLLBACK);
        };
    List<Wish.Action> all = new ArrayList<>(actions);
    all.addAll(actions);
    all.add(random.nextInt(4) == 0 ? Wish.Action.REGISTER_OTHER : Wish.Action.REGISTER);
    if (sight.subject().shape() == Subject.Shape.BATCHES) {
      all.addAll(List.of(Wish.Action.SET, Wish.Action.SET));
    }
    return all.get(random.nextInt(all.size()));
  }
}
