package dev.longhaul.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.ErrorDetails;
import dev.longhaul.migration.Transition;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One claim of a migration and everything that its executor writes to the journal. Every statement
/// is guarded by the attempt's number: an executor that has lost its claim changes nothing.
///
/// @param entry as it was when it was claimed
/// @param connection the work connection, whose session holds the migration's lock
public record Attempt(JournalEntry entry, JournalConnection connection) {
  /// What only an attempt that is IN PROGRESS has; how many rows are done stays.
  static final String LEAVE =
      "stop_requested = null, backend_pid = null, backend_start = null, detached_at = null,"
          + " progress = case when batch is null then null else progress end,";

  private static final String GUARD = "where name = ? and status = 'IN PROGRESS' and attempt = ?";

  /// What leaving IN PROGRESS clears, and the time of it.
  private String leave() {
    return LEAVE + " changed_by = null, changed_at = " + now() + " ";
  }

  private String now() {
    return connection.dialect().now();
  }

  /// Claims a migration for the session of `connection`, if its status and attempt are still as
  /// they were seen and its time has come. A claim of what was IN PROGRESS counts the attempt whose
  /// backend has vanished as failed, unless that was left to the server: then what became of it is
  /// still to be found out, and `detached_at` stays until it is. Who has asked for a stop stays,
  /// for the history.
  public static Optional<Attempt> claim(JournalConnection connection, JournalEntry seen) {
    String backend =
        switch (connection.dialect()) {
          case POSTGRESQL ->
              """
              backend_pid = pg_catalog.pg_backend_pid(),
              backend_start = (select backend_start
                               from pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid())),
              """;
          case SQLITE -> "";
        };
    return connection
        .first(
            new Rows(connection.dialect(), seen.migration().target())::entry,
            """
            update longhaul.async_migration set
              status = ?, meta = ?, attempt = attempt + 1,
              failed_attempts = failed_attempts
                + case when status = 'IN PROGRESS' and detached_at is null then 1 else 0 end,
              %s
              started_at = coalesce(started_at, current_timestamp), not_before = null,
              next_look_at = %s,
              changed_at = current_timestamp,
              changed_by = case when stop_requested is not null then changed_by end,
              change_reason = case when stop_requested is not null then change_reason
                when detached_at is not null then 'looked after what was left to the server'
                when status = 'IN PROGRESS' then 'the earlier attempt has died; this one goes on'
                when steps_done = 0 and progress is null then 'begun' else 'gone on with' end
            where name = ? and status in (%s) and status = ? and attempt = ?
              and (not_before is null or not_before <= current_timestamp)
            returning %s
            """
                .formatted(
                    backend,
                    connection
                        .dialect()
                        .nowPlusSeconds(Integer.toString(Journal.FIRST_LOOK_SECONDS)),
                    Journal.labels(Transition.CLAIM.from()),
                    Rows.ENTRY_COLUMNS),
            Transition.CLAIM.to().label(),
            Meta.withoutWaiting(seen.meta()).toString(),
            seen.name(),
            seen.status().label(),
            seen.attempt())
        .map(entry -> new Attempt(entry, connection));
  }

  /// The journal's present view of this attempt; empty if another attempt has taken over.
  public Optional<JournalEntry> reread() {
    return connection.first(
        new Rows(connection.dialect(), entry.migration().target())::entry,
        "select "
            + Rows.ENTRY_COLUMNS
            + " from longhaul.async_migration where name = ? and attempt = ?",
        entry.name(),
        entry.attempt());
  }

  /// @return whether this attempt still counts
  public boolean execute(BoundSql sql) {
    return connection.update(sql) > 0;
  }

  public String name() {
    return entry.name();
  }

  public int number() {
    return entry.attempt();
  }

  /// The end of the script in the direction that runs: FINISHED or ROLLED BACK.
  public BoundSql finish() {
    return finish(Meta.withoutPast(entry.meta()), "every step is done", entry.steps().total());
  }

  /// FINISHED without a statement being run.
  public BoundSql skip(String reason) {
    return finish(Meta.skipped(entry.meta(), reason), reason, entry.steps().done());
  }

  private BoundSql finish(ObjectNode meta, String reason, int stepsDone) {
    Transition transition =
        entry.direction() == Direction.FORWARDS ? Transition.FINISH : Transition.UNDO;
    return new BoundSql(
        "update longhaul.async_migration set status = ?, meta = ?, change_reason = ?, steps_done ="
            + " ?, step_in_doubt = false, not_before = null, next_look_at = null, finished_at = "
            + now()
            + ", "
            + leave()
            + GUARD,
        transition.to().label(),
        meta.toString(),
        reason,
        stepsDone,
        entry.name(),
        entry.attempt());
  }

  /// A step's end, in the same transaction as its work where it has one.
  public BoundSql checkpoint(int stepsDone) {
    return new BoundSql(
        "update longhaul.async_migration set steps_done = ?, step_in_doubt = false,"
            + " detached_at = null, progress = null "
            + GUARD,
        stepsDone,
        entry.name(),
        entry.attempt());
  }

  /// Written before a statement that refuses a transaction, with the time and the transaction, and
  /// taken back when its outcome is known.
  public BoundSql inDoubt(boolean doubt) {
    return new BoundSql(
        "update longhaul.async_migration set step_in_doubt = ?, progress = null"
            + (doubt
                ? ", step_begun_at = current_timestamp,"
                    + " step_begun_xid = pg_catalog.pg_current_xact_id() "
                : " ")
            + GUARD,
        doubt,
        entry.name(),
        entry.attempt());
  }

  /// Written before what an unsuccessful statement has left is removed.
  ///
  /// @param error what the attempt will end with, should another one have to end it
  public BoundSql cleaningUp(@Nullable ErrorDetails error) {
    return new BoundSql(
        "update longhaul.async_migration set progress = ? " + GUARD,
        Progress.cleaningUp(error).toString(),
        entry.name(),
        entry.attempt());
  }

  /// The server has refused to run a statement inside a transaction.
  ///
  /// @param statementNumber a PL/pgSQL expression
  public BoundSql outsideTransactionInServer(String statementNumber) {
    return new BoundSql(
        "update longhaul.async_migration set outside_transaction = outside_transaction || "
            + "pg_catalog.jsonb_build_array("
            + statementNumber
            + ") "
            + GUARD,
        entry.name(),
        entry.attempt());
  }

  public BoundSql fail(ErrorDetails error) {
    return fail("?", "?", Meta.failed(entry.meta(), error).toString(), reason(error));
  }

  /// The same inside a unit that runs in the server: `error` and `reason` are PL/pgSQL expressions,
  /// jsonb and text.
  public BoundSql failInServer(String error, String reason) {
    return fail("cast(? as jsonb) || " + error, reason, emptyMeta());
  }

  private BoundSql fail(String meta, String reason, @Nullable Object... parameters) {
    return withGuard(
        "update longhaul.async_migration set status = 'ERROR', meta = "
            + meta
            + ", change_reason = "
            + reason
            + ", failed_attempts = failed_attempts + 1, not_before = null,"
            + " next_look_at = null, finished_at = "
            + now()
            + ", "
            + leave()
            + GUARD,
        parameters);
  }

  /// Back to the queue after a retryable error; claimable once `delay` is over.
  public BoundSql retry(ErrorDetails error, Duration delay) {
    return retry("?", "?", delay, Meta.failed(entry.meta(), error).toString(), reason(error));
  }

  public BoundSql retryInServer(String error, String reason, Duration delay) {
    return retry("cast(? as jsonb) || " + error, reason, delay, emptyMeta());
  }

  private BoundSql retry(
      String meta, String reason, Duration delay, @Nullable Object... parameters) {
    String seconds = Double.toString(delay.toMillis() / 1000.0);
    return withGuard(
        "update longhaul.async_migration set meta = "
            + meta
            + ", failed_attempts = failed_attempts + 1, not_before = "
            + unlessStopped(connection.dialect().nowPlusSeconds(seconds), "null")
            + ", "
            + toQueue(reason, seconds + " + " + Journal.FIRST_LOOK_SECONDS)
            + GUARD,
        parameters);
  }

  /// Back to the queue to let something else pass; no failure.
  public BoundSql waitFor(String reason) {
    return requeue(reason, Meta.waiting(entry.meta(), reason));
  }

  /// Back to the queue at the function's deadline; no failure.
  public BoundSql continueLater() {
    return requeue("the time of the function is up", entry.meta());
  }

  private BoundSql requeue(String reason, ObjectNode meta) {
    return new BoundSql(
        "update longhaul.async_migration set meta = ?, "
            + toQueue("?", Integer.toString(Journal.FIRST_LOOK_SECONDS))
            + GUARD,
        meta.toString(),
        reason,
        entry.name(),
        entry.attempt());
  }

  /// PAUSED or CANCELLED, whichever a person has asked for last; or back to the queue, where a
  /// pause was withdrawn in the meantime.
  public BoundSql stop() {
    return new BoundSql(
        "update longhaul.async_migration set "
            + toQueue("?", Integer.toString(Journal.FIRST_LOOK_SECONDS))
            + GUARD,
        "the pause was withdrawn",
        entry.name(),
        entry.attempt());
  }

  /// STARTED, or what somebody has asked for, who stays in the history: all that an attempt last
  /// knew of it may be out of date.
  ///
  /// @param firstLook seconds from now on, an expression
  private String toQueue(String reason, String firstLook) {
    return "status = coalesce(stop_requested, 'STARTED'), change_reason = "
        + unlessStopped(reason, "change_reason")
        + ", changed_by = "
        + unlessStopped("null", "changed_by")
        + ", next_look_at = "
        + unlessStopped(connection.dialect().nowPlusSeconds(firstLook), "null")
        + ", finished_at = case when stop_requested = 'CANCELLED' then "
        + now()
        + " end, "
        + LEAVE
        + " changed_at = "
        + now()
        + " ";
  }

  private static String unlessStopped(String value, String otherwise) {
    return "case when stop_requested is null then " + value + " else " + otherwise + " end";
  }

  /// More of an error than the server could record by itself.
  public BoundSql explain(ErrorDetails error) {
    return new BoundSql(
        "update longhaul.async_migration set meta = ? where name = ? and attempt = ? and status in"
            + " ('ERROR', 'STARTED')",
        Meta.failed(entry.meta(), error).toString(),
        entry.name(),
        entry.attempt());
  }

  private BoundSql withGuard(String sql, @Nullable Object... parameters) {
    @Nullable Object[] all = java.util.Arrays.copyOf(parameters, parameters.length + 2);
    all[parameters.length] = entry.name();
    all[parameters.length + 1] = entry.attempt();
    return new BoundSql(sql, all);
  }

  private String emptyMeta() {
    return Meta.withoutPast(entry.meta()).toString();
  }

  private static String reason(ErrorDetails error) {
    return error.sqlState() + ": " + error.message();
  }
}
