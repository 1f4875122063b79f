package dev.longhaul.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.database.Dialect;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.MigrationStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns rows of the journal into records, and lists into JSON columns.
///
/// @param target the migrations' target, which the journal itself does not need to say
record Rows(Dialect dialect, String target) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static final String ENTRY_COLUMNS =
      """
      name, status, direction, attempt, failed_attempts, meta, sql_forwards, sql_backwards, checksum,
      apply_on_sqlite, execute_immediately, depends_on, run_at, time_window, lock_timeout_ms, detach_after_ms, max_attempts,
      requested_by, batch, batch_run, steps_done, steps_total, step_in_doubt, outside_transaction, stop_requested,
      backend_pid, backend_start, detached_at, progress, lambda_ms, not_before, created_at, started_at, finished_at, changed_at
      """;

  static final String HISTORY_COLUMNS =
      "id, migration_name, from_status, to_status, direction, attempt, reason, requested_by, at";

  JournalEntry entry(ResultSet row) throws SQLException {
    return new JournalEntry(
        migration(row),
        row.getString("checksum"),
        status(row.getString("status")),
        Direction.valueOf(row.getString("direction")),
        row.getInt("attempt"),
        row.getInt("failed_attempts"),
        (ObjectNode) json(row.getString("meta")),
        new JournalEntry.Steps(
            row.getInt("steps_done"),
            row.getInt("steps_total"),
            row.getBoolean("step_in_doubt"),
            integers(row.getString("outside_transaction"))),
        nullableStatus(row.getString("stop_requested")),
        backend(row),
        run(row),
        dialect.instant(row, "not_before"),
        new JournalEntry.Times(
            time(row, "created_at"),
            dialect.instant(row, "started_at"),
            dialect.instant(row, "finished_at"),
            time(row, "changed_at")));
  }

  JournalEntry.Run run(ResultSet row) throws SQLException {
    return new JournalEntry.Run(
        dialect.instant(row, "detached_at"),
        progress(row.getString("progress")),
        row.getLong("lambda_ms"),
        row.getInt("batch_run"));
  }

  private Migration migration(ResultSet row) throws SQLException {
    return new Migration(
        row.getString("name"),
        target,
        strings(row.getString("sql_forwards")),
        strings(row.getString("sql_backwards")),
        row.getBoolean("apply_on_sqlite"),
        row.getBoolean("execute_immediately"),
        strings(row.getString("depends_on")),
        dialect.instant(row, "run_at"),
        WindowColumn.read(row.getString("time_window")),
        duration(row, "lock_timeout_ms"),
        duration(row, "detach_after_ms"),
        row.getInt("max_attempts"),
        row.getString("requested_by"),
        BatchColumn.read(row.getString("batch")));
  }

  private static @Nullable Duration duration(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Duration.ofMillis(millis);
  }

  private static @Nullable ObjectNode progress(@Nullable String text) {
    return text == null ? null : (ObjectNode) json(text);
  }

  private JournalEntry.@Nullable Backend backend(ResultSet row) throws SQLException {
    Instant start = dialect.instant(row, "backend_start");
    return start == null ? null : new JournalEntry.Backend(row.getInt("backend_pid"), start);
  }

  HistoryEntry history(ResultSet row) throws SQLException {
    return new HistoryEntry(
        row.getLong("id"),
        row.getString("migration_name"),
        nullableStatus(row.getString("from_status")),
        status(row.getString("to_status")),
        Direction.valueOf(row.getString("direction")),
        row.getInt("attempt"),
        row.getString("reason"),
        row.getString("requested_by"),
        time(row, "at"));
  }

  private Instant time(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNull(dialect.instant(row, column), column);
  }

  private static @Nullable MigrationStatus nullableStatus(@Nullable String label) {
    return label == null ? null : status(label);
  }

  private static MigrationStatus status(String label) {
    return MigrationStatus.ofLabel(label)
        .orElseThrow(() -> new IllegalStateException("no such status: " + label));
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the journal holds text that is not JSON", e);
    }
  }

  static String jsonList(List<String> values) {
    ArrayNode list = JSON.createArrayNode();
    values.forEach(list::add);
    return list.toString();
  }

  private static List<String> strings(String json) {
    List<String> values = new ArrayList<>();
    json(json).forEach(value -> values.add(value.asText()));
    return values;
  }

  private static Set<Integer> integers(String json) {
    Set<Integer> values = new HashSet<>();
    json(json).forEach(value -> values.add(value.asInt()));
    return values;
  }
}
