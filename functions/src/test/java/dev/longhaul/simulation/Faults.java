package dev.longhaul.simulation;

import dev.longhaul.migration.Migration;
import dev.longhaul.queue.Pointer;
import dev.longhaul.testing.Database;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// What goes wrong.
final class Faults {
  private static final String LEASE =
      "pid in (select pid from pg_locks where locktype = 'advisory')";

  private final Gate gate;
  private final Environments environments;
  private final MemoryQueue queue;
  private final Stranger stranger;
  private final Database database;
  private final List<Subject> subjects;
  private final Mood mood;
  private final Random random;
  private final Notes notes;

  Faults(
      Gate gate,
      Environments environments,
      MemoryQueue queue,
      Stranger stranger,
      Database database,
      List<Subject> subjects,
      Mood mood,
      Random random,
      Notes notes) {
    this.gate = gate;
    this.environments = environments;
    this.queue = queue;
    this.stranger = stranger;
    this.database = database;
    this.subjects = subjects;
    this.mood = mood;
    this.random = random;
    this.notes = notes;
  }

  /// One of those that the mood has; nothing where it meets nobody.
  void happen(List<Gate.Point> waiting) {
    switch (mood.fault(random)) {
      case CUT -> cut(waiting);
      case KILL -> kill();
      case FREEZE -> freeze();
      case TERMINATE_SOME -> terminate("random() < 0.5", "sessions terminated");
      case TERMINATE_ALL -> terminate("true", "all sessions terminated");
      // A worker of a batched migration goes on beside it.
      case TERMINATE_LEASE -> terminate(LEASE, "the lease terminated");
      case TERMINATE_WAITING ->
          terminate("wait_event_type = 'Lock'", "a session terminated that waited");
      case LOSE_MESSAGE -> loseMessage();
      case OLD_TRANSACTION -> comeOrLeave();
      case DOUBLE_MESSAGE -> doubleMessage();
    }
  }

  private void cut(List<Gate.Point> waiting) {
    if (!waiting.isEmpty()) {
      Gate.Point point = waiting.get(random.nextInt(waiting.size()));
      notes.fault(
          point.kind == Gate.Kind.STATEMENT
              ? "a connection cut before a statement"
              : "a connection cut before an answer",
          point.environment.number());
      point.environment.hurt();
      gate.cut(point);
    }
  }

  private void kill() {
    int slot = random.nextInt(Environments.EXECUTORS + 2);
    Environment environment = environments.in(slot);
    if (environment.isBusy()) {
      notes.fault("a function killed", environment.number());
      environment.hurt();
      environment.kill();
    }
  }

  private void loseMessage() {
    List<String> bodies = queue.bodies();
    if (!bodies.isEmpty()) {
      notes.fault("a message lost", 0);
      queue.remove(bodies.get(random.nextInt(bodies.size())));
    }
  }

  private void comeOrLeave() {
    if (stranger.isThere()) {
      if (random.nextInt(3) == 0) {
        stranger.leave();
      }
    } else {
      notes.fault("an open transaction of somebody else", 0);
      stranger.enter(subjects.get(random.nextInt(subjects.size())).name());
    }
  }

  /// Of one that is in the queue, is being worked at, or came long ago.
  private void doubleMessage() {
    notes.fault("a message doubled", 0);
    String name = subjects.get(random.nextInt(subjects.size())).name();
    queue.add(new Pointer(Migration.DEFAULT_TARGET, name).toJson());
  }

  /// An executor; where there are batches one that is about to send one, so that it has something
  /// left to say when it goes on. Its session that holds the lock is idle then, and is ended by
  /// whoever looks. One at a time, and for long.
  private void freeze() {
    if (environments.all().stream().anyMatch(environment -> environment.isFrozen)) {
      if (random.nextInt(8) == 0) {
        thaw();
      }
      return;
    }
    List<Gate.Point> waiting = gate.waiting();
    boolean any = subjects.stream().noneMatch(subject -> subject.shape() == Subject.Shape.BATCHES);
    List<Environment> atWork =
        IntStream.range(0, Environments.EXECUTORS)
            .mapToObj(environments::in)
            .filter(
                environment -> any ? environment.isBusy() : hasABatchToSend(environment, waiting))
            .toList();
    if (!atWork.isEmpty()) {
      Environment environment = atWork.get(random.nextInt(atWork.size()));
      notes.fault("a function frozen", environment.number());
      environment.isFrozen = true;
      environment.hurt();
      terminate(LEASE, "the lease terminated");
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

  /// @return whether anybody stood still
  boolean thaw() {
    boolean did = environments.thaw();
    if (did) {
      notes.decided("thaw");
    }
    return did;
  }

  private void terminate(String which, String name) {
    if (!database.exists("longhaul.async_migration")) {
      return;
    }
    List<String> ended =
        database.query(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname ="
                + " current_database() and application_name like 'longhaul%' and "
                + which);
    if (!ended.isEmpty()) {
      notes.fault(name, 0);
      environments.all().forEach(Environment::hurt);
    }
  }
}
