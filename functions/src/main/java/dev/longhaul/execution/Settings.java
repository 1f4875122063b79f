package dev.longhaul.execution;

import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.StatementKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// What a script sets with `set` and `reset` acts on a session, and the next attempt has another.
final class Settings {
  private Settings() {}

  /// Makes a session as the steps that are done have left theirs.
  ///
  /// @throws SQLException what the server says against a setting
  static void repeat(Connection connection, JournalEntry now) throws SQLException {
    List<String> done = now.statements().subList(0, now.steps().done());
    for (String statement : done) {
      if (StatementKind.of(statement) instanceof StatementKind.Setting) {
        try (Statement setting = connection.createStatement()) {
          setting.execute(statement);
        }
      }
    }
  }
}
