package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.database.Dialect;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalConnection;
import dev.longhaul.journal.SessionLock;
import dev.longhaul.testing.Fixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A unit whose client has vanished is carried to its end by the server alone.
@Tag("fault")
class DetachedUnitTest {
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  @Test
  void commitsWorkAndJournalTogetherAfterTheClientIsGone() throws Exception {
    longhaul.register(
        "slow", "create table t (n int); insert into t values (1); select pg_sleep(1)", "");
    runAndVanish("slow");

    longhaul.database.await(
        "select status = 'FINISHED' from longhaul.async_migration where name = 'slow'");
    assertThat(longhaul.database.value("select count(*) from t")).isEqualTo("1");
    longhaul.executeAll();
    assertThat(longhaul.pathOf("slow")).containsExactly("STARTED", "IN PROGRESS", "FINISHED");
  }

  @Test
  void recordsAnErrorAfterTheClientIsGone() throws Exception {
    longhaul.register(
        "failing",
        "create table t (n int); select pg_sleep(1); select 1 / (select count(*) from t)",
        "");
    runAndVanish("failing");

    longhaul.database.await(
        "select status = 'ERROR' from longhaul.async_migration where name = 'failing'");
    assertThat(
            longhaul.database.value(
                "select meta #>> '{error,sqlstate}' from longhaul.async_migration"))
        .isEqualTo("22012");
    assertThat(longhaul.database.value("select to_regclass('t')")).isEqualTo("null");
  }

  @Test
  void doesNothingForAnAttemptThatNoLongerCounts() throws Exception {
    longhaul.register("late", "create table t (n int)", "");
    try (Connection connection = longhaul.database.connect();
        Statement statement = connection.createStatement()) {
      Attempt attempt = claim(connection, "late");
      longhaul.database.execute(
          "update longhaul.async_migration set attempt = attempt + 1 where name = 'late'");
      statement.execute(ServerUnit.sql(attempt, attempt.entry(), 1, Duration.ofSeconds(1)));
    }
    assertThat(longhaul.database.value("select to_regclass('t')")).isEqualTo("null");
    longhaul.database.execute("update longhaul.async_migration set next_look_at = now()");
    longhaul.trigger("{}");
    longhaul.executeUntil("late", "FINISHED");
  }

  /// Somebody has given its lock up, and another attempt has begun.
  @Test
  void undoesItsWorkWhereAnotherAttemptHasBegunMeanwhile() throws Exception {
    longhaul.register("late", "create table t (n int); select pg_sleep(1)", "");
    runAndVanish("late");
    longhaul.database.execute(
        "update longhaul.async_migration set attempt = attempt + 1 where name = 'late'");
    longhaul.database.await(
        "select not exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname ="
            + " current_database())");
    longhaul.database.await(
        "select not exists (select from pg_locks where locktype = 'advisory' and database = (select"
            + " oid from pg_database where datname = current_database()))");
    assertThat(longhaul.database.value("select to_regclass('t')")).isEqualTo("null");
    assertThat(longhaul.status("late")).isEqualTo("IN PROGRESS");
  }

  @Test
  void survivesNamesAndStatementsThatLookLikeItsOwnText() {
    String name = "it's $longhaul$ @work %s ? \\ \"quoted\" end $$; drop table x; --";
    longhaul.register(
        name,
        "create table t (s text); insert into t values ('$longhaul_0_$ ? %s '' \\'); create"
            + " function f() returns int language sql as $f$ select 1 $f$",
        "");
    longhaul.executeAll();
    assertThat(longhaul.status(name)).isEqualTo("FINISHED");
    assertThat(longhaul.database.value("select s from t")).isEqualTo("$longhaul_0_$ ? %s ' \\");
  }

  private Attempt claim(Connection connection, String name) {
    JournalConnection work = new JournalConnection(connection, Dialect.POSTGRESQL);
    assertThat(SessionLock.tryAcquire(work, SessionLock.of(name))).isTrue();
    try (Journal journal = new Journal(work, "main", () -> {})) {
      return Attempt.claim(work, journal.find(name).orElseThrow()).orElseThrow();
    }
  }

  private void runAndVanish(String name) throws SQLException {
    Connection connection = longhaul.database.connect();
    Attempt attempt = claim(connection, name);
    String unit =
        ServerUnit.sql(
            attempt, attempt.entry(), attempt.entry().statements().size(), Duration.ofSeconds(1));
    CompletableFuture<Void> running =
        CompletableFuture.runAsync(
            () -> {
              try (Statement statement = connection.createStatement()) {
                statement.execute(unit);
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    longhaul.database.await(
        "select exists (select from pg_stat_activity where wait_event = 'PgSleep' and datname ="
            + " current_database())");
    connection.abort(Runnable::run);
    assertThat(running).failsWithin(Duration.ofSeconds(5));
  }
}
