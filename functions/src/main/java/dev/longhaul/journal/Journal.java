package dev.longhaul.journal;

import dev.longhaul.database.Dialect;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.MigrationStatus;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The journal of one target: what is registered, and where each migration stands.
public final class Journal implements AutoCloseable {
  /// How long after a message was sent the sweep first suspects that it got lost; doubles with the
  /// time that the migration has been waiting, so that a long queue is not filled with copies.
  static final int FIRST_LOOK_SECONDS = 15;

  private final JournalConnection connection;
  private final Rows rows;
  private final Runnable release;

  /// @param release what [#close] does
  public Journal(JournalConnection connection, String target, Runnable release) {
    this.connection = connection;
    this.rows = new Rows(connection.dialect(), target);
    this.release = release;
  }

  public JournalConnection connection() {
    return connection;
  }

  public String target() {
    return rows.target();
  }

  public Optional<JournalEntry> find(String name) {
    return connection.first(
        rows::entry,
        "select " + Rows.ENTRY_COLUMNS + " from longhaul.async_migration where name = ?",
        name);
  }

  /// By name, of one status or of all, `limit` entries after the name `after`.
  public List<JournalEntry> list(Set<MigrationStatus> statuses, @Nullable String after, int limit) {
    return connection.query(
        rows::entry,
        "select "
            + Rows.ENTRY_COLUMNS
            + " from longhaul.async_migration where status in ("
            + labels(statuses)
            + ") and name > ? order by name limit ?",
        after == null ? "" : after,
        limit);
  }

  public List<HistoryEntry> history(String name) {
    return connection.query(
        rows::history,
        "select "
            + Rows.HISTORY_COLUMNS
            + " from longhaul.async_migration_history where migration_name = ? order by id",
        name);
  }

  /// The statuses of those of `names` that are registered.
  public Map<String, MigrationStatus> statuses(Collection<String> names) {
    Map<String, MigrationStatus> statuses = new LinkedHashMap<>();
    for (String name : names) {
      connection
          .first(
              row -> row.getString("status"),
              "select status from longhaul.async_migration where name = ?",
              name)
          .flatMap(MigrationStatus::ofLabel)
          .ifPresent(status -> statuses.put(name, status));
    }
    return statuses;
  }

  /// The dependencies of a migration that are not FINISHED, with their statuses.
  public Map<String, MigrationStatus> unfinishedDependencies(Migration migration) {
    Map<String, MigrationStatus> statuses = statuses(migration.dependsOn());
    statuses.values().removeIf(status -> status == MigrationStatus.FINISHED);
    return statuses;
  }

  /// Names of the triggered migrations that wait for `reason`, those that have waited longest
  /// first.
  public List<String> waitingBecause(String reason, int limit) {
    return connection.query(
        row -> row.getString("name"),
        """
        select name from longhaul.async_migration
        where status = 'STARTED' and meta ->> 'waiting_reason' = ?
        order by changed_at, name limit ?
        """,
        reason,
        limit);
  }

  /// The database's own time.
  public Instant now() {
    Dialect dialect = connection.dialect();
    return connection
        .first(
            row -> Objects.requireNonNull(dialect.instant(row, "now")),
            "select " + dialect.now() + " as now")
        .orElseThrow();
  }

  /// How long until an executor may claim the migration, by the database's clock.
  public Duration untilDue(String name) {
    Duration since = since("not_before", name);
    return since.isNegative() ? since.negated() : Duration.ZERO;
  }

  /// How long ago the migration's last transition was, by the database's clock.
  public Duration sinceChange(String name) {
    return since("changed_at", name);
  }

  private Duration since(String column, String name) {
    return connection
        .first(
            row -> Duration.ofMillis((long) (row.getDouble(1) * 1000)),
            "select "
                + connection.dialect().secondsSince(column)
                + " from longhaul.async_migration where name = ?",
            name)
        .orElse(Duration.ZERO);
  }

  /// Names of the migrations that depend on `name` and are in one of `statuses`.
  public List<String> dependents(String name, Set<MigrationStatus> statuses) {
    return connection.query(
        row -> row.getString("name"),
        "select name from longhaul.async_migration where "
            + dependsOn()
            + " and status in ("
            + labels(statuses)
            + ") order by name",
        name);
  }

  private String dependsOn() {
    String contains =
        switch (connection.dialect()) {
          case POSTGRESQL -> "depends_on @> jsonb_build_array(cast(? as text))";
          case SQLITE -> "exists (select 1 from json_each(depends_on) where value = ?)";
        };
    // For the planner, which does not see that the index's condition follows.
    return contains + " and depends_on <> '[]'";
  }

  /// Names of the migrations that have been built on `name`, or are being.
  public List<String> builtOn(String name) {
    return dependents(name, EnumSet.allOf(MigrationStatus.class)).stream()
        .filter(dependent -> find(dependent).filter(JournalEntry::mayBeApplied).isPresent())
        .toList();
  }

  /// Lets nobody claim what depends on `name` before the transaction ends that this is called in.
  /// What runs is left out: its own transaction may hold its row for long.
  public void holdDependents(String name) {
    switch (connection.dialect()) {
      case POSTGRESQL ->
          connection.query(
              row -> row.getString("name"),
              "select name from longhaul.async_migration where "
                  + dependsOn()
                  + " and status <> 'IN PROGRESS' order by name for update",
              name);
      // Whoever writes is alone there.
      case SQLITE -> {}
    }
  }

  /// Records migrations that are not registered yet, each with its first status. Answers, in the
  /// order given, which of them are new; the others are left as they are.
  ///
  /// Call it inside [JournalConnection#inTransaction] to record all or none.
  List<Boolean> insert(Map<Migration, MigrationStatus> migrations) {
    BoundSql shape =
        new BoundSql(
            """
            insert into longhaul.async_migration (
              name, status, sql_forwards, sql_backwards, checksum, apply_on_sqlite, execute_immediately,
              depends_on, run_at, time_window, lock_timeout_ms, detach_after_ms, max_attempts, requested_by, batch, steps_total, not_before,
              next_look_at, changed_by, change_reason)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
              case when cast(? as text) = 'STARTED' then %s end, ?, 'registered')
            on conflict (name) do nothing
            """
                .formatted(
                    connection.dialect().nowPlusSeconds(Integer.toString(FIRST_LOOK_SECONDS))));
    try (PreparedStatement statement = connection.prepare(shape)) {
      for (Map.Entry<Migration, MigrationStatus> entry : migrations.entrySet()) {
        bind(statement, entry.getKey(), entry.getValue());
        statement.addBatch();
      }
      List<Boolean> created = new ArrayList<>();
      for (int count : statement.executeBatch()) {
        created.add(count > 0);
      }
      return created;
    } catch (SQLException e) {
      throw new JournalFailure(e);
    }
  }

  private void bind(PreparedStatement statement, Migration migration, MigrationStatus status)
      throws SQLException {
    Object runAt =
        migration.runAt() == null ? null : connection.dialect().timestamp(migration.runAt());
    int index = 1;
    for (Object value :
        new @Nullable Object[] {
          migration.name(),
          status.label(),
          Rows.jsonList(migration.statementsForwards()),
          Rows.jsonList(migration.statementsBackwards()),
          migration.checksum(),
          migration.applyOnSqlite(),
          migration.executeImmediately(),
          Rows.jsonList(migration.dependsOn()),
          runAt,
          WindowColumn.write(migration.window()),
          millis(migration.lockTimeout()),
          millis(migration.detachAfter()),
          migration.maxAttempts(),
          migration.requestedBy(),
          migration.batch() == null ? null : BatchColumn.write(migration.batch()).toString(),
          migration.statementsForwards().size(),
          runAt,
          status.label(),
          migration.requestedBy()
        }) {
      statement.setObject(index++, value);
    }
  }

  private static @Nullable Long millis(@Nullable Duration duration) {
    return duration == null ? null : duration.toMillis();
  }

  /// In the same order in every process (a `Set.of` has another in each), or the server would count
  /// them as different statements.
  static String labels(Set<MigrationStatus> statuses) {
    return statuses.stream()
        .sorted()
        .map(status -> "'" + status.label() + "'")
        .collect(Collectors.joining(", "));
  }

  @Override
  public void close() {
    release.run();
  }
}
