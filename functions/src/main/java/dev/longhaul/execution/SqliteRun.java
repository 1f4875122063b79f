package dev.longhaul.execution;

import dev.longhaul.database.SqlState;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.JournalConnection;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.ErrorDetails;
import dev.longhaul.migration.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/// One attempt on SQLite. Claim, work and result are one transaction, which holds the file's write
/// lock: that is the lease, and whoever dies in it has not begun.
final class SqliteRun {
  private final JournalConnection journal;
  private final Connection connection;

  SqliteRun(JournalConnection journal) {
    this.journal = journal;
    this.connection = journal.connection();
  }

  Outcome run(JournalEntry seen) throws SQLException {
    execute("begin immediate");
    try {
      Optional<Attempt> attempt = Attempt.claim(journal, seen);
      Outcome outcome = attempt.isEmpty() ? new Outcome.ClaimLost() : run(attempt.get());
      execute("commit");
      return outcome;
    } catch (SQLException | RuntimeException e) {
      execute("rollback");
      throw e;
    }
  }

  private Outcome run(Attempt attempt) throws SQLException {
    JournalEntry entry = attempt.entry();
    if (!entry.migration().applyOnSqlite()) {
      attempt.execute(attempt.skip("not for SQLite: apply_on_sqlite is false"));
      return new Outcome.Recorded(attempt.reread().orElseThrow().status());
    }
    execute("savepoint work");
    int index = 0;
    try {
      for (; index < entry.statements().size(); index++) {
        execute(entry.statements().get(index));
      }
      attempt.execute(attempt.finish());
    } catch (SQLException e) {
      execute("rollback to work");
      attempt.execute(attempt.fail(error(e, entry, index)));
    }
    return new Outcome.Recorded(attempt.reread().orElseThrow().status());
  }

  private static ErrorDetails error(SQLException e, JournalEntry entry, int index) {
    return Errors.of(e, entry, Math.min(index, entry.statements().size() - 1));
  }

  /// The driver runs every statement of the text.
  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    } catch (SQLException e) {
      throw e.getSQLState() == null
          ? new SQLException(e.getMessage(), SqlState.of(e), e.getErrorCode(), e)
          : e;
    }
  }
}
