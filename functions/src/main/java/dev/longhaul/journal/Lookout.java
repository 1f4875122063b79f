package dev.longhaul.journal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Batch;
import dev.longhaul.migration.MigrationStatus;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What those write who look after an attempt from outside of its session: the executor that stays
/// with a long statement, on its journal connection, and those that look in later, after it has
/// left.
public final class Lookout {
  private final JournalConnection connection;

  public Lookout(Journal journal) {
    this.connection = journal.connection();
  }

  /// How the attempt stands, as far as somebody outside needs it.
  ///
  /// @param stopRequested PAUSED or CANCELLED
  public record Live(@Nullable MigrationStatus stopRequested) {}

  /// Records that the executor leaves the statement to the server, before it does.
  ///
  /// @param stepsDone how many steps were, when the statement began
  /// @param look when the next executor looks in
  /// @return empty if the attempt has ended, or its statement has: the checkpoint was under way
  public Optional<Live> detach(Attempt attempt, int stepsDone, Duration look) {
    return connection.first(
        Lookout::live,
        """
        update longhaul.async_migration set detached_at = %s, next_look_at = %s
        where name = ? and status = 'IN PROGRESS' and attempt = ? and steps_done = ?
        returning stop_requested
        """
            .formatted(connection.dialect().now(), in(look)),
        attempt.name(),
        attempt.number(),
        stepsDone);
  }

  /// Records how far the statement is, and that its executor is still with it.
  ///
  /// @param look when to suspect that the executor is gone
  public void attended(Attempt attempt, @Nullable ObjectNode progress, Duration look) {
    connection.update(
        "update longhaul.async_migration set progress = coalesce(?, progress), next_look_at = "
            + in(look)
            + " where name = ? and status = 'IN PROGRESS' and attempt = ?",
        text(progress),
        attempt.name(),
        attempt.number());
  }

  /// Records how far a batched migration is, and that its executor is still with it. An attempt
  /// that gets further makes up for those that have failed before.
  ///
  /// @param hasMoved whether it has got further
  /// @return what people want of it now; empty if the attempt has ended
  public Optional<Walked> walked(
      Attempt attempt, ObjectNode progress, boolean hasMoved, Duration look) {
    return connection.first(
        row ->
            new Walked(
                live(row).stopRequested(),
                java.util.Objects.requireNonNull(BatchColumn.read(row.getString("batch")))),
        """
        update longhaul.async_migration set progress = ?, next_look_at = %s,
          failed_attempts = case when ? then 0 else failed_attempts end
        where name = ? and status = 'IN PROGRESS' and attempt = ?
        returning stop_requested, batch
        """
            .formatted(in(look)),
        progress.toString(),
        hasMoved,
        attempt.name(),
        attempt.number());
  }

  /// What people want of a batched migration that runs.
  public record Walked(@Nullable MigrationStatus stopRequested, Batch batch) {}

  /// Records how far the statement is, and takes on the next look, unless somebody else has it: so
  /// a doubled message does not double the looks.
  ///
  /// @param next when it is due
  /// @return whether the caller has to see to the next look
  public boolean look(JournalEntry entry, @Nullable ObjectNode progress, Duration next) {
    return connection.update(
            """
            update longhaul.async_migration set
              progress = case when status = 'IN PROGRESS' then coalesce(?, progress) end,
              next_look_at = %s
            where name = ? and status = ? and attempt = ? and next_look_at <= %s
            """
                .formatted(in(next), in(Duration.ofSeconds(1))),
            text(progress),
            entry.name(),
            entry.status().label(),
            entry.attempt())
        > 0;
  }

  /// Adds time that a function has spent on the migration. No transition, so no history.
  public void bill(String name, Duration time) {
    connection.update(
        "update longhaul.async_migration set lambda_ms = lambda_ms + ? where name = ?",
        Math.max(1, time.toMillis()),
        name);
  }

  private String in(Duration duration) {
    return connection.dialect().nowPlusSeconds(Double.toString(duration.toMillis() / 1000.0));
  }

  private static @Nullable String text(@Nullable ObjectNode progress) {
    return progress == null ? null : progress.toString();
  }

  private static Live live(java.sql.ResultSet row) throws java.sql.SQLException {
    @Nullable String label = row.getString("stop_requested");
    return new Live(label == null ? null : MigrationStatus.ofLabel(label).orElseThrow());
  }
}
