package dev.longhaul.execution;

import dev.longhaul.Longhaul;
import dev.longhaul.database.Dialect;
import dev.longhaul.database.PostgresTarget;
import dev.longhaul.database.SqlState;
import dev.longhaul.database.Target;
import dev.longhaul.database.WorkSession;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalConnection;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.JournalFailure;
import dev.longhaul.journal.Lookout;
import dev.longhaul.journal.Meta;
import dev.longhaul.journal.SessionLock;
import dev.longhaul.journal.Steering;
import dev.longhaul.logging.Log;
import dev.longhaul.metrics.Meter;
import dev.longhaul.metrics.Metric;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Outcome;
import dev.longhaul.migration.Window;
import dev.longhaul.queue.Pointer;
import dev.longhaul.queue.WorkQueue;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an executor does with a message: look whether there is work, take it if nobody has it, run
/// it, record how it ended, and tell those who wait for it. A message that is doubled, late or
/// stale finds nothing to do on the way.
final class Executor {
  /// How soon to look again at a session whose connection was lost.
  private static final Duration FIRST_LOOK = Duration.ofSeconds(15);

  /// How many of those that wait for a table are told that an attempt has ended. It need not be the
  /// attempt that they wait for, and only one of them gets in.
  private static final int NEXT_IN_LANE = 3;

  private static final int EVENTS = 50;

  private static final String ROLLED_BACK_BELOW =
      "what it depends on has been rolled back at the same moment";

  private final Longhaul longhaul;
  private final Backoff backoff;

  Executor(Longhaul longhaul, Backoff backoff) {
    this.longhaul = longhaul;
    this.backoff = backoff;
  }

  /// @throws dev.longhaul.migration.Refusal for a target that is unknown or not available
  void execute(Pointer pointer, TimeBudget time) {
    Target target = longhaul.targets().get(pointer.target());
    Meter meter = new Meter(time.context().getFunctionName(), target.name());
    try (Journal journal = longhaul.journals().open(target)) {
      journal
          .find(pointer.migrationName())
          .ifPresent(entry -> execute(entry, pointer, target, journal, time, meter));
    } finally {
      meter.add(Metric.LAMBDA_DURATION, Math.max(1, time.spent().toMillis()));
      meter.write();
    }
  }

  private void execute(
      JournalEntry entry,
      Pointer pointer,
      Target target,
      Journal journal,
      TimeBudget time,
      Meter meter) {
    Log.add(Map.of("attempt", entry.attempt()));
    Tally tally = new Tally(meter);
    if (Integer.valueOf(entry.attempt()).equals(pointer.attempt())) {
      tally.foundEnded(entry);
    }
    if (!mayRun(entry)) {
      return;
    }
    if (!waitsForDependencies(journal, entry) && !waitsForWindow(journal, entry)) {
      Outcome outcome = attempt(target, journal, entry, time, tally);
      tally.ended(outcome);
      Log.info("attempt ended", Map.of("outcome", outcome.getClass().getSimpleName()));
      follow(journal, pointer, outcome);
    }
    new Lookout(journal).bill(pointer.migrationName(), time.spent());
  }

  private static boolean mayRun(JournalEntry entry) {
    return entry.status() == MigrationStatus.STARTED
        || entry.status() == MigrationStatus.IN_PROGRESS;
  }

  private static boolean waitsForDependencies(Journal journal, JournalEntry entry) {
    Map<String, MigrationStatus> unfinished = unfinishedDependencies(journal, entry);
    if (unfinished.isEmpty()) {
      return false;
    }
    new Steering(journal)
        .waiting(entry, Meta.waitingFor(entry.meta(), unfinished), nextLook(journal, entry));
    return true;
  }

  private static Map<String, MigrationStatus> unfinishedDependencies(
      Journal journal, JournalEntry entry) {
    return entry.direction() == Direction.BACKWARDS || entry.status() != MigrationStatus.STARTED
        ? Map.of()
        : journal.unfinishedDependencies(entry.migration());
  }

  /// What has been claimed inside of its window is let go on after its end, and so is one whose
  /// executor is gone: what became of its statement has to be found out. A rollback waits for
  /// nothing, since somebody needs it now.
  private boolean waitsForWindow(Journal journal, JournalEntry entry) {
    @Nullable Window window = entry.migration().window();
    if (window == null
        || entry.direction() == Direction.BACKWARDS
        || entry.status() != MigrationStatus.STARTED) {
      return false;
    }
    Instant now = journal.now();
    if (window.isOpen(now)) {
      return false;
    }
    Instant opening = opening(window, now, entry.notBefore());
    new Steering(journal)
        .waitingUntil(entry, Meta.waitingForWindow(entry.meta(), window, opening), opening);
    Duration wait = Duration.between(now, opening);
    if (wait.compareTo(WorkQueue.LONGEST_DELAY) <= 0) {
      send(entry, wait);
    }
    return true;
  }

  /// @param notBefore what the window does not overrule: `run_at`, or the time of the next try
  private static Instant opening(Window window, Instant now, @Nullable Instant notBefore) {
    Instant earliest = notBefore == null || notBefore.isBefore(now) ? now : notBefore;
    return window.isOpen(earliest) ? earliest : window.nextOpening(earliest);
  }

  /// The work connection's session is the lease: it holds the migration's lock until its backend is
  /// gone, so who cannot have the lock knows that the work is in flight.
  private Outcome attempt(
      Target target, Journal journal, JournalEntry entry, TimeBudget time, Tally tally) {
    try (WorkSession session = longhaul.workSessions().open(target, "longhaul:" + entry.name())) {
      Outcome outcome = claimAndRun(session, target, journal, entry, time, tally);
      if (!(outcome instanceof Outcome.Unknown)) {
        session.keep();
      }
      return outcome;
    } catch (SQLException e) {
      return new Outcome.Unknown("SQLSTATE " + SqlState.of(e));
    } catch (JournalFailure e) {
      if (SqlState.isConnectionLoss(e.sqlState())) {
        return new Outcome.Unknown("SQLSTATE " + e.sqlState());
      }
      throw e;
    }
  }

  private Outcome claimAndRun(
      WorkSession session,
      Target target,
      Journal journal,
      JournalEntry entry,
      TimeBudget time,
      Tally tally)
      throws SQLException {
    JournalConnection work = new JournalConnection(session.connection(), target.dialect());
    if (target.dialect() == Dialect.SQLITE) {
      Outcome outcome = new SqliteRun(work).run(entry);
      if (!(outcome instanceof Outcome.ClaimLost)) {
        tally.claimed(entry);
      }
      return outcome;
    }
    if (!SessionLock.tryAcquire(work, SessionLock.of(entry.name()))) {
      return new Outcome.InFlight();
    }
    if (!Lane.enter(work, entry)) {
      return new Outcome.Wait(Lane.TAKEN);
    }
    Optional<Attempt> attempt = Attempt.claim(work, entry);
    if (attempt.isEmpty()) {
      return new Outcome.ClaimLost();
    }
    Log.add(Map.of("attempt", attempt.get().number()));
    tally.claimed(entry);
    Attendance attendance =
        new Attendance(
            journal, time, stay(entry, time), pooler(target, attempt.get()), tally.meter());
    // A rollback may have come since the first look. From the claim on it is refused.
    Outcome outcome =
        unfinishedDependencies(journal, entry).isEmpty()
            ? new ScriptRun(attempt.get(), target, attendance, backoff).run()
            : new Outcome.Wait(ROLLED_BACK_BELOW);
    record(attempt.get(), outcome);
    return outcome;
  }

  /// The one place where an outcome becomes a transition; while the lock is still held.
  private static void record(Attempt attempt, Outcome outcome) {
    switch (outcome) {
      case Outcome.Failed(var error) -> attempt.execute(attempt.fail(error));
      case Outcome.Retry(var error, Duration delay) -> attempt.execute(attempt.retry(error, delay));
      case Outcome.Wait(String reason) -> attempt.execute(attempt.waitFor(reason));
      case Outcome.Continue() -> attempt.execute(attempt.continueLater());
      case Outcome.Stopped() -> attempt.execute(attempt.stop());
      // Written by the server together with the work.
      case Outcome.Recorded(MigrationStatus status) -> {}
      // Written before it was left.
      case Outcome.Detached() -> {}
      // Nothing is known, or nothing is ours to say.
      case Outcome.Unknown(String reason) -> {}
      case Outcome.InFlight() -> {}
      case Outcome.ClaimLost() -> {}
    }
  }

  private static @Nullable String pooler(Target target, Attempt attempt) throws SQLException {
    return target instanceof PostgresTarget postgres && attempt.entry().backend() != null
        ? postgres
            .pooler(attempt.connection().connection(), attempt.entry().backend().pid())
            .orElse(null)
        : null;
  }

  /// Unless the migration asks for more, a function stays for a sixth of its time at most: else
  /// what a short one is billed would be most of a long statement's time.
  private Duration stay(JournalEntry entry, TimeBudget time) {
    Duration wanted = detachAfter(entry);
    Duration most = time.given().dividedBy(6);
    return entry.migration().detachAfter() == null && wanted.compareTo(most) > 0 ? most : wanted;
  }

  private Duration detachAfter(JournalEntry entry) {
    @Nullable Duration asked = entry.migration().detachAfter();
    return asked == null ? longhaul.detachAfter() : asked;
  }

  /// Sends what has to come back, or those who have waited for this one.
  private void follow(Journal journal, Pointer pointer, Outcome outcome) {
    JournalEntry entry = journal.find(pointer.migrationName()).orElseThrow();
    switch (outcome) {
      case Outcome.ClaimLost() -> {}
      case Outcome.Unknown(String reason) -> sendLook(entry, FIRST_LOOK);
      case Outcome.Detached() -> sendLook(entry, Look.next(detachAfter(entry)));
      case Outcome.InFlight() ->
          new Look(journal, entry, detachAfter(entry))
              .look()
              .ifPresent(next -> sendLook(entry, next));
      // Whoever is in the way sends for it; if that gets lost, the sweep does.
      case Outcome.Wait(String reason) ->
          new Steering(journal)
              .waiting(entry, Meta.waiting(entry.meta(), reason), nextLook(journal, entry));
      case Outcome.Retry(var error, Duration delay) -> send(entry, delay);
      case Outcome.Continue() -> send(entry, Duration.ZERO);
      case Outcome.Recorded(MigrationStatus status) when status == MigrationStatus.STARTED ->
          send(entry, journal.untilDue(entry.name()));
      case Outcome.Recorded(MigrationStatus status) -> sendDependents(journal, entry);
      case Outcome.Failed(var error) -> sendDependents(journal, entry);
      case Outcome.Stopped() when entry.status() == MigrationStatus.STARTED ->
          send(entry, Duration.ZERO);
      case Outcome.Stopped() -> sendDependents(journal, entry);
    }
    if (Lane.isUsedBy(entry)
        && !(outcome instanceof Outcome.ClaimLost
            || outcome instanceof Outcome.InFlight
            || outcome instanceof Outcome.Detached
            || outcome instanceof Outcome.Wait)) {
      sendNextInLane(journal, entry);
    }
    longhaul.events().publish(journal, EVENTS);
  }

  private void sendNextInLane(Journal journal, JournalEntry entry) {
    longhaul
        .queue()
        .send(entry.migration().target(), journal.waitingBecause(Lane.TAKEN, NEXT_IN_LANE));
  }

  private void send(JournalEntry entry, Duration delay) {
    longhaul.queue().send(entry.migration().target(), List.of(entry.name()), delay);
  }

  private void sendLook(JournalEntry entry, Duration delay) {
    longhaul.queue().sendLook(entry.migration().target(), entry.name(), entry.attempt(), delay);
  }

  /// They run now, or note whom they wait for in vain.
  private void sendDependents(Journal journal, JournalEntry entry) {
    longhaul
        .queue()
        .send(
            entry.migration().target(),
            journal.dependents(entry.name(), Set.of(MigrationStatus.STARTED)));
  }

  private static Duration nextLook(Journal journal, JournalEntry entry) {
    return Look.next(journal.sinceChange(entry.name()));
  }
}
