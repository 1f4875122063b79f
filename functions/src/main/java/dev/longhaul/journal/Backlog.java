package dev.longhaul.journal;

import dev.longhaul.database.Dialect;
import dev.longhaul.migration.MigrationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What the sweep looks for: work that nobody is at.
public final class Backlog {
  /// How late a message may be.
  private static final int PATIENCE_SECONDS = 30;

  private final JournalConnection connection;

  public Backlog(Journal journal) {
    this.connection = journal.connection();
  }

  /// Names of the migrations that are STARTED or IN PROGRESS, may be claimed now, and have no live
  /// owner, although their message ought to have arrived.
  ///
  /// @param messagesAreLost whether to suspect every STARTED one, since the queue holds nothing
  public List<String> withoutOwner(boolean messagesAreLost, int limit) {
    List<String> names =
        connection.query(
            row -> row.getString("name"),
            """
            select name from longhaul.async_migration
            where status in ('STARTED', 'IN PROGRESS')
              and (status = 'IN PROGRESS' or next_look_at <= current_timestamp or (? and not exists (%s)))
              and (not_before is null or not_before <= current_timestamp)
            order by next_look_at limit ?
            """
                .formatted(unfinishedDependencies()),
            messagesAreLost,
            limit);
    names.removeAll(owned(names));
    return names;
  }

  /// Names of the migrations that some session works at, and that nobody has looked at for a while
  /// although it was time: the executor is gone, and with it the message for the next look.
  public List<String> unattended(int limit) {
    return owned(
        connection.query(
            row -> row.getString("name"),
            """
            select name from longhaul.async_migration
            where status in ('STARTED', 'IN PROGRESS') and next_look_at <= %s
            order by next_look_at limit ?
            """
                .formatted(connection.dialect().nowPlusSeconds("-" + PATIENCE_SECONDS)),
            limit));
  }

  /// Whether any migration waits for nothing but its message.
  public boolean isWaiting() {
    return connection
        .first(
            row -> row.getBoolean(1),
            """
            select exists (
              select 1 from longhaul.async_migration
              where status = 'STARTED' and not exists (%s)
                and (not_before is null or not_before <= current_timestamp))
            """
                .formatted(unfinishedDependencies()))
        .orElseThrow();
  }

  /// A query for what a migration waits for: none is left where the message that was to wake it is
  /// lost, as when its sender died after the work was committed.
  private String unfinishedDependencies() {
    return """
    select 1 from %s as waited
    join longhaul.async_migration as dependency on dependency.name = waited.value
    where dependency.status <> 'FINISHED'\
    """
        .formatted(
            switch (connection.dialect()) {
              case POSTGRESQL -> "jsonb_array_elements_text(async_migration.meta -> 'waiting_for')";
              case SQLITE -> "json_each(longhaul_async_migration.meta, '$.waiting_for')";
            });
  }

  /// Those of `names` whose lock some session holds.
  private List<String> owned(List<String> names) {
    if (connection.dialect() == Dialect.SQLITE || names.isEmpty()) {
      return List.of();
    }
    Set<Long> held =
        Set.copyOf(
            connection.query(
                row -> row.getLong(1),
                """
                select distinct (classid::bigint << 32) | objid::bigint from pg_catalog.pg_locks
                where locktype = 'advisory' and objsubid = 1 and granted and database =
                  (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
                """));
    List<String> owned = new ArrayList<>(names);
    owned.removeIf(name -> !held.contains(SessionLock.of(name)));
    return owned;
  }

  /// Puts off the next look at migrations whose message has just been sent (again): by as long as
  /// they have been waiting.
  public void looked(List<String> names) {
    if (names.isEmpty()) {
      return;
    }
    String waited = connection.dialect().secondsSince("changed_at");
    String delay =
        "case when %s > %d then %s else %d end"
            .formatted(waited, Journal.FIRST_LOOK_SECONDS, waited, Journal.FIRST_LOOK_SECONDS);
    connection.update(
        "update longhaul.async_migration set next_look_at = "
            + connection.dialect().nowPlusSeconds("(" + delay + ")")
            + " where status in ('STARTED', 'IN PROGRESS') and name in ("
            + names.stream().map(Dialect::literal).collect(Collectors.joining(", "))
            + ")");
  }

  /// Whether anything is left that a later sweep would have to do.
  ///
  /// @param events whether unpublished events count
  public boolean isOutstanding(boolean events) {
    return connection
        .first(
            row -> row.getBoolean(1),
            """
            select exists (select 1 from longhaul.async_migration where status in (%s))
              or exists (select 1 from longhaul.async_migration
                         where status = 'SCHEDULED' and run_at is not null)
              or (? and exists (select 1 from longhaul.async_migration_history where published_at is null))
            """
                .formatted(
                    Journal.labels(Set.of(MigrationStatus.STARTED, MigrationStatus.IN_PROGRESS))),
            events)
        .orElseThrow();
  }
}
