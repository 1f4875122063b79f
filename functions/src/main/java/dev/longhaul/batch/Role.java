package dev.longhaul.batch;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// In which a script does its own statements. The journal is written, and cursors are moved, in the
/// same sessions by the role that has logged in.
///
/// @param statement of the script that takes it, as `set role app_owner`; null where none does
public record Role(@Nullable String statement) {
  private static final String LAID_ASIDE = "reset role";

  void take(Connection connection) throws SQLException {
    execute(connection, statement);
  }

  void layAside(Connection connection) throws SQLException {
    if (statement != null && !connection.isClosed()) {
      execute(connection, LAID_ASIDE);
    }
  }

  private static void execute(Connection connection, @Nullable String sql) throws SQLException {
    if (sql != null) {
      try (Statement statement = connection.createStatement()) {
        statement.setEscapeProcessing(false);
        statement.execute(sql);
      }
    }
  }

  /// One transaction in a session that has taken the role, and has it still when it is over,
  /// however that ends: what a commit does belongs to the script, as a deferred trigger.
  List<String> transaction(List<String> ofJournal, List<String> ofScript) {
    List<String> all = new ArrayList<>();
    if (statement != null) {
      all.add(LAID_ASIDE);
    }
    all.addAll(ofJournal);
    if (statement != null) {
      all.add(statement);
    }
    all.addAll(ofScript);
    return all;
  }
}
