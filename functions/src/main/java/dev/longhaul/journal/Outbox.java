package dev.longhaul.journal;

import dev.longhaul.database.Dialect;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/// The history as an outbox: transitions of which no event has been published yet. Events leave in
/// order, and at least once; the history's id tells a copy.
public final class Outbox {
  private final Journal journal;
  private final Rows rows;

  public Outbox(Journal journal) {
    this.journal = journal;
    this.rows = new Rows(journal.connection().dialect(), journal.target());
  }

  /// Runs `publishing` unless another session is at it, which would upset the order.
  ///
  /// @return what `publishing` answers; false if another session is at it
  public boolean alone(BooleanSupplier publishing) {
    if (journal.connection().dialect() == Dialect.SQLITE) {
      return publishing.getAsBoolean();
    }
    if (!SessionLock.tryAcquire(journal.connection(), SessionLock.OUTBOX)) {
      return false;
    }
    try {
      return publishing.getAsBoolean();
    } finally {
      SessionLock.release(journal.connection(), SessionLock.OUTBOX);
    }
  }

  public boolean holdsSomething() {
    return !unpublished(1).isEmpty();
  }

  /// What is still to be published.
  ///
  /// @param oldestSeconds how long ago the oldest of them happened; 0 where there is none
  public record Rest(long events, long oldestSeconds) {}

  public Rest rest() {
    return journal
        .connection()
        .first(
            row -> new Rest(row.getLong(1), Math.max(0, row.getLong(2))),
            "select count(*), coalesce(max(%s), 0) from longhaul.async_migration_history where published_at is null"
                .formatted(journal.connection().dialect().secondsSince("at")))
        .orElseThrow();
  }

  public List<HistoryEntry> unpublished(int limit) {
    return journal
        .connection()
        .query(
            rows::history,
            "select "
                + Rows.HISTORY_COLUMNS
                + " from longhaul.async_migration_history where published_at is null order by id"
                + " limit ?",
            limit);
  }

  public void markPublished(List<Long> ids) {
    if (!ids.isEmpty()) {
      journal
          .connection()
          .update(
              "update longhaul.async_migration_history set published_at = current_timestamp"
                  + " where published_at is null and id in ("
                  + ids.stream().map(String::valueOf).collect(Collectors.joining(", "))
                  + ")");
    }
  }
}
