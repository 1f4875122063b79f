package dev.longhaul.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What people look at: numbers, and short lists without the SQL. The lists are limited and ordered
/// as an index is. The numbers take all migrations into account; the planner may scan their table
/// for that, and did so for 10,000 of them.
public final class Survey {
  static final String COUNTS =
      "select status, count(*) as number from longhaul.async_migration group by status";

  private static final String COLUMNS =
      """
      name, status, direction, attempt, meta, steps_done, steps_total, step_in_doubt, stop_requested,
      progress, detached_at, lambda_ms, batch_run, run_at, not_before, next_look_at, created_at, started_at, finished_at, changed_at
      """;

  static final String OF_STATUS =
      "select "
          + COLUMNS
          + " from longhaul.async_migration where status = ? order by changed_at desc limit ?";

  static final String LATEST =
      "select "
          + Rows.HISTORY_COLUMNS
          + " from longhaul.async_migration_history order by id desc limit ?";

  static final String LATEST_OF_ONE =
      "select "
          + Rows.HISTORY_COLUMNS
          + " from longhaul.async_migration_history where migration_name = ? order by id desc limit"
          + " ?";

  private final JournalConnection connection;
  private final Rows rows;

  public Survey(Journal journal) {
    this.connection = journal.connection();
    this.rows = new Rows(connection.dialect(), journal.target());
  }

  /// How many migrations are in each status; none that no migration is in.
  public Map<MigrationStatus, Long> counts() {
    Map<MigrationStatus, Long> counts = new EnumMap<>(MigrationStatus.class);
    connection
        .query(
            row ->
                Map.entry(
                    MigrationStatus.ofLabel(row.getString("status")).orElseThrow(),
                    row.getLong("number")),
            COUNTS)
        .forEach(count -> counts.put(count.getKey(), count.getValue()));
    return counts;
  }

  /// Those that came into the status last, first.
  public List<MigrationSummary> latest(MigrationStatus status, int limit) {
    return connection.query(this::summary, OF_STATUS, status.label(), limit);
  }

  /// What migrations to list.
  ///
  /// @param nameContains in any case; empty for all
  /// @param before the last name of the page before; null for the first page
  public record Filter(
      Set<MigrationStatus> statuses, String nameContains, @Nullable String before) {
    public Filter {
      statuses = Set.copyOf(statuses);
    }
  }

  /// By name, the highest number first: names are numbered, so the newest stand at the top.
  public List<MigrationSummary> list(Filter filter, int limit) {
    List<Object> parameters = new ArrayList<>();
    StringBuilder sql =
        new StringBuilder("select ")
            .append(COLUMNS)
            .append(" from longhaul.async_migration where status in (")
            .append(Journal.labels(filter.statuses()))
            .append(")");
    if (!filter.nameContains().isEmpty()) {
      sql.append(" and lower(name) like ? escape '!'");
      parameters.add("%" + likeLiteral(filter.nameContains().toLowerCase(Locale.ROOT)) + "%");
    }
    if (filter.before() != null) {
      sql.append(" and name < ?");
      parameters.add(filter.before());
    }
    parameters.add(limit);
    return connection.query(
        this::summary, sql + " order by name desc limit ?", parameters.toArray());
  }

  private static String likeLiteral(String text) {
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_");
  }

  public Optional<MigrationSummary> find(String name) {
    return connection.first(
        this::summary, "select " + COLUMNS + " from longhaul.async_migration where name = ?", name);
  }

  /// The last transitions of all migrations, the latest first.
  public List<HistoryEntry> latestTransitions(int limit) {
    return connection.query(rows::history, LATEST, limit);
  }

  /// The last transitions of one migration, the latest first.
  public List<HistoryEntry> latestTransitions(String name, int limit) {
    return connection.query(rows::history, LATEST_OF_ONE, name, limit);
  }

  private MigrationSummary summary(ResultSet row) throws SQLException {
    return new MigrationSummary(
        row.getString("name"),
        MigrationStatus.ofLabel(row.getString("status")).orElseThrow(),
        Direction.valueOf(row.getString("direction")),
        row.getInt("attempt"),
        (ObjectNode) Rows.json(row.getString("meta")),
        new JournalEntry.Steps(
            row.getInt("steps_done"),
            row.getInt("steps_total"),
            row.getBoolean("step_in_doubt"),
            Set.of()),
        Optional.ofNullable(row.getString("stop_requested"))
            .flatMap(MigrationStatus::ofLabel)
            .orElse(null),
        rows.run(row),
        instant(row, "run_at"),
        instant(row, "not_before"),
        instant(row, "next_look_at"),
        new JournalEntry.Times(
            Objects.requireNonNull(instant(row, "created_at")),
            instant(row, "started_at"),
            instant(row, "finished_at"),
            Objects.requireNonNull(instant(row, "changed_at"))));
  }

  private @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    return connection.dialect().instant(row, column);
  }
}
