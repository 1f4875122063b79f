package dev.longhaul.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.ErrorDetails;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How far a statement is that the server runs, from its progress views
/// (<https://www.postgresql.org/docs/current/progress-reporting.html>): what `progress` shows while
/// a migration is IN PROGRESS. Keys: `done`, `total`, `unit`, `phase`, `eta_seconds`, `moved_at`,
/// and `waits_for` while the statement waits for another session.
public final class Progress {
  /// The phase of an attempt that removes what an unsuccessful statement has left. A cancel leaves
  /// it alone.
  static final String CLEANING_UP = "removing what the statement has left";

  /// When the work has last got any further, by the clock of the function that watched it.
  static final String MOVED_AT = "moved_at";

  private static final ObjectMapper JSON = new ObjectMapper();

  /// Where a phase of an index build begins and ends in the whole of it, in percent. An estimate
  /// that nobody has measured: the ETA that comes of it is rough.
  private static final Map<String, int[]> INDEX_PHASES =
      Map.of(
          "building index: scanning table", new int[] {0, 45},
          "building index: sorting live tuples", new int[] {45, 50},
          "building index: loading tuples in tree", new int[] {50, 65},
          "index validation: scanning index", new int[] {65, 75},
          "index validation: sorting tuples", new int[] {75, 80},
          "index validation: scanning table", new int[] {80, 100});

  /// One row for every statement that reports itself. What waits for other transactions counts
  /// those; `done` may exceed `total` there, and is cut.
  private static final String VIEWS =
      """
      select pid, phase,
        case when phase like 'waiting%' then lockers_done when tuples_total > 0 then tuples_done else blocks_done end as done,
        case when phase like 'waiting%' then lockers_total when tuples_total > 0 then tuples_total else blocks_total end as total,
        case when phase like 'waiting%' then 'transaction' when tuples_total > 0 then 'row' else 'block' end as unit,
        nullif(current_locker_pid, 0) as locker
      from pg_catalog.pg_stat_progress_create_index
      union all
      select pid, phase, heap_blks_scanned, heap_blks_total, 'block', null
      from pg_catalog.pg_stat_progress_vacuum
      union all
      select pid, phase, heap_blks_scanned, heap_blks_total, 'block', null
      from pg_catalog.pg_stat_progress_cluster
      union all
      select pid, phase, sample_blks_scanned, sample_blks_total, 'block', null
      from pg_catalog.pg_stat_progress_analyze
      """;

  /// Not before PostgreSQL 14.
  private static final String COPY =
      """
      union all
      select pid, command, bytes_processed, bytes_total, 'byte', null
      from pg_catalog.pg_stat_progress_copy
      """;

  private static final int FIRST_WITH_COPY = 14;

  private final JournalConnection connection;

  public Progress(Journal journal) {
    this.connection = journal.connection();
  }

  /// What is shown while an attempt cleans up.
  static ObjectNode cleaningUp(@Nullable ErrorDetails error) {
    ObjectNode progress = JSON.createObjectNode().put("phase", CLEANING_UP);
    if (error != null) {
      progress.set(Meta.ERROR, Meta.error(error));
    }
    return progress;
  }

  /// The error that an attempt had to leave unrecorded when it left its clean-up to the server.
  public static Optional<ErrorDetails> errorOf(JournalEntry entry) {
    @Nullable ObjectNode progress = entry.run().progress();
    return progress == null || !progress.path(Meta.ERROR).isObject()
        ? Optional.empty()
        : Optional.of(Meta.details(progress.path(Meta.ERROR)));
  }

  /// Notes when the work has last got any further.
  ///
  /// @param before what was known at the look before
  /// @param hasMoved whether it has got further since
  public static void note(ObjectNode progress, @Nullable JsonNode before, boolean hasMoved) {
    String known = before == null ? "" : before.path(MOVED_AT).asText("");
    progress.put(MOVED_AT, known.isEmpty() || hasMoved ? Instant.now().toString() : known);
  }

  /// Empty for a statement that does not report itself.
  ///
  /// @param before what was known at the look before
  public Optional<ObjectNode> of(int pid, @Nullable ObjectNode before) {
    Optional<ObjectNode> progress = of(pid);
    progress.ifPresent(
        now ->
            note(
                now,
                before,
                before != null
                    && !(now.path("phase").equals(before.path("phase"))
                        && now.path("done").asLong() == before.path("done").asLong())));
    return progress;
  }

  private Optional<ObjectNode> of(int pid) {
    return connection.first(
        Progress::read,
        """
        select view.phase, view.done, view.total, view.unit,
          extract(epoch from pg_catalog.clock_timestamp() - own.query_start) as seconds,
          locker.pid as locker_pid, locker.application_name as locker_name,
          extract(epoch from pg_catalog.clock_timestamp() - locker.xact_start) as locker_age
        from (
        """
            + VIEWS
            + (hasCopy() ? COPY : "")
            + """
            ) as view
            join pg_catalog.pg_stat_activity as own on own.pid = view.pid
            left join pg_catalog.pg_stat_activity as locker on locker.pid = view.locker
            where view.pid = ?
            """,
        pid);
  }

  private boolean hasCopy() {
    try {
      return connection.connection().getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_COPY;
    } catch (SQLException e) {
      throw new JournalFailure(e);
    }
  }

  private static ObjectNode read(ResultSet row) throws SQLException {
    String phase = row.getString("phase");
    long total = row.getLong("total");
    long done = Math.min(row.getLong("done"), total);
    ObjectNode progress =
        JSON.createObjectNode()
            .put("done", done)
            .put("total", total)
            .put("unit", row.getString("unit"))
            .put("phase", phase)
            .put("eta_seconds", eta(phase, done, total, row.getDouble("seconds")));
    int locker = row.getInt("locker_pid");
    if (!row.wasNull()) {
      progress
          .putObject("waits_for")
          .put("pid", locker)
          .put("application_name", row.getString("locker_name"))
          .put("transaction_seconds", Math.round(row.getDouble("locker_age")));
    }
    return progress;
  }

  /// From the share of the work that is done and the time that it took. Null where that says
  /// nothing: at the very beginning, and while others are waited for.
  private static @Nullable Long eta(String phase, long done, long total, double seconds) {
    if (total <= 0 || phase.startsWith("waiting")) {
      return null;
    }
    int[] range = INDEX_PHASES.getOrDefault(phase, new int[] {0, 100});
    double share = (range[0] + (range[1] - range[0]) * ((double) done / total)) / 100;
    return share < 0.01 ? null : Math.round(seconds * (1 - share) / share);
  }
}
