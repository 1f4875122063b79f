package dev.longhaul.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.health.HealthLimits;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Transition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The transitions that people, schedules and pipelines ask for. Each is one UPDATE, guarded by the
/// status and the attempt that the caller has seen; `false` says that something was faster.
public final class Steering {
  /// Who asks, and why: both go to the history.
  public record Request(@Nullable String requestedBy, String reason) {}

  private final JournalConnection connection;

  public Steering(Journal journal) {
    this.connection = journal.connection();
  }

  /// Hands to the queue again, in the direction it had, after the steps that are done.
  public boolean start(JournalEntry entry, Transition transition, Request request) {
    return start(entry, transition, entry.direction(), entry.steps().done(), request);
  }

  /// Hands to the queue from the first statement of the script of `direction`.
  public boolean startFromTheBeginning(
      JournalEntry entry, Transition transition, Direction direction, Request request) {
    return start(entry, transition, direction, 0, request);
  }

  /// Hands to the queue again behind a statement of which nobody knew whether it had happened, and
  /// of which a person says that it has.
  public boolean resolveAsDone(JournalEntry entry, Request request) {
    return start(entry, Transition.RETRY, entry.direction(), entry.steps().done() + 1, request);
  }

  /// A statement in doubt stays so where the catalog can tell what has become of it. Where only a
  /// person can, who has been told so by an error, this is the word that it has to run again.
  private boolean start(
      JournalEntry entry, Transition transition, Direction direction, int done, Request request) {
    boolean sameScript = direction == entry.direction() && done == entry.steps().done();
    boolean isDecided = entry.status() == MigrationStatus.ERROR && entry.isDoubtForAPerson();
    return connection.update(
            """
            update longhaul.async_migration set
              status = ?, direction = ?, steps_done = ?, steps_total = ?,
              step_in_doubt = (step_in_doubt and ?),
              outside_transaction = case when ? then outside_transaction else '[]' end,
              batch_run = batch_run + case when ? then 0 else 1 end,
              progress = case when ? then %s end,
              failed_attempts = 0, meta = ?, finished_at = null, not_before = case when ? then not_before end,
              next_look_at = %s,
              changed_at = current_timestamp, changed_by = ?, change_reason = ?
            where name = ? and status in (%s) and status = ? and attempt = ?
            """
                .formatted(standingStill(), firstLook(), Journal.labels(transition.from())),
            transition.to().label(),
            direction.name(),
            done,
            entry.migration().statements(direction).size(),
            sameScript && !isDecided,
            direction == entry.direction(),
            sameScript,
            sameScript,
            Meta.withoutPast(entry.meta()).toString(),
            transition == Transition.RESUME,
            request.requestedBy(),
            request.reason(),
            entry.name(),
            entry.status().label(),
            entry.attempt())
        > 0;
  }

  /// Triggers every scheduled migration whose `run_at` has come.
  ///
  /// @param withoutRunAt also those that name no time
  /// @return the names
  public List<String> triggerScheduled(boolean withoutRunAt, Request request) {
    return connection.query(
        row -> row.getString("name"),
        """
        update longhaul.async_migration set
          status = '%s', not_before = null, next_look_at = %s,
          changed_at = current_timestamp, changed_by = ?, change_reason = ?
        where status in (%s) and %s
        returning name
        """
            .formatted(
                Transition.TRIGGER.to().label(),
                firstLook(),
                Journal.labels(Transition.TRIGGER.from()),
                withoutRunAt
                    ? "(run_at is null or run_at <= current_timestamp)"
                    : "run_at <= current_timestamp"),
        request.requestedBy(),
        request.reason());
  }

  /// PAUSED or CANCELLED, where no executor is at work.
  public boolean stop(JournalEntry entry, Transition transition, Request request) {
    return end(
        entry, transition, entry.direction(), entry.steps().done(), entry.steps().total(), request);
  }

  /// ROLLED BACK without a statement being run: nothing was applied.
  public boolean undo(JournalEntry entry, Request request) {
    return end(entry, Transition.UNDO, Direction.BACKWARDS, 0, 0, request);
  }

  private boolean end(
      JournalEntry entry,
      Transition transition,
      Direction direction,
      int done,
      int total,
      Request request) {
    return connection.update(
            """
            update longhaul.async_migration set
              status = ?, direction = ?, steps_done = ?, steps_total = ?,
              meta = ?, finished_at = case when ? then current_timestamp end,
              not_before = case when ? and not_before = run_at then not_before end, next_look_at = null, %s
              changed_at = current_timestamp, changed_by = ?, change_reason = ?
            where name = ? and status in (%s) and status = ? and attempt = ?
            """
                .formatted(Attempt.LEAVE, Journal.labels(transition.from())),
            transition.to().label(),
            direction.name(),
            done,
            total,
            Meta.withoutPast(entry.meta()).toString(),
            transition.to().isEnd(),
            transition == Transition.PAUSE,
            request.requestedBy(),
            request.reason(),
            entry.name(),
            entry.status().label(),
            entry.attempt())
        > 0;
  }

  /// Asks the running attempt to stop; it sees that between two steps. A cancel is not taken back.
  ///
  /// @param as PAUSED or CANCELLED
  public boolean requestStop(JournalEntry entry, MigrationStatus as, Request request) {
    return connection.update(
            """
            update longhaul.async_migration set
              stop_requested = ?, changed_by = ?, change_reason = ?
            where name = ? and status = ? and attempt = ?
              and (stop_requested is null or stop_requested <> 'CANCELLED' or ? = 'CANCELLED')
            """,
            as.label(),
            request.requestedBy(),
            request.reason(),
            entry.name(),
            MigrationStatus.IN_PROGRESS.label(),
            entry.attempt(),
            as.label())
        > 0;
  }

  /// Changes how a batched migration runs, also while it does. No transition, so there is no event
  /// to publish; the history has it, with who asked for it.
  ///
  /// @param fields of `batch` but `health`, which change
  /// @param health the limits that change
  public boolean set(JournalEntry entry, ObjectNode fields, HealthLimits health, Request request) {
    return connection.update(
            """
            with changed as (
              update longhaul.async_migration set batch = batch || cast(? as jsonb)
                || jsonb_build_object('health', coalesce(batch -> 'health', '{}') || cast(? as jsonb))
              where name = ? and batch is not null
              returning name, status, direction, attempt)
            insert into longhaul.async_migration_history
              (migration_name, from_status, to_status, direction, attempt, reason, requested_by, at, published_at)
            select name, status, status, direction, attempt, ?, ?, clock_timestamp(), clock_timestamp()
            from changed
            """,
            fields.toString(),
            health.toJson().toString(),
            entry.name(),
            request.reason(),
            request.requestedBy())
        > 0;
  }

  /// Takes back a pause that has not taken effect yet.
  public boolean withdrawPause(JournalEntry entry) {
    return connection.update(
            """
            update longhaul.async_migration set stop_requested = null, changed_by = null, change_reason = null
            where name = ? and status = ? and attempt = ? and stop_requested = ?
            """,
            entry.name(),
            MigrationStatus.IN_PROGRESS.label(),
            entry.attempt(),
            MigrationStatus.PAUSED.label())
        > 0;
  }

  /// Records what a triggered migration waits for; no transition, and no attempt spent.
  ///
  /// @param look when to look at it again
  public void waiting(JournalEntry entry, ObjectNode meta, Duration look) {
    connection.update(
        "update longhaul.async_migration set meta = ?, next_look_at = "
            + connection.dialect().nowPlusSeconds(Long.toString(look.toSeconds()))
            + " where name = ? and status = ? and attempt = ?",
        meta.toString(),
        entry.name(),
        MigrationStatus.STARTED.label(),
        entry.attempt());
  }

  /// Records that a triggered migration may not be claimed before `opening`, when the sweep sends
  /// it unless a message was there first; no transition, and no attempt spent.
  public void waitingUntil(JournalEntry entry, ObjectNode meta, Instant opening) {
    Object time = connection.dialect().timestamp(opening);
    connection.update(
        "update longhaul.async_migration set meta = ?, not_before = ?, next_look_at = ?, progress ="
            + " "
            + standingStill()
            + " where name = ? and status = ? and attempt = ?",
        meta.toString(),
        time,
        time,
        entry.name(),
        MigrationStatus.STARTED.label(),
        entry.attempt());
  }

  /// The progress of what has not moved for a good reason, so that nobody takes it for stuck.
  private String standingStill() {
    return switch (connection.dialect()) {
      case POSTGRESQL -> "progress - '" + Progress.MOVED_AT + "'";
      case SQLITE -> "json_remove(progress, '$." + Progress.MOVED_AT + "')";
    };
  }

  private String firstLook() {
    return connection.dialect().nowPlusSeconds(Integer.toString(Journal.FIRST_LOOK_SECONDS));
  }
}
