package dev.longhaul.simulation;

import dev.longhaul.migration.Migration;
import dev.longhaul.queue.Pointer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// What goes wrong.
final class Faults {
  private static final String LEASE =
      "pid in (select pid from pg_locks where locktype = 'advisory')";

  private final Simulation.Stage stage;
  private final Performer performer;
  private final List<Subject> subjects;
  private final Mood mood;
  private final Random random;

  Faults(
      Simulation.Stage stage,
      Performer performer,
      List<Subject> subjects,
      Mood mood,
      Random random) {
    this.stage = stage;
    this.performer = performer;
    this.subjects = subjects;
    this.mood = mood;
    this.random = random;
  }

  /// One of those that the mood has; nothing where it meets nobody.
  void happen(List<Gate.Point> waiting) throws InterruptedException {
    switch (mood.fault(random)) {
      case CUT -> cut(waiting);
      case KILL -> kill();
      case FREEZE -> freeze();
      case TERMINATE_SOME ->
          terminate(
              sessions("true").stream().filter(session -> random.nextBoolean()).toList(),
              "sessions terminated");
      case TERMINATE_ALL -> terminate(sessions("true"), "all sessions terminated");
      // A worker of a batched migration goes on beside it.
      case TERMINATE_LEASE -> terminate(sessions(LEASE), "the lease terminated");
      case TERMINATE_WAITING ->
          terminate(sessions("wait_event_type = 'Lock'"), "a session terminated that waited");
      case LOSE_MESSAGE -> loseMessage();
      case OLD_TRANSACTION -> comeOrLeave();
      case DOUBLE_MESSAGE -> doubleMessage();
    }
  }

  private void cut(List<Gate.Point> waiting) throws InterruptedException {
    if (!waiting.isEmpty()) {
      Gate.Point point = waiting.get(random.nextInt(waiting.size()));
      performer.perform(new Act.Cut(point.name(), point.what));
    }
  }

  private void kill() throws InterruptedException {
    int slot = random.nextInt(Environments.EXECUTORS + 2);
    performer.perform(new Act.Kill(stage.environments().in(slot).toString()));
  }

  private void loseMessage() throws InterruptedException {
    List<String> bodies = stage.queue().bodies();
    if (!bodies.isEmpty()) {
      performer.perform(new Act.Lose(bodies.get(random.nextInt(bodies.size()))));
    }
  }

  private void comeOrLeave() throws InterruptedException {
    if (stage.stranger().isThere()) {
      if (random.nextInt(3) == 0) {
        performer.perform(new Act.Leave());
      }
    } else {
      performer.perform(new Act.Enter(subjects.get(random.nextInt(subjects.size())).name()));
    }
  }

  /// Of one that is in the queue, is being worked at, or came long ago.
  private void doubleMessage() throws InterruptedException {
    String name = subjects.get(random.nextInt(subjects.size())).name();
    performer.perform(new Act.Repeat(new Pointer(Migration.DEFAULT_TARGET, name).toJson()));
  }

  /// An executor; where there are batches one that is about to send one, so that it has something
  /// left to say when it goes on. Its session that holds the lock is idle then, and is ended by
  /// whoever looks. One at a time, and for long.
  private void freeze() throws InterruptedException {
    if (stage.environments().all().stream().anyMatch(environment -> environment.isFrozen)) {
      if (random.nextInt(8) == 0) {
        performer.perform(new Act.Thaw());
      }
      return;
    }
    List<Gate.Point> waiting = stage.gate().waiting();
    boolean any = subjects.stream().noneMatch(subject -> subject.shape() == Subject.Shape.BATCHES);
    List<Environment> atWork =
        IntStream.range(0, Environments.EXECUTORS)
            .mapToObj(stage.environments()::in)
            .filter(
                environment -> any ? environment.isBusy() : hasABatchToSend(environment, waiting))
            .toList();
    if (!atWork.isEmpty()) {
      Environment environment = atWork.get(random.nextInt(atWork.size()));
      performer.perform(new Act.Freeze(environment.toString()));
      terminate(sessions(LEASE), "the lease terminated");
      doubleMessage();
    }
  }

  private static boolean hasABatchToSend(Environment environment, List<Gate.Point> waiting) {
    List<Gate.Point> its =
        waiting.stream().filter(point -> point.environment == environment).toList();
    return its.size() > 1
        && its.stream()
            .anyMatch(
                point -> point.kind == Gate.Kind.STATEMENT && point.what.contains("move_cursor"));
  }

  private List<String> sessions(String condition) {
    return GatedSockets.sessions(condition, stage.database());
  }

  private void terminate(List<String> sessions, String what) throws InterruptedException {
    if (!sessions.isEmpty()) {
      performer.perform(new Act.Terminate(what, sessions));
    }
  }
}
