package dev.longhaul.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.PlantedCanary;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The idle session that is kept between invocations.
class WorkSessionsTest {
  private final Database database = Database.create();
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final WorkSessions sessions = new WorkSessions(now::get);
  private final Target target =
      Targets.fromEnvironment(
              PlantedCanary.plant(Map.of("DATABASE_URL", database.url())),
              new AwsIdentity("us-east-1"))
          .get("main");

  @AfterEach
  void close() {
    sessions.close();
    database.await(
        "select count(*) = 0 from pg_stat_activity where datname = current_database() and pid <>"
            + " pg_backend_pid()");
  }

  private static String value(WorkSession session, String sql) throws SQLException {
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static void execute(WorkSession session, String sql) throws SQLException {
    try (Statement statement = session.connection().createStatement()) {
      statement.execute(sql);
    }
  }

  private void openAndKeep() {
    try (WorkSession session = sessions.open(target, "longhaul:first")) {
      session.keep();
    }
  }

  @Test
  void isUsedAgainAndRemembersNothing() throws SQLException {
    database.execute("create role worker");
    String backend;
    try (WorkSession session = sessions.open(target, "longhaul:first")) {
      backend = value(session, "select pg_backend_pid()");
      execute(session, "create temp table left_over (id int)");
      execute(session, "set search_path = nowhere");
      execute(session, "set statement_timeout = '1s'");
      execute(session, "set role worker");
      execute(session, "select pg_advisory_lock(42)");
      session.keep();
    }
    assertThat(database.value("select count(*) from pg_locks where locktype = 'advisory'"))
        .isEqualTo("0");
    try (WorkSession session = sessions.open(target, "longhaul:second")) {
      assertThat(value(session, "select pg_backend_pid()")).isEqualTo(backend);
      assertThat(value(session, "select to_regclass('pg_temp.left_over') is null")).isEqualTo("t");
      assertThat(value(session, "show search_path")).isEqualTo("\"$user\", public");
      assertThat(value(session, "show statement_timeout")).isEqualTo("0");
      assertThat(value(session, "select current_user")).isEqualTo("postgres");
      assertThat(value(session, "show application_name")).isEqualTo("longhaul:second");
    }
    database.execute("drop role worker");
  }

  @Test
  void showsNoMigrationWhileNothingRunsInIt() {
    openAndKeep();
    assertThat(
            database.value(
                "select string_agg(application_name, ',') from pg_stat_activity"
                    + " where datname = current_database() and pid <> pg_backend_pid()"))
        .isEqualTo("longhaul");
  }

  @Test
  void isReplacedIfItDiedMeanwhile() throws SQLException {
    openAndKeep();
    database.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'longhaul'"
            + " and datname = current_database()");
    try (WorkSession session = sessions.open(target, "longhaul:second")) {
      assertThat(value(session, "select 1")).isEqualTo("1");
    }
  }

  @Test
  void isClosedUnlessSomebodySaysThatItMayBeKept() {
    sessions.open(target, "longhaul:first").close();
    database.await(
        "select not exists (select from pg_stat_activity where application_name like 'longhaul%'"
            + " and datname = current_database())");
  }

  @Test
  void isReplacedWhenItIsOld() throws SQLException {
    String first;
    try (WorkSession session = sessions.open(target, "longhaul:first")) {
      first = value(session, "select pg_backend_pid()");
      session.keep();
    }
    now.set(Instant.EPOCH.plus(WorkSessions.LONGEST_USE));
    try (WorkSession session = sessions.open(target, "longhaul:second")) {
      assertThat(value(session, "select pg_backend_pid()")).isNotEqualTo(first);
    }
  }

  @Test
  void isClosedIfItCannotBeMadeAsNew() throws SQLException {
    try (WorkSession session = sessions.open(target, "longhaul:first")) {
      execute(session, "begin");
      execute(session, "select pg_advisory_lock(42)");
      session.keep();
    }
    database.await("select not exists (select from pg_locks where locktype = 'advisory')");
    assertThat(
            database.value(
                "select count(*) from pg_stat_activity where application_name like 'longhaul%' and"
                    + " datname = current_database()"))
        .isEqualTo("0");
  }
}
