package dev.longhaul.execution;

import dev.longhaul.database.Dialect;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.Ranges;
import dev.longhaul.migration.StatementKind;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Statements and their journal entry as one message to the server. It runs them, records their
/// end, good or bad, and commits, in one transaction, whether or not anybody is connected any more.
/// So the journal says FINISHED if and only if the work is committed.
///
/// A `do` block, for it can catch an error, undo the work (the inner block is a subtransaction) and
/// still record why. It checks first that its attempt is still the one that counts and that nobody
/// has asked it to stop; a cancel (57014) is not caught by `others`, so that `pg_cancel_backend`
/// gets through to the client. Should another attempt have begun while it ran (the lock was given
/// up, by the script or by an administrator), the whole transaction ends with SQLSTATE
/// [Ranges#TAKEN_OVER].
final class ServerUnit {
  static final Duration DEFAULT_LOCK_TIMEOUT = Duration.ofSeconds(3);
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final String ERROR =
      "pg_catalog.jsonb_build_object('error', pg_catalog.jsonb_strip_nulls(unit_error))";
  private static final String REASON = "unit_state || ': ' || unit_message";

  private ServerUnit() {}

  /// The statements from the first that is not done to `to` (exclusive, counted from 0), in the
  /// role that those before have taken, with a checkpoint behind them, or the script's end if they
  /// reach it.
  static String sql(Attempt attempt, JournalEntry entry, int to, Duration retryDelay) {
    int from = entry.steps().done();
    List<String> statements = entry.statements().subList(from, to);
    String tag = unusedTag(entry.statements());
    StringBuilder work = new StringBuilder();
    IntStream.concat(Settings.role(entry.statements(), from).stream(), IntStream.range(from, to))
        .forEach(
            i ->
                work.append("unit_statement := %d;\n".formatted(i + 1))
                    .append("execute ")
                    .append(quoted(entry.statements().get(i), tag + i))
                    .append(";\n"));
    boolean mayRetry = entry.failedAttempts() + 1 < entry.migration().maxAttempts();
    boolean last = to == entry.statements().size();
    // Retryable are the codes of SqlState.isRetryable without the loss of a connection, which no
    // statement can catch; 25001 and 2D000 refuse a transaction.
    String body =
        """
        #variable_conflict use_column
        declare
          unit_statement integer := 0;
          unit_state text;
          unit_message text;
          unit_detail text;
          unit_hint text;
          unit_error jsonb;
        begin
          if not exists (
            select from longhaul.async_migration
            where name = %s and status = 'IN PROGRESS' and attempt = %s and stop_requested is null
          ) then
            return;
          end if;
          begin
            %s
            %s
            unit_statement := null;
          set constraints all immediate;
          exception when others then
            get stacked diagnostics
              unit_state = returned_sqlstate, unit_message = message_text,
              unit_detail = pg_exception_detail, unit_hint = pg_exception_hint;
            unit_error := pg_catalog.jsonb_build_object(
              'sqlstate', unit_state, 'message', unit_message, 'detail', nullif(unit_detail, ''),
              'hint', nullif(unit_hint, ''), 'statement_number', unit_statement);
            if unit_state in ('25001', '2D000') then
              %s;
            elsif %s and (unit_state in ('55P03', '40001', '40P01') or unit_state like '53%%') then
              %s;
            else
              %s;
            end if;
            return;
          end;
          %s;
          %s;
          if not found then
            raise exception 'another attempt has taken over' using errcode = '%s';
          end if;
        end
        """
            .formatted(
                Dialect.literal(entry.name()),
                entry.attempt(),
                lockTimeout(entry, statements),
                work,
                attempt.outsideTransactionInServer("unit_statement").inlined(),
                mayRetry,
                attempt.retryInServer(ERROR, REASON, retryDelay).inlined(),
                attempt.failInServer(ERROR, REASON).inlined(),
                Settings.OWN,
                (last ? attempt.finish() : attempt.checkpoint(to)).inlined(),
                Ranges.TAKEN_OVER);
    return "do " + quoted(body, tag);
  }

  /// Only where DDL waits for a table: its waiting lock stalls everybody behind it. Rows that wait
  /// for rows stall nobody, so pure DML may wait, unless the migration asks otherwise.
  private static String lockTimeout(JournalEntry entry, List<String> statements) {
    @Nullable Duration asked = entry.migration().lockTimeout();
    boolean definesSomething =
        statements.stream()
            .map(StatementKind::of)
            .anyMatch(kind -> kind instanceof StatementKind.Definition);
    if (asked == null && !definesSomething) {
      return "";
    }
    Duration timeout = asked == null ? DEFAULT_LOCK_TIMEOUT : asked;
    return "perform pg_catalog.set_config('lock_timeout', '" + timeout.toMillis() + "', true);";
  }

  private static String quoted(String text, String tag) {
    return "$" + tag + "$" + text + "$" + tag + "$";
  }

  /// A dollar quote's tag that no statement holds.
  private static String unusedTag(List<String> statements) {
    String tag;
    do {
      byte[] bytes = new byte[8];
      RANDOM.nextBytes(bytes);
      tag = "longhaul_" + HexFormat.of().formatHex(bytes) + "_";
    } while (contains(statements, tag));
    return tag;
  }

  private static boolean contains(List<String> statements, String text) {
    return statements.stream().anyMatch(statement -> statement.contains(text));
  }
}
