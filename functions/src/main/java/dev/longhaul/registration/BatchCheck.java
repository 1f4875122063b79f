package dev.longhaul.registration;

import dev.longhaul.batch.BatchStatement;
import dev.longhaul.batch.KeyedTable;
import dev.longhaul.database.SqlState;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalFailure;
import dev.longhaul.migration.Batch;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.Placeholder;
import dev.longhaul.migration.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Holds a batched migration against its target before it is recorded: the table and its key, and
/// what the server's parser says to the statements.
record BatchCheck(Journal journal) {
  /// Errors that no earlier migration can mend: the syntax, and a name that could be two things.
  private static final Set<String> LASTING = Set.of("42601", "42702");

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

  private static void check(
      Connection connection, KeyedTable table, String statement, String place)
      throws SQLException, KeyedTable.Unwalkable {
    try {
      BatchStatement.resolve(connection, table, statement);
    } catch (SQLException e) {
      if (SqlState.isConnectionLoss(SqlState.of(e))) {
        throw e;
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
