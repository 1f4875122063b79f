package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.migration.StatementKind;
import dev.longhaul.migration.StatementKind.OutsideTransaction;
import dev.longhaul.testing.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;

class DuplicateKeyTest {
  private final Database database = Database.create();

  /// What is found afterwards, when nobody has heard the server's own words.
  private Optional<String> found(Connection connection, String sql, Duration atMost)
      throws SQLException {
    return new Verification(connection, (OutsideTransaction) StatementKind.of(sql))
        .duplicateKey(atMost);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a int, b text           | (1, 'x'), (1, 'y'), (1, 'x')      | (a, b)",
        "a int                   | (1), (2), (null), (null), (2)     | (a)",
        "a int, b int            | (1, null), (1, null)              | (a, b) nulls not distinct",
        "a int, \"B b\" text     | (1, 'X'), (2, 'x')                | (lower(\"B b\")) include"
            + " (a)",
        "a int, b bool           | (1, true), (1, false), (3, true)  | (b) where a > 0",
        "a date, b char(3)       | ('2026-01-01', 'x'), ('2026-01-01', 'x') | (a, b, upper(b))"
      })
  void saysWhatTheServerSays(String columns, String rows, String index) throws Exception {
    database.execute("create table \"T t\" (" + columns + ")");
    database.execute("insert into \"T t\" values " + rows);
    String sql = "create unique index concurrently i on \"T t\" " + index;
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      String detail = "none";
      try {
        statement.execute(sql);
      } catch (PSQLException e) {
        detail = String.valueOf(e.getServerErrorMessage().getDetail());
      }
      assertThat(found(connection, sql, Duration.ofSeconds(10))).contains(detail);
      assertThat(connection.getAutoCommit()).isTrue();
    }
  }

  @Test
  void saysNothingWhereThereIsNone() throws Exception {
    database.execute("create table t (a int, b int); insert into t values (1, null), (1, null)");
    String sql = "create unique index concurrently i on t (a, b)";
    try (Connection connection = database.connect()) {
      assertThat(found(connection, sql, Duration.ofSeconds(10))).isEmpty();
      database.execute(sql);
      database.execute("update pg_index set indisvalid = false where indrelid = 't'::regclass");
      assertThat(found(connection, sql, Duration.ofSeconds(10))).isEmpty();
    }
  }

  @Test
  void givesUpWhenTheTimeIsOver() throws Exception {
    database.execute(
        "create function slow(int) returns int language plpgsql immutable as"
            + " $$ begin perform pg_sleep(0.01); return 1; end $$");
    database.execute("create table t (a int); insert into t select generate_series(1, 100)");
    String sql = "create unique index concurrently i on t (slow(a))";
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> statement.execute(sql)))
          .hasMessageContaining("duplicated");
      assertThat(found(connection, sql, Duration.ofMillis(300))).isEmpty();
      assertThat(found(connection, sql, Duration.ofSeconds(60)))
          .contains("Key (slow(a))=(1) is duplicated.");
    }
  }
}
