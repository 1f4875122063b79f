package dev.longhaul.journal;

import java.time.Duration;

/// Deletes old transitions of migrations that have ended, so that the journal does not grow for
/// ever. The migration stays, with its SQL and its outcome, and so does its last transition: what
/// has run is never forgotten.
public final class Retention {
  /// The journal itself lets nothing younger be deleted.
  public static final Duration SHORTEST = Duration.ofDays(30);

  private final JournalConnection connection;

  public Retention(Journal journal) {
    this.connection = journal.connection();
  }

  /// @param age of what may go, at least [#SHORTEST]
  /// @param isOutbox whether what no event has told of is to stay
  /// @param most rows
  /// @return how many rows are gone
  public int prune(Duration age, boolean isOutbox, int most) {
    return connection.update(
        """
        delete from longhaul.async_migration_history where id in (
          select old.id from longhaul.async_migration_history as old
          join longhaul.async_migration as migration on migration.name = old.migration_name
          where old.at < %s%s and migration.status in ('FINISHED', 'CANCELLED', 'ROLLED BACK')
            and exists (
              select 1 from longhaul.async_migration_history as later
              where later.migration_name = old.migration_name and later.id > old.id)
          order by old.id limit ?)
        """
            .formatted(
                connection.dialect().nowPlusSeconds("-" + age.toSeconds()),
                isOutbox ? " and old.published_at is not null" : ""),
        most);
  }
}
