package dev.longhaul.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// One seed from its beginning to its end: what is decided at which step, and what has to be true
/// when the faults are over.
final class Seed {
  private static final Duration LONGEST_END = Duration.ofSeconds(40);

  /// Until what is recorded next can be done.
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final Simulation.Stage stage;
  private final List<Subject> subjects = new ArrayList<>();
  private final Mood mood;
  private final Random random;
  private final Invocations invocations;
  private final Performer performer;
  private final Scheduler scheduler;
  private final Faults faults;
  private final People people;
  private final StalePeople stalePeople;

  Seed(long number, Simulation.Stage stage) {
    this.stage = stage;
    random = new Random(number);
    mood = Mood.of(number, random);
    stage.notes().remark(mood.toString());
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      Subject subject = Subject.random("s%d_%d".formatted(number, i), mood, random);
      subject.prepare(stage.database());
      subjects.add(subject);
      stage.notes().remark(subject.toString());
    }
    invocations = new Invocations(stage.environments(), stage.queue(), random, stage.notes());
    performer = new Performer(stage, subjects, invocations, new Wishes(invocations));
    scheduler = new Scheduler(stage.gate(), stage.environments(), mood, random, performer);
    faults = new Faults(stage, performer, subjects, mood, random);
    people = new People(performer, stage.database(), subjects, random);
    stalePeople = new StalePeople(performer, invocations, stage.database(), subjects, random);
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
    performer.perform(new Act.Leave());
    end();
    people.stopNobody();
    performer.perform(new Act.Check());
    // Who has stood still all the time finds that others have brought it to its end.
    if (performer.perform(new Act.Thaw())) {
      end();
      performer.perform(new Act.Check());
    }
    // Wherever a migration has come to, to undo it must leave nothing.
    for (Subject subject : subjects) {
      if (random.nextBoolean()) {
        people.ask(subject, Wish.Action.ROLLBACK);
        settle();
      }
    }
    end();
    performer.perform(new Act.Check());
  }

  /// Does what was done before, as far as it can be done.
  ///
  /// @return how many of the acts
  int replay(List<Act> acts) throws InterruptedException {
    int done = 0;
    while (done < acts.size() && performInTime(acts.get(done))) {
      invocations.collect();
      done++;
    }
    stage.notes().remark("%d of %d acts were replayed".formatted(done, acts.size()));
    if (done < acts.size()) {
      stage.notes().remark("then was: " + acts.get(done).toJson());
      stage
          .gate()
          .waiting()
          .forEach(
              point ->
                  stage.notes().remark("there waits: %s %s".formatted(point.name(), point.what)));
    }
    performer.perform(new Act.Leave());
    performer.perform(new Act.Thaw());
    end();
    performer.perform(new Act.Check());
    return done;
  }

  private boolean performInTime(Act act) throws InterruptedException {
    long end = System.nanoTime() + LONGEST_WAIT.toNanos();
    while (!performer.perform(act)) {
      if (System.nanoTime() > end) {
        return false;
      }
      stage.gate().awaitEvent(stage.gate().events(), Duration.ofMillis(5));
      invocations.collect();
    }
    return true;
  }

  /// That were counted at the end.
  long rows() {
    return performer.rows();
  }

  List<Subject> subjects() {
    return subjects;
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
      deliver();
    } else if (choice < 82) {
      performer.perform(new Act.TimePasses());
      performer.perform(new Act.Sweep());
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

  /// Any message to the first executor that has nothing to do.
  private void deliver() throws InterruptedException {
    List<String> bodies = stage.queue().bodies();
    for (int slot = 0; slot < Environments.EXECUTORS && !bodies.isEmpty(); slot++) {
      if (!invocations.isBusy(slot)) {
        performer.perform(new Act.Deliver(slot, bodies.get(random.nextInt(bodies.size()))));
        return;
      }
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
        performer.perform(new Act.Thaw());
        return;
      }
    }
  }

  /// The faults are over: everything STARTED has to end.
  private void end() throws InterruptedException {
    settle();
    long end = System.nanoTime() + LONGEST_END.toNanos();
    while (!subjects.stream().allMatch(this::isAtRest)) {
      performer.perform(new Act.TimePasses());
      performer.perform(new Act.Sweep());
      settle();
      for (String body : stage.queue().bodies()) {
        performer.perform(new Act.Deliver(stage.environments().in(0).isFrozen ? 1 : 0, body));
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
    stage.queue().clear();
  }
}
