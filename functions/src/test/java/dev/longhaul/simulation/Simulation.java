package dev.longhaul.simulation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Migration;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.queue.Pointer;
import dev.longhaul.testing.Database;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Runs seeds, one after the other: some migrations each, several environments, faults, and at the
/// end the question whether all has come to a good end.
public final class Simulation implements AutoCloseable {
  private static final int EXECUTORS = 3;

  /// The environments after the executors: for people, and for the sweep.
  private static final int PERSON = EXECUTORS;

  private static final int SWEEP = EXECUTORS + 1;
  private static final int RANKS = 1000;
  private static final int ONE_FALLS_BEHIND_IN = 40;

  /// Who has not come to a next point by then waits for the server.
  private static final Duration PATIENCE = Duration.ofMillis(25);

  private static final Duration LONGEST_END = Duration.ofSeconds(40);
  private static final String LEASE =
      "pid in (select pid from pg_locks where locktype = 'advisory')";

  /// What was done in all seeds so far.
  ///
  /// @param steps round trips to the database whose moment was chosen
  /// @param rows that were counted at the ends
  public record Sum(
      int seeds, long steps, Map<String, Integer> faults, long rows, Map<String, Integer> ends) {
    public int allFaults() {
      return faults.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  private final Gate gate = new Gate();
  private final Database database;
  private final Map<Integer, Environment> environments = new TreeMap<>();
  private final MemoryQueue queue;
  private final Map<String, Integer> faults = new TreeMap<>();
  private final Map<String, Integer> ends = new TreeMap<>();
  private final List<String> log = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private @Nullable Subject toStop;
  private int seeds;
  private int births;

  /// The lowest that anybody has.
  private int lowest;

  private long rows;
  private Random random = new Random(0);
  private Mood mood = Mood.random(random);
  private final Stranger stranger;

  public Simulation(Database database) throws IOException {
    this.database = database;
    stranger = new Stranger(database);
    queue = new MemoryQueue(number -> isAlive(number));
  }

  private boolean isAlive(int number) {
    Environment environment = GatedSockets.ENVIRONMENTS.get(Integer.toString(number));
    return environment != null && !environment.isDead();
  }

  public Sum sum() {
    return new Sum(seeds, gate.points(), Map.copyOf(faults), rows, Map.copyOf(ends));
  }

  /// What was decided in the last seed, one line a decision.
  public List<String> log() {
    return List.copyOf(log);
  }

  /// What does not hold at the end of a seed; none if all is well.
  public List<String> run(long seed) throws InterruptedException {
    PrintStream out = System.out;
    // What the functions log of each fault; a seed that fails is run again to read it.
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    try {
      return simulate(seed);
    } finally {
      System.setOut(out);
    }
  }

  private List<String> simulate(long seed) throws InterruptedException {
    random = new Random(seed);
    mood = Mood.random(random);
    log.clear();
    log.add(mood.toString());
    violations.clear();
    List<Subject> subjects = new ArrayList<>();
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      Subject subject = Subject.random("s%d_%d".formatted(seeds, i), mood.shape(), random);
      subject.prepare(database);
      subjects.add(subject);
      log.add(subject.toString());
    }
    for (Subject subject : subjects) {
      start(PERSON, "register", subject.payload().toString());
      settle();
    }
    for (int step = 0; step < mood.steps() && !(step > 20 && isQuiet(subjects)); step++) {
      act(subjects, step);
    }
    toStop = mood.asks() == 0 ? null : subjects.get(random.nextInt(subjects.size()));
    stranger.leave();
    end(subjects);
    toStop = null;
    check(subjects);
    // Who has stood still all the time finds that others have brought it to its end.
    if (thaw()) {
      end(subjects);
      check(subjects);
    }
    // Wherever a migration has come to, to undo it must leave nothing.
    for (Subject subject : subjects) {
      if (random.nextBoolean()) {
        ask(subject, "rollback");
        settle();
      }
    }
    end(subjects);
    check(subjects);
    subjects.forEach(subject -> ends.merge(status(subject), 1, Integer::sum));
    seeds++;
    return List.copyOf(violations);
  }

  private void check(List<Subject> subjects) {
    for (Subject subject : subjects) {
      subject.violations(database).forEach(one -> violations.add(subject + ": " + one));
      rows += Subject.ROWS;
    }
  }

  private String status(Subject subject) {
    if (!database.exists("longhaul.async_migration")) {
      return "not registered";
    }
    List<String> status =
        database.query(
            "select status from longhaul.async_migration where name = '%s'"
                .formatted(subject.name()));
    return status.isEmpty() ? "not registered" : status.getFirst();
  }

  private boolean isQuiet(List<Subject> subjects) {
    return gate.waiting().stream().allMatch(point -> point.environment.isFrozen)
        && queue.bodies().isEmpty()
        && environments.values().stream().noneMatch(one -> one.isBusy() && !one.isFrozen)
        && subjects.stream().allMatch(this::isAtRest);
  }

  private boolean isAtRest(Subject subject) {
    String status = status(subject);
    return !status.equals("STARTED") && !status.equals("IN PROGRESS");
  }

  /// Some points are held back for so long that others get far meanwhile, which a fair choice among
  /// all that wait would never bring about.
  private List<Gate.Point> ready(List<Gate.Point> waiting, int step) {
    for (Gate.Point point : waiting) {
      if (point.heldUntil < 0) {
        point.heldUntil =
            random.nextInt(mood.heldOneIn()) == 0 ? step + random.nextInt(mood.steps() / 2) : step;
      }
    }
    return waiting.stream()
        .filter(point -> point.heldUntil <= step && !point.environment.isFrozen)
        .toList();
  }

  /// Any of them; or one of the function that has the highest rank, which it loses now and then
  /// (<https://doi.org/10.1145/1736020.1736040>).
  private Gate.Point next(List<Gate.Point> ready) {
    if (!mood.ranked()) {
      return ready.get(random.nextInt(ready.size()));
    }
    Environment first =
        ready.stream()
            .map(point -> point.environment)
            .max(Comparator.comparingInt(environment -> environment.rank))
            .orElseThrow();
    // People decide on what they have seen a while ago.
    int oneIn = first == environments.get(PERSON) ? 4 : ONE_FALLS_BEHIND_IN;
    if (random.nextInt(oneIn) == 0) {
      first.rank = --lowest;
    }
    List<Gate.Point> its = ready.stream().filter(point -> point.environment == first).toList();
    return its.get(random.nextInt(its.size()));
  }

  private void act(List<Subject> subjects, int step) throws InterruptedException {
    int choice = random.nextInt(82 + mood.asks() + mood.faults());
    List<Gate.Point> waiting = gate.waiting();
    List<Gate.Point> ready = ready(waiting, step);
    if (choice < 68 && !ready.isEmpty()) {
      letGo(next(ready));
    } else if (choice < 79) {
      deliver();
    } else if (choice < 82) {
      timePasses();
      start(SWEEP, "trigger", "{}");
    } else if (choice < 82 + mood.asks()) {
      ask(subjects.get(random.nextInt(subjects.size())));
    } else {
      fault(subjects, waiting);
    }
    collect();
  }

  private void letGo(Gate.Point point) throws InterruptedException {
    log.add("go %d %s %s".formatted(point.environment.number(), point.kind, point.what));
    long seen = gate.events();
    gate.letGo(point);
    gate.awaitEvent(seen, PATIENCE);
  }

  private void deliver() {
    List<String> bodies = queue.bodies();
    for (int slot = 0; slot < EXECUTORS && !bodies.isEmpty(); slot++) {
      if (!environment(slot).isBusy()) {
        String body = bodies.get(random.nextInt(bodies.size()));
        queue.remove(body);
        start(slot, "execute", message(body));
        return;
      }
    }
  }

  private static String message(String body) {
    ObjectNode event = JsonFunction.JSON.createObjectNode();
    event
        .putArray("Records")
        .addObject()
        .put("messageId", "m")
        .put("receiptHandle", "r")
        .put("body", body);
    return event.toString();
  }

  /// Mostly what makes sense now, and so may no longer do so when it arrives.
  private void ask(Subject subject) {
    List<String> actions =
        random.nextInt(4) == 0
            ? List.of("pause", "resume", "cancel", "retry", "rollback", "status")
            : switch (status(subject)) {
              case "STARTED", "IN PROGRESS" -> List.of("pause", "cancel", "cancel", "rollback");
              case "PAUSED" -> List.of("resume", "cancel", "rollback");
              default -> List.of("retry", "rollback", "rollback");
            };
    ask(subject, actions.get(random.nextInt(actions.size())));
  }

  private void ask(Subject subject, String action) {
    ObjectNode payload =
        JsonFunction.JSON
            .createObjectNode()
            .put("action", action)
            .put("migration_name", subject.name());
    start(PERSON, "control", payload.toString());
  }

  private void start(int slot, String function, String payload) {
    Environment environment = environment(slot);
    if (!environment.isBusy()) {
      environment.rank = random.nextInt(RANKS);
      log.add("start " + environment.number() + " " + function + " " + payload);
      environment.invoke(function, payload);
    }
  }

  /// The one in a slot; a new one where it has died.
  private Environment environment(int slot) {
    Environment there = environments.get(slot);
    if (there == null || (there.isDead() && !there.isBusy())) {
      there = new Environment(births++, gate, database, queue);
      environments.put(slot, there);
    }
    return there;
  }

  private void fault(List<Subject> subjects, List<Gate.Point> waiting) {
    switch (mood.fault(random)) {
      case CUT -> {
        if (!waiting.isEmpty()) {
          Gate.Point point = waiting.get(random.nextInt(waiting.size()));
          count(
              point.kind == Gate.Kind.STATEMENT
                  ? "a connection cut before a statement"
                  : "a connection cut before an answer",
              point.environment.number());
          point.environment.hurt();
          gate.cut(point);
        }
      }
      case KILL -> {
        int slot = random.nextInt(EXECUTORS + 2);
        Environment environment = environment(slot);
        if (environment.isBusy()) {
          count("a function killed", environment.number());
          environment.hurt();
          environment.kill();
        }
      }
      case FREEZE -> freeze(subjects);
      case TERMINATE_SOME -> terminate("random() < 0.5", "sessions terminated");
      case TERMINATE_ALL -> terminate("true", "all sessions terminated");
      // A worker of a batched migration goes on beside it.
      case TERMINATE_LEASE -> terminate(LEASE, "the lease terminated");
      case TERMINATE_WAITING ->
          terminate("wait_event_type = 'Lock'", "a session terminated that waited");
      case LOSE_MESSAGE -> {
        List<String> bodies = queue.bodies();
        if (!bodies.isEmpty()) {
          count("a message lost", 0);
          queue.remove(bodies.get(random.nextInt(bodies.size())));
        }
      }
      case OLD_TRANSACTION -> {
        if (stranger.isThere()) {
          if (random.nextInt(3) == 0) {
            stranger.leave();
          }
        } else {
          count("an open transaction of somebody else", 0);
          stranger.enter(subjects.get(random.nextInt(subjects.size())).name());
        }
      }
      case DOUBLE_MESSAGE -> doubleMessage(subjects);
    }
  }

  /// Of one that is in the queue, is being worked at, or came long ago.
  private void doubleMessage(List<Subject> subjects) {
    count("a message doubled", 0);
    String name = subjects.get(random.nextInt(subjects.size())).name();
    queue.add(new Pointer(Migration.DEFAULT_TARGET, name).toJson());
  }

  /// An executor; where there are batches one that is about to send one, so that it has something
  /// left to say when it goes on. Its session that holds the lock is idle then, and is ended by
  /// whoever looks. One at a time, and for long.
  private void freeze(List<Subject> subjects) {
    if (environments.values().stream().anyMatch(environment -> environment.isFrozen)) {
      if (random.nextInt(8) == 0) {
        thaw();
      }
      return;
    }
    List<Gate.Point> waiting = gate.waiting();
    boolean any = subjects.stream().noneMatch(subject -> subject.shape() == Subject.Shape.BATCHES);
    List<Environment> atWork =
        IntStream.range(0, EXECUTORS)
            .mapToObj(this::environment)
            .filter(
                environment -> any ? environment.isBusy() : hasABatchToSend(environment, waiting))
            .toList();
    if (!atWork.isEmpty()) {
      Environment environment = atWork.get(random.nextInt(atWork.size()));
      count("a function frozen", environment.number());
      environment.isFrozen = true;
      environment.hurt();
      terminate(LEASE, "the lease terminated");
      doubleMessage(subjects);
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
  private boolean thaw() {
    boolean did = false;
    for (Environment environment : environments.values()) {
      did |= environment.isFrozen;
      environment.isFrozen = false;
    }
    if (did) {
      log.add("thaw");
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
      count(name, 0);
      environments.values().forEach(Environment::hurt);
    }
  }

  private void count(String fault, int environment) {
    faults.merge(fault, 1, Integer::sum);
    log.add("fault: " + fault + " " + environment);
  }

  /// As much as a retry, a look and the sweep wait for.
  private void timePasses() {
    if (database.exists("longhaul.async_migration")) {
      database.execute(
          """
          set lock_timeout = '100ms';
          update longhaul.async_migration set next_look_at = next_look_at - interval '10 minutes',
            not_before = not_before - interval '10 minutes'
          where name in (
            select name from longhaul.async_migration where next_look_at is not null for update skip locked)
          """);
    }
  }

  /// Takes the ends of invocations. One that no fault has met may refuse, and nothing else.
  private void collect() {
    for (Environment environment : environments.values()) {
      boolean wasHurt = environment.isHurt() || environment.isDead();
      Environment.End end = environment.takeEnd();
      if (end != null && end.failure() != null && !wasHurt) {
        String kind = end.failure().getClass().getSimpleName();
        if (!kind.equals("InvalidTransition") && !kind.equals("UnknownMigration")) {
          violations.add("a function failed although no fault met it: " + end.failure());
        }
      }
    }
  }

  /// Lets everything go that waits, until nobody does anything any more.
  private void settle() throws InterruptedException {
    long end = System.nanoTime() + LONGEST_END.toNanos();
    while (environments.values().stream().anyMatch(one -> one.isBusy() && !one.isFrozen)) {
      List<Gate.Point> waiting =
          gate.waiting().stream().filter(point -> !point.environment.isFrozen).toList();
      if (waiting.isEmpty()) {
        gate.awaitEvent(gate.events(), PATIENCE);
      } else {
        letGo(waiting.getFirst());
        stopInTheMiddle();
      }
      collect();
      if (System.nanoTime() > end) {
        violations.add("functions hang: " + waiting.size() + " wait at the gate");
        environments.values().forEach(Environment::kill);
        thaw();
        return;
      }
    }
  }

  /// So that some have done a half when they are undone.
  private void stopInTheMiddle() {
    Subject subject = toStop;
    if (subject != null && random.nextInt(60) == 0) {
      ask(subject, random.nextBoolean() ? "pause" : "cancel");
      toStop = null;
    }
  }

  /// The faults are over: everything STARTED has to end.
  private void end(List<Subject> subjects) throws InterruptedException {
    settle();
    long end = System.nanoTime() + LONGEST_END.toNanos();
    while (!subjects.stream().allMatch(this::isAtRest)) {
      timePasses();
      start(SWEEP, "trigger", "{}");
      settle();
      for (String body : queue.bodies()) {
        queue.remove(body);
        int slot = environment(0).isFrozen ? 1 : 0;
        start(slot, "execute", message(body));
        settle();
      }
      if (System.nanoTime() > end) {
        for (Subject subject : subjects) {
          if (!isAtRest(subject)) {
            violations.add(subject + ": does not end: " + status(subject));
          }
        }
        return;
      }
    }
    queue.bodies().forEach(queue::remove);
  }

  @Override
  public void close() {
    environments.values().forEach(Environment::kill);
    stranger.leave();
    queue.close();
  }
}
