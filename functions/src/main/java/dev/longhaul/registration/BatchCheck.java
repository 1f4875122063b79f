package dev.longhaul.registration;

import dev.longhaul.batch.BatchStatement;
import dev.longhaul.batch.KeyedTable;
import dev.longhaul.database.SqlState;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalFailure;
import dev.longhaul.logging.Log;
import dev.longhaul.migration.Batch;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.Placeholder;
import dev.longhaul.migration.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Holds a batched migration against its target before it is recorded: the table and its key, and
/// what the server's parser says to the statements.
final class BatchCheck {
  /// Errors that no earlier migration can mend: the syntax, and a name that could be two things.
  private static final Set<String> LASTING = Set.of("42601", "42702");

  /// For a table that others hold locked, as a `vacuum full` does for hours: even to explain an
  /// update takes a lock, and no deployment is to wait for that. The executor looks again.
  private static final int LONGEST_WAIT_MS = 1000;

  /// After it has waited in vain once: a call may bring many migrations of the same table.
  private static final int LATER_WAIT_MS = 10;

  private final Journal journal;
  private int waitMillis = LONGEST_WAIT_MS;

  BatchCheck(Journal journal) {
    this.journal = journal;
  }

  /// @throws Refusal `InvalidMigration`
  void check(Migration migration) {
    if (migration.batch() != null) {
      check(migration, migration.batch());
    }
  }

  private void check(Migration migration, Batch batch) {
    Connection connection = journal.connection().connection();
    @Nullable Savepoint before = null;
    String place = "";
    try {
      before = connection.setSavepoint();
      limitWait(connection);
      KeyedTable table = KeyedTable.find(connection, batch);
      for (Direction direction : Direction.values()) {
        List<String> statements = migration.statements(direction);
        for (int i = 0; i < statements.size(); i++) {
          if (Placeholder.isIn(statements.get(i))) {
            place = place(direction, i + 1);
            check(connection, table, statements.get(i), place);
          }
        }
      }
    } catch (KeyedTable.Unwalkable e) {
      // What is missing may be made by a migration that this one waits for, or by this one.
      boolean mayCome =
          e.isMissing()
              && (!journal.unfinishedDependencies(migration).isEmpty()
                  || !migration.dependsOn().isEmpty()
                  || !Placeholder.isIn(migration.statementsForwards().getFirst()));
      if (!mayCome) {
        throw Refusal.invalid(
            "%s: %sbatch.%s: %s".formatted(quoted(migration), place, e.field(), e.problem()));
      }
    } catch (SQLException e) {
      if (before == null || !SqlState.of(e).equals(SqlState.INSUFFICIENT_PRIVILEGE)) {
        throw new JournalFailure(e);
      }
      // Who registers may not see the table; the executor looks again.
      rollBack(connection, before);
    }
  }

  private static void rollBack(Connection connection, Savepoint before) {
    try {
      connection.rollback(before);
    } catch (SQLException e) {
      throw new JournalFailure(e);
    }
  }

  /// Until the end of the transaction, which ends with the checks.
  private void limitWait(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local lock_timeout = " + waitMillis);
    }
  }

  private void check(Connection connection, KeyedTable table, String statement, String place)
      throws SQLException, KeyedTable.Unwalkable {
    try {
      BatchStatement.resolve(connection, table, statement);
    } catch (SQLException e) {
      if (SqlState.isConnectionLoss(SqlState.of(e))) {
        throw e;
      }
      if (SqlState.of(e).equals(SqlState.LOCK_NOT_AVAILABLE)) {
        waitMillis = LATER_WAIT_MS;
        limitWait(connection);
        Log.warn(
            "a statement was not held against its table, which others hold locked; the executor"
                + " does it",
            Map.of("table", table.name()));
      }
      if (LASTING.contains(SqlState.of(e))) {
        throw Refusal.invalid(
            "%sthe server does not understand it with a condition in the place of :batch (SQLSTATE %s): %s"
                .formatted(
                    place,
                    SqlState.of(e),
                    String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
      }
    }
  }

  private static String place(Direction direction, int number) {
    return "%s: statement %d: "
        .formatted(direction == Direction.FORWARDS ? "sql_forwards" : "sql_backwards", number);
  }

  private static String quoted(Migration migration) {
    return "migration_name \"" + migration.name() + "\"";
  }
}
