package dev.longhaul.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/// One seed from its beginning to its end: what is decided at which step, and what has to be true
/// when the faults are over.
final class Seed {
  private static final Duration LONGEST_END = Duration.ofSeconds(40);

  private final Simulation.Stage stage;
  private final List<Subject> subjects;
  private final Mood mood;
  private final Random random;
  private final Invocations invocations;
  private final Scheduler scheduler;
  private final Faults faults;
  private final Wishes wishes;
  private final People people;
  private final StalePeople stalePeople;
  private long rows;

  Seed(Simulation.Stage stage, List<Subject> subjects, Mood mood, Random random) {
    this.stage = stage;
    this.subjects = subjects;
    this.mood = mood;
    this.random = random;
    invocations = new Invocations(stage.environments(), stage.queue(), random, stage.notes());
    scheduler = new Scheduler(stage.gate(), stage.environments(), mood, random, stage.notes());
    faults =
        new Faults(
            stage.gate(),
            stage.environments(),
            stage.queue(),
            stage.stranger(),
            stage.database(),
            subjects,
            mood,
            random,
            stage.notes());
    wishes = new Wishes(invocations);
    people = new People(wishes, stage.database(), subjects, random);
    stalePeople = new StalePeople(wishes, invocations, stage.database(), subjects, random);
  }

  void run() throws InterruptedException {
    for (Subject subject : subjects) {
      people.register(subject);
      if (mood.isStale()) {
        stalePeople.register(subject);
      }
      settle();
    }
    for (int step = 0;
        step < mood.steps() && !(step > 20 && !mood.isStale() && isQuiet());
        step++) {
      act(step);
    }
    if (mood.asks() > 0) {
      people.meanToStopOne();
    }
    stage.stranger().leave();
    end();
    people.stopNobody();
    check();
    // Who has stood still all the time finds that others have brought it to its end.
    if (faults.thaw()) {
      end();
      check();
    }
    // Wherever a migration has come to, to undo it must leave nothing.
    for (Subject subject : subjects) {
      if (random.nextBoolean()) {
        people.ask(subject, Wish.Action.ROLLBACK);
        settle();
      }
    }
    end();
    check();
  }

  /// That were counted at the end.
  long rows() {
    return rows;
  }

  private void check() {
    for (Subject subject : subjects) {
      subject
          .violations(stage.database())
          .forEach(one -> stage.notes().violation(subject + ": " + one));
      rows += Subject.ROWS;
    }
    wishes.violations(stage.database()).forEach(stage.notes()::violation);
  }

  private boolean isQuiet() {
    return stage.gate().waiting().stream().allMatch(point -> point.environment.isFrozen)
        && stage.queue().bodies().isEmpty()
        && !stage.environments().isAnyAtWork()
        && subjects.stream().allMatch(this::isAtRest);
  }

  private boolean isAtRest(Subject subject) {
    String status = subject.status(stage.database());
    return !status.equals("STARTED") && !status.equals("IN PROGRESS");
  }

  private void act(int step) throws InterruptedException {
    int choice = random.nextInt(82 + mood.asks() + mood.faults());
    List<Gate.Point> waiting = stage.gate().waiting();
    List<Gate.Point> ready = scheduler.ready(waiting, step);
    if (choice < 68 && !ready.isEmpty()) {
      scheduler.letGo(scheduler.next(ready));
    } else if (choice < 79) {
      invocations.deliver();
    } else if (choice < 82) {
      timePasses();
      invocations.sweep();
    } else if (choice < 82 + mood.asks()) {
      if (mood.isStale()) {
        stalePeople.lookOrAsk(step);
      } else {
        people.ask();
      }
    } else {
      faults.happen(waiting);
    }
    invocations.collect();
  }

  /// As much as a retry, a look and the sweep wait for.
  private void timePasses() {
    if (stage.database().exists("longhaul.async_migration")) {
      stage
          .database()
          .execute(
              """
              set lock_timeout = '100ms';
              update longhaul.async_migration set next_look_at = next_look_at - interval '10 minutes',
                not_before = not_before - interval '10 minutes'
              where name in (
                select name from longhaul.async_migration where next_look_at is not null for update skip locked)
              """);
    }
  }

  /// Lets everything go that waits, until nobody does anything any more.
  private void settle() throws InterruptedException {
    long end = System.nanoTime() + LONGEST_END.toNanos();
    while (stage.environments().isAnyAtWork()) {
      if (scheduler.letAnyGo()) {
        people.stopInTheMiddle();
      }
      invocations.collect();
      if (System.nanoTime() > end) {
        stage
            .notes()
            .violation("functions hang: " + stage.gate().waiting().size() + " wait at the gate");
        stage.environments().all().forEach(Environment::kill);
        faults.thaw();
        return;
      }
    }
  }

  /// The faults are over: everything STARTED has to end.
  private void end() throws InterruptedException {
    settle();
    long end = System.nanoTime() + LONGEST_END.toNanos();
    while (!subjects.stream().allMatch(this::isAtRest)) {
      timePasses();
      invocations.sweep();
      settle();
      for (String body : stage.queue().bodies()) {
        invocations.deliver(stage.environments().in(0).isFrozen ? 1 : 0, body);
        settle();
      }
      if (System.nanoTime() > end) {
        for (Subject subject : subjects) {
          if (!isAtRest(subject)) {
            stage
                .notes()
                .violation(subject + ": does not end: " + subject.status(stage.database()));
          }
        }
        return;
      }
    }
    stage.queue().bodies().forEach(stage.queue()::remove);
  }
}
