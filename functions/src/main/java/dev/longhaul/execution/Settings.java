package dev.longhaul.execution;

import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.StatementKind;
import dev.longhaul.migration.StatementKind.Setting;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What a script sets with `set` and `reset` acts on a session, and the next attempt has another.
///
/// The journal is written in the same session, by the role that has logged in: the one that a
/// script takes may not do that as a rule, and nobody may in a transaction that only reads. So a
/// role is taken for the script's own statements and laid aside behind each, and no transaction
/// only reads by default.
final class Settings {
  /// What every session of ours has while it runs no statement of a script.
  static final String OWN = "reset role; set default_transaction_read_only = off";

  /// What is done in a script's role.
  interface Work<T> {
    T run() throws SQLException;
  }

  private Settings() {}

  /// Makes a session as the steps that are done have left theirs, but for the role.
  ///
  /// @throws SQLException what the server says against a setting
  static void repeat(Connection connection, JournalEntry now) throws SQLException {
    List<String> done = now.statements().subList(0, now.steps().done());
    List<String> settings = done.stream().filter(Settings::isOfSession).toList();
    if (settings.isEmpty()) {
      return;
    }
    try {
      for (String setting : settings) {
        execute(connection, setting);
      }
    } finally {
      layAside(connection);
    }
  }

  /// Does `work` in the role that the steps that are done have taken.
  static <T> T inRole(Connection connection, JournalEntry now, Work<T> work) throws SQLException {
    Optional<String> role = role(now);
    if (role.isEmpty()) {
      return work.run();
    }
    try {
      execute(connection, role.get());
      return work.run();
    } finally {
      layAside(connection);
    }
  }

  /// Makes a session fit to write the journal, whatever has been set in it. One that is closed, or
  /// has been left to the server, stays as it is.
  static void layAside(Connection connection) throws SQLException {
    if (!connection.isClosed()) {
      execute(connection, OWN);
    }
  }

  /// The statement by which the steps that are done have said in what role the script acts.
  static Optional<String> role(JournalEntry now) {
    return role(now.statements(), now.steps().done()).stream()
        .mapToObj(now.statements()::get)
        .findFirst();
  }

  /// Which of the first `done` statements has last said in what role the script acts: an index.
  static OptionalInt role(List<String> statements, int done) {
    for (int i = done - 1; i >= 0; i--) {
      if (StatementKind.of(statements.get(i)) instanceof Setting(String name)
          && name.equals("role")) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  private static boolean isOfSession(String statement) {
    return StatementKind.of(statement) instanceof Setting(String name) && !name.isEmpty();
  }

  private static void execute(Connection connection, String setting) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(setting);
    }
  }
}
