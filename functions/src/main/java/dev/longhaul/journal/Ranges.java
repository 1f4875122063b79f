package dev.longhaul.journal;

import dev.longhaul.migration.ErrorDetails;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The ranges that one batched step of a migration is cut into.
///
/// @param step counted from 1
public record Ranges(Attempt attempt, int run, int step) {
  public Ranges(Attempt attempt, JournalEntry entry) {
    this(attempt, entry.run().batchRun(), entry.steps().done() + 1);
  }

  private JournalConnection connection() {
    return attempt.connection();
  }

  /// Makes this attempt the only one that may move the cursors. Waits for a batch that an earlier
  /// one has still under way; whatever it tries afterwards comes to nothing.
  ///
  /// @return all ranges; none if the table has not been cut yet
  public List<Range> takeOver() {
    return connection()
        .query(
            Ranges::range,
            """
            update longhaul.async_migration_range set attempt = ?
            where migration_name = ? and run = ? and step = ?
            returning number, upper_key, cursor_key, stripes, rows_done, rows_estimated, batches, done
            """,
            attempt.number(),
            attempt.name(),
            run,
            step);
  }

  /// Makes an attempt the only one that may move any cursor of its migration. A batch does not hold
  /// the migration's lock unless it runs on the attempt's own session, so one may have outlived its
  /// attempt; whatever the migration becomes next, it must not change rows behind that. Waits for
  /// such a batch.
  public static void fence(Attempt attempt) {
    attempt
        .connection()
        .update(
            "update longhaul.async_migration_range set attempt = ? where migration_name = ?",
            attempt.number(),
            attempt.name());
  }

  /// Cuts the table.
  ///
  /// @param uppers the ranges' last keys, in their order
  /// @param rows an estimate for the table
  public void cut(List<Key> uppers, long rows) {
    connection()
        .inTransaction(
            () -> {
              @Nullable Key lower = null;
              for (int i = 0; i < uppers.size(); i++) {
                connection()
                    .update(
                        """
                        insert into longhaul.async_migration_range (
                          migration_name, run, step, number, attempt, lower_key, upper_key, cursor_key, rows_estimated)
                        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                        attempt.name(),
                        run,
                        step,
                        i,
                        attempt.number(),
                        lower == null ? null : lower.json().toString(),
                        uppers.get(i).json().toString(),
                        lower == null ? null : lower.json().toString(),
                        rows / uppers.size());
                lower = uppers.get(i);
              }
              return uppers.size();
            });
  }

  /// Gives up the ranges of this walk, and of all before it, and begins another one.
  ///
  /// @return the next walk's
  public Ranges again() {
    return connection()
        .inTransaction(
            () -> {
              connection()
                  .update(
                      "delete from longhaul.async_migration_range where migration_name = ? and run"
                          + " <= ?",
                      attempt.name(),
                      run);
              connection()
                  .update(
                      "update longhaul.async_migration set batch_run = ? where name = ? and attempt"
                          + " = ?",
                      run + 1,
                      attempt.name(),
                      attempt.number());
              return new Ranges(attempt, run + 1, step);
            });
  }

  /// Deletes what earlier walks have left.
  public void forgetEarlier() {
    connection()
        .update(
            "delete from longhaul.async_migration_range where migration_name = ? and run < ?",
            attempt.name(),
            run);
  }

  /// Moves the cursor from `before` to `after`. Where another attempt has taken over, it ends the
  /// transaction that it stands in with SQLSTATE [#TAKEN_OVER].
  public BoundSql move(Range before, Range after) {
    return new BoundSql(
        "select longhaul.move_cursor(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        attempt.name(),
        run,
        step,
        before.number(),
        attempt.number(),
        before.batches(),
        after.cursor() == null ? null : after.cursor().json().toString(),
        after.stripes() == null ? null : after.stripes().json().toString(),
        after.rowsDone() - before.rowsDone(),
        after.isDone());
  }

  /// Gives a range's row another number. Under a snapshot that is open for hours nobody may remove
  /// what each move has left of the row, and its number leads to all of that: the next one leads to
  /// what comes after it only. Where another attempt has taken over, nothing happens, and the next
  /// move says so.
  public BoundSql renumber(Range before, Range after) {
    return new BoundSql(
        "update longhaul.async_migration_range set number = ? where migration_name = ? and run = ?"
            + " and step = ? and number = ? and attempt = ? and batches = ? and not done",
        after.number(),
        attempt.name(),
        run,
        step,
        before.number(),
        attempt.number(),
        before.batches());
  }

  public static final String TAKEN_OVER = "LH001";

  /// Records a row that is passed over.
  public BoundSql skip(Key key, ErrorDetails error) {
    return new BoundSql(
        "insert into longhaul.async_migration_skipped_row (migration_name, run, step, key,"
            + " sqlstate, message) values (?, ?, ?, ?, ?, ?) on conflict do nothing",
        attempt.name(),
        run,
        step,
        key.json().toString(),
        error.sqlState(),
        error.message());
  }

  /// How many rows this walk has passed over.
  public long skipped() {
    return connection()
        .first(
            row -> row.getLong(1),
            "select count(*) from longhaul.async_migration_skipped_row where migration_name = ?"
                + " and run = ? and step = ?",
            attempt.name(),
            run,
            step)
        .orElse(0L);
  }

  private static Range range(ResultSet row) throws SQLException {
    return new Range(
        row.getInt("number"),
        Objects.requireNonNull(Key.read(row.getString("upper_key"))),
        Key.read(row.getString("cursor_key")),
        Range.Stripes.read(row.getString("stripes")),
        row.getLong("rows_done"),
        row.getLong("rows_estimated"),
        row.getLong("batches"),
        row.getBoolean("done"));
  }
}
