package dev.longhaul.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longhaul.cli.MigrationFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The files against a real PostgreSQL, without Longhaul in between: what they are to it does not
/// depend on what it makes of them.
class MigrationsTest {
  private static final List<MigrationFile> MIGRATIONS = Sample.load(10_000).migrations();

  /// Their way back does nothing, for they change nothing that anybody would miss.
  private static final Set<String> NOTHING_TO_UNDO =
      Set.of("0006_vacuum_loaded_tables", "0027_reindex_annotation", "0038_nightly_refresh");

  private Connection connection;
  private Connection scripts;
  private ScriptRunner runner;

  @BeforeEach
  void connect() throws SQLException {
    TestDatabase database = TestDatabase.create();
    connection = database.connect();
    scripts = database.connectForScripts();
    runner = new ScriptRunner(scripts);
  }

  @AfterEach
  void disconnect() throws SQLException {
    connection.close();
    scripts.close();
  }

  @Test
  void everyMigrationRunsIsUndoneAndRunsAgain() throws SQLException {
    for (MigrationFile migration : MIGRATIONS) {
      List<String> before = Fingerprint.of(connection);
      switch (migration.name()) {
        case "0032_import_quota" -> {
          assertThatFails(() -> runner.forwards(migration), "42601");
          assertThat(Fingerprint.of(connection)).as(migration.name()).isEqualTo(before);
          continue;
        }
        case Scenario.DUPLICATE_KEY -> {
          assertThatFails(() -> runner.forwards(migration), "23505");
          assertThat(Fingerprint.of(connection)).anyMatch(line -> line.endsWith("valid f"));
          runner.backwards(migration);
          assertThat(Fingerprint.of(connection)).as(migration.name()).isEqualTo(before);
          assertThat(execute(Scenario.REPAIR)).isEqualTo(1);
          before = Fingerprint.of(connection);
        }
        case Scenario.MEETS_LOCK -> {
          execute("begin");
          execute("lock table " + Scenario.LOCKED_TABLE + " in access share mode");
          assertThatFails(() -> runner.forwards(migration), "55P03");
          execute("rollback");
        }
        default -> {}
      }
      runner.forwards(migration);
      List<String> after = Fingerprint.of(connection);
      if (NOTHING_TO_UNDO.contains(migration.name())) {
        runner.backwards(migration);
        assertThat(Fingerprint.of(connection)).as(migration.name() + " undone").isEqualTo(after);
        continue;
      }
      assertThat(after).as(migration.name()).isNotEqualTo(before);
      if (!migration.name().equals(Scenario.IRREVERSIBLE)) {
        runner.backwards(migration);
        assertThat(Fingerprint.of(connection)).as(migration.name() + " undone").isEqualTo(before);
        runner.forwards(migration);
        assertThat(Fingerprint.of(connection)).as(migration.name() + " again").isEqualTo(after);
      }
    }
  }

  @Test
  void allOfThemUndoneInReverseOrderLeaveNothing() throws SQLException {
    List<String> empty = Fingerprint.of(connection);
    List<MigrationFile> applied = new ArrayList<>();
    for (MigrationFile migration : MIGRATIONS) {
      if (!migration.name().equals("0032_import_quota")) {
        if (migration.name().equals(Scenario.DUPLICATE_KEY)) {
          execute(Scenario.REPAIR);
        }
        runner.forwards(migration);
        applied.add(migration);
      }
    }
    assertThat(Fingerprint.of(connection)).hasSizeGreaterThan(empty.size() + 100);
    for (MigrationFile migration : applied.reversed()) {
      if (!migration.name().equals(Scenario.IRREVERSIBLE)) {
        runner.backwards(migration);
      }
    }
    assertThat(Fingerprint.of(connection)).isEqualTo(empty);
  }

  private int execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  private static void assertThatFails(ThrowingCallable call, String sqlState) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(sqlState));
  }
}
