package dev.longhaul.execution;

import dev.longhaul.database.SqlState;
import dev.longhaul.journal.JournalConnection;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.Meta;
import dev.longhaul.journal.SessionLock;
import dev.longhaul.migration.StatementKind;
import dev.longhaul.migration.StatementKind.OutsideTransaction;
import java.sql.SQLException;
import java.util.Optional;

/// Lets migrations take turns at one table's indexes. Of two statements that build or drop indexes
/// concurrently on one table, each waits for the other's transaction, and PostgreSQL ends one as a
/// deadlock (40P01). Entering is only tried; who is in stays in until its session ends.
final class Lane {
  static final String TAKEN = Meta.WAITS_FOR_TURN;

  private Lane() {}

  /// Whether the next step of `entry` may begin, as far as others of ours are concerned.
  static boolean enter(JournalConnection work, JournalEntry entry) throws SQLException {
    return !(new Steps(entry).next() instanceof Steps.Bare(var kind))
        || enter(work, new Verification(work.connection(), kind));
  }

  /// Whether an attempt at `entry` may have been in the way of another.
  static boolean isUsedBy(JournalEntry entry) {
    return entry.statements().stream()
        .anyMatch(statement -> StatementKind.of(statement) instanceof OutsideTransaction);
  }

  static boolean enter(JournalConnection work, Verification verification) throws SQLException {
    Optional<Long> table = table(verification);
    return table.isEmpty() || SessionLock.tryAcquire(work, SessionLock.ofTable(table.get()));
  }

  /// None where the server will not tell (42501 for a schema that is not to be used): that is for
  /// the statement itself to fail at.
  private static Optional<Long> table(Verification verification) throws SQLException {
    try {
      return verification.table();
    } catch (SQLException e) {
      if (SqlState.isConnectionLoss(SqlState.of(e))) {
        throw e;
      }
      return Optional.empty();
    }
  }
}
