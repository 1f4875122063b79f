package dev.longhaul.cli.demo;

import dev.longhaul.cli.Failure;
import dev.longhaul.cli.MigrationFile;
import dev.longhaul.cli.Refusal;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Registers the sample, plays the scenario and checks what it ends as.
final class DemoRun implements AutoCloseable {
  /// These say that a call makes no sense; every other refusal says that something is broken, which
  /// may pass.
  private static final Set<String> FINAL_REFUSALS =
      Set.of("InvalidMigration", "MigrationConflict", "UnknownMigration", "InvalidTransition");

  private static final int MOST_REFUSALS = 3;

  /// More than the server has processors, on most machines.
  private static final int SESSIONS = 8;

  private final Calls calls;
  private final Supplier<DatabaseUrl> database;
  private final Sample sample;
  private final Pace pace;
  private final Report report;
  private final ExpectedEndState expected;

  /// When a step was last taken for a migration, by System.nanoTime().
  private final Map<String, Long> taken = new HashMap<>();

  private final Map<String, Integer> refusals = new HashMap<>();

  private @Nullable HeldLock lock;
  private long lockedSince;

  /// 0 until the migration has met the lock.
  private long metSince;

  private @Nullable Traffic traffic;

  /// 0 until it has begun; there is one in a run.
  private long trafficSince;

  /// 0 while functions and database answer.
  private long outageSince;

  /// @param database is asked for each connection, because a stack that was restarted may have
  ///   another address
  DemoRun(
      Invocation functions,
      Supplier<DatabaseUrl> database,
      Sample sample,
      Pace pace,
      PrintWriter out) {
    this.calls = new Calls(functions);
    this.database = database;
    this.sample = sample;
    this.pace = pace;
    this.report = new Report(out);
    this.expected = ExpectedEndState.load(sample.rows());
  }

  /// Takes as long as the migrations take.
  ///
  /// @return whether everything ended as it should
  boolean run() throws InterruptedException, SQLException {
    List<MigrationFile> migrations = sample.migrations();
    int created = calls.register(migrations);
    report.say("registered %d migrations, %d of them new".formatted(migrations.size(), created));
    Scenario scenario = new Scenario(migrations);
    Map<String, MigrationState> states = play(scenario);
    try (Connection connection = database.get().connect()) {
      return report.summary(expected, states, expected.differences(connection));
    }
  }

  private Map<String, MigrationState> play(Scenario scenario)
      throws InterruptedException, SQLException {
    long start = System.nanoTime();
    Map<String, MigrationState> states = Map.of();
    while (!hasPassed(start, pace.limit())) {
      try {
        states = states();
        report.changes(states.values());
        releaseLock(states);
        endTraffic(states);
        boolean pending = lock != null || !scenario.isSettled(states);
        for (Step step : scenario.next(states, calls::wasRolledBack)) {
          pending |= take(step);
        }
        outageSince = 0;
        if (!pending) {
          return states;
        }
      } catch (Refusal e) {
        waitOut(e, FINAL_REFUSALS.contains(e.errorType()));
      } catch (Failure e) {
        waitOut(e, false);
      } catch (SQLException e) {
        waitOut(e, !isOutage(e));
      }
      Thread.sleep(pace.poll());
    }
    report.say("gave up after " + pace.limit().toSeconds() + " s");
    return states;
  }

  /// In the order of registration.
  private Map<String, MigrationState> states() {
    Map<String, MigrationState> all = calls.states();
    Map<String, MigrationState> ours = new LinkedHashMap<>();
    for (String name : expected.statuses().keySet()) {
      MigrationState state = all.get(name);
      if (state != null) {
        ours.put(name, state);
      }
    }
    return ours;
  }

  /// Takes a step, if it is time to.
  ///
  /// @return whether something is to be expected of it
  private boolean take(Step step) throws SQLException {
    return switch (step) {
      case Step.Trigger(List<String> names) -> {
        List<String> due = names.stream().filter(name -> isTime("trigger " + name)).toList();
        if (!due.isEmpty()) {
          int started = calls.trigger(due);
          report.say("triggered %d, of which %d started".formatted(due.size(), started));
        }
        yield true;
      }
      case Step.TriggerDue(String name) -> {
        if (isTime("trigger " + name)) {
          report.say("triggers whatever is due, which " + name + " is");
          calls.triggerDue();
        }
        yield true;
      }
      case Step.TriggerAgainstLock(String name, String table) -> {
        if (isTime("trigger " + name)) {
          holdLock(table);
          report.say("a transaction holds %s; triggers %s".formatted(table, name));
          calls.trigger(List.of(name));
        }
        yield true;
      }
      case Step.WriteMeanwhile(String name, String table) -> {
        if (trafficSince == 0) {
          traffic = Traffic.on(database.get(), table, sample.rows(), SESSIONS);
          trafficSince = System.nanoTime();
          report.say("%d sessions write to %s beside %s".formatted(SESSIONS, table, name));
        }
        yield true;
      }
      case Step.RepairAndRetry(String name, String repair) ->
          attempt(
              "retry " + name,
              () -> {
                report.say("%s: deleted %d rows; retries".formatted(name, execute(repair)));
                calls.retry(name);
              });
      case Step.RollBack(String name) ->
          attempt(
              "rollback " + name,
              () -> {
                report.say(name + ": rolls back");
                calls.rollBack(name);
              });
      case Step.RollBackIrreversible(String name) -> {
        if (refusals.getOrDefault("rollback " + name, 0) == 0) {
          report.say(name + ": asks for a rollback, which it has none of");
          attempt("rollback " + name, () -> calls.rollBack(name));
        }
        yield false;
      }
    };
  }

  private interface Action {
    void run() throws SQLException;
  }

  /// A refusal may be due to something that has just happened: then the next look will not ask for
  /// the same again.
  private boolean attempt(String key, Action action) throws SQLException {
    if (refusals.getOrDefault(key, 0) == MOST_REFUSALS) {
      return false;
    }
    if (isTime(key)) {
      try {
        action.run();
      } catch (Refusal e) {
        if (!FINAL_REFUSALS.contains(e.errorType())) {
          throw e;
        }
        refusals.merge(key, 1, Integer::sum);
        report.say("refused: " + e.getMessage());
      }
    }
    return true;
  }

  private boolean isTime(String key) {
    Long last = taken.get(key);
    if (last != null && !hasPassed(last, pace.repeat())) {
      return false;
    }
    taken.put(key, System.nanoTime());
    return true;
  }

  private void holdLock(String table) throws SQLException {
    if (lock == null) {
      lock = HeldLock.on(database.get(), table);
      lockedSince = System.nanoTime();
      metSince = 0;
    }
  }

  /// The queue may be long: the time counts from the first attempt that met the lock.
  private void releaseLock(Map<String, MigrationState> states) throws SQLException {
    if (lock == null) {
      return;
    }
    MigrationState state = states.get(Scenario.MEETS_LOCK);
    if (metSince == 0 && state != null && state.attempt() > 0) {
      metSince = System.nanoTime();
    }
    if ((metSince != 0 && hasPassed(metSince, pace.lockHeld()))
        || hasPassed(lockedSince, pace.outage())) {
      lock.close();
      lock = null;
      report.say("the transaction that held " + Scenario.LOCKED_TABLE + " is over");
    }
  }

  private void endTraffic(Map<String, MigrationState> states) throws SQLException {
    if (traffic == null) {
      return;
    }
    MigrationState state = states.get(Scenario.BATCHED);
    boolean isAlone = state == null || state.hasEnded();
    if (isAlone || hasPassed(trafficSince, pace.traffic())) {
      traffic.close();
      report.say("the sessions are gone, after %,d writes".formatted(traffic.writes()));
      traffic = null;
    }
  }

  private int execute(String sql) throws SQLException {
    try (Connection connection = database.get().connect();
        Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  /// The demo outlives a stack that is killed and started again.
  private <E extends Exception> void waitOut(E cause, boolean isFinal) throws E {
    if (outageSince == 0) {
      outageSince = System.nanoTime();
      if (!isFinal) {
        report.say("waits, because of: " + cause.getMessage());
      }
    }
    if (isFinal || hasPassed(outageSince, pace.outage())) {
      throw cause;
    }
  }

  /// 08: no connection. 57P: the server is stopping or starting.
  private static boolean isOutage(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("08") || state.startsWith("57P");
  }

  private static boolean hasPassed(long since, Duration duration) {
    return System.nanoTime() - since >= duration.toNanos();
  }

  @Override
  public void close() throws SQLException {
    if (lock != null) {
      lock.close();
      lock = null;
    }
    if (traffic != null) {
      traffic.close();
      traffic = null;
    }
  }
}
