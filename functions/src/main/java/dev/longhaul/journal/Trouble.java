package dev.longhaul.journal;

import dev.longhaul.migration.MigrationStatus;
import java.time.Duration;
import java.util.Set;

/// Counts the migrations that need a person.
public final class Trouble {
  private final JournalConnection connection;

  public Trouble(Journal journal) {
    this.connection = journal.connection();
  }

  public long inError() {
    return count(
        "select count(*) from longhaul.async_migration where status in ("
            + Journal.labels(Set.of(MigrationStatus.ERROR))
            + ")");
  }

  /// Migrations that are STARTED or IN PROGRESS and have not got any further for `patience`: a walk
  /// that has passed no row, a statement whose progress report stays the same, one of whose session
  /// nothing is left, and one that nobody has claimed. What waits for its time, its window, a
  /// dependency or its turn is not among them; nor is a statement of those that report nothing, as
  /// long as the server works at it and it does not wait for a lock: how far it is nobody can tell.
  public long withoutProgress(Duration patience) {
    String then = connection.dialect().nowPlusSeconds("-" + patience.toSeconds());
    return switch (connection.dialect()) {
      case POSTGRESQL ->
          count(
              """
              select count(*) from longhaul.async_migration as migration
              left join pg_catalog.pg_stat_activity as session
                on session.pid = migration.backend_pid and session.backend_start = migration.backend_start
              where migration.status in ('STARTED', 'IN PROGRESS')
                and greatest(
                  coalesce((migration.progress ->> 'moved_at')::timestamptz, migration.changed_at),
                  migration.not_before) < %s
                and migration.meta -> 'waiting_for' is null
                and migration.meta ->> 'waiting_reason' is distinct from ?
                and (migration.progress ->> 'moved_at' is not null or session.pid is null
                     or session.wait_event_type = 'Lock' or session.state like 'idle%%')
              """
                  .formatted(then),
              Meta.WAITS_FOR_TURN);
      case SQLITE ->
          count(
              """
              select count(*) from longhaul.async_migration
              where status in ('STARTED', 'IN PROGRESS') and changed_at < %s
                and (not_before is null or not_before < %s)
                and json_extract(meta, '$.waiting_for') is null
              """
                  .formatted(then, then));
    };
  }

  private long count(String sql, Object... parameters) {
    return connection.first(row -> row.getLong(1), sql, parameters).orElseThrow();
  }
}
