package dev.longhaul.journal;

import dev.longhaul.database.IdlePerTarget;
import dev.longhaul.database.SqlState;
import dev.longhaul.database.Target;
import dev.longhaul.migration.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Opens the journals of targets, installs them where they are missing, and keeps idle connections
/// between invocations, one for each of the targets used last. A connection is validated before it
/// is used again: it may have died while the function was frozen.
public final class Journals implements AutoCloseable {
  /// The version that `schema.sql` installs.
  public static final int VERSION = 5;

  private static final int VALIDATION_SECONDS = 2;
  private static final int INSTALL_TRIES = 5;

  /// Two installations at once: the loser's objects exist already.
  private static final Set<String> LOST_RACE =
      Set.of("23505", "42P06", "42P07", "42710", "42723", "XX000", "40P01");

  private final IdlePerTarget<Connection> idle = new IdlePerTarget<>(Journals::close);

  /// @throws Refusal `TargetUnavailable`
  public Journal open(Target target) {
    Connection connection = idle.take(target.name());
    if (connection == null || !isAlive(connection)) {
      connection = target.connect("longhaul");
      installIfMissing(target, connection);
    }
    Connection opened = connection;
    return new Journal(
        new JournalConnection(opened, target.dialect()),
        target.name(),
        () -> idle.give(target.name(), opened));
  }

  /// The text of the journal's DDL for PostgreSQL.
  public static String schema() {
    return resource("schema.sql");
  }

  private static boolean isAlive(Connection connection) {
    try {
      return connection.isValid(VALIDATION_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  private static void installIfMissing(Target target, Connection connection) {
    SQLException last = null;
    for (int i = 0; i < INSTALL_TRIES; i++) {
      int installed = installedVersion(target, connection);
      if (installed >= VERSION) {
        return;
      }
      try (Statement statement = connection.createStatement()) {
        statement.setEscapeProcessing(false);
        statement.executeUpdate(
            switch (target.dialect()) {
              case POSTGRESQL -> schema();
              case SQLITE -> sqliteSchema(installed);
            });
        return;
      } catch (SQLException e) {
        last = e;
        if (!LOST_RACE.contains(SqlState.of(e))) {
          break;
        }
      }
    }
    close(connection);
    throw cannotInstall(target, Objects.requireNonNull(last));
  }

  /// SQLite knows no `add column if not exists`: one script for each version that is missing.
  private static String sqliteSchema(int installed) {
    StringBuilder script = new StringBuilder();
    for (int version = installed + 1; installed > 0 && version <= VERSION; version++) {
      script.append(resource("upgrade-sqlite-" + version + ".sql"));
    }
    return script.append(resource("schema-sqlite.sql")).toString();
  }

  private static Refusal cannotInstall(Target target, SQLException e) {
    String state = SqlState.of(e);
    String advice =
        state.equals(SqlState.INSUFFICIENT_PRIVILEGE)
            ? "let somebody who may create schemas run the output of \"longhaul schema\"; if that"
                + " is done, grant this role usage on schema longhaul and select, insert and"
                + " update on its tables"
            : state.equals(SqlState.LOCK_NOT_AVAILABLE)
                ? "a migration that runs holds the journal's table; try again when it has ended"
                : "try again, or run the output of \"longhaul schema\" by hand to see more";
    return Refusal.unavailable(
        "target \"%s\": the journal cannot be installed (SQLSTATE %s, %s): %s"
            .formatted(target.name(), state, e.getMessage(), advice));
  }

  /// 0 where there is none.
  private static int installedVersion(Target target, Connection connection) {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                target.dialect().sql("select coalesce(max(version), 0) from longhaul.journal"))) {
      return row.next() ? row.getInt(1) : 0;
    } catch (SQLException e) {
      return 0;
    }
  }

  private static String resource(String name) {
    try (@Nullable InputStream resource = Journals.class.getResourceAsStream(name)) {
      return new String(
          Objects.requireNonNull(resource, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new JournalFailure(e);
    }
  }

  @Override
  public void close() {
    idle.close();
  }
}
