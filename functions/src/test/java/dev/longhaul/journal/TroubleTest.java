package dev.longhaul.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.Longhaul;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Statuses;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TroubleTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  private long stuck() {
    try (Longhaul longhaul = Longhaul.fromEnvironment(fixture.environment());
        Journal journal = longhaul.journals().open(longhaul.targets().get("main"))) {
      return new Trouble(journal).withoutProgress(HOUR);
    }
  }

  private void age(String change) {
    fixture.database.execute(
        "update longhaul.async_migration set changed_at = now() - interval '2 hours'" + change);
  }

  @Test
  void whatNobodyHasClaimedIsStuckAfterAnHour() {
    Statuses.bring(fixture, "a", MigrationStatus.STARTED);
    assertThat(stuck()).isZero();
    age("");
    assertThat(stuck()).isEqualTo(1);
  }

  @Test
  void whatWaitsForGoodReasonIsNot() {
    Statuses.bring(fixture, "a", MigrationStatus.STARTED);
    for (String reason :
        new String[] {
          ", not_before = now() + interval '1 minute'",
          // Its window has opened a minute ago.
          ", not_before = now() - interval '1 minute'",
          ", not_before = null, meta = '{\"waiting_for\": [\"b\"], \"waiting_reason\": \"depends on"
              + " b\"}'",
          ", meta = '{\"waiting_reason\": \"%s\"}'".formatted(Meta.WAITS_FOR_TURN)
        }) {
      age(reason);
      assertThat(stuck()).as(reason).isZero();
    }
    // Health is no good reason: somebody has to look.
    age(", meta = '{\"waiting_reason\": \"replica_lag_seconds: ...\"}'");
    assertThat(stuck()).isEqualTo(1);
    age(", not_before = now() - interval '61 minutes', meta = '{}'");
    assertThat(stuck()).isEqualTo(1);
  }

  @Test
  void endedAndPausedOnesAreNot() {
    for (MigrationStatus status : MigrationStatus.values()) {
      if (status.isEnd() || status == MigrationStatus.PAUSED) {
        Statuses.bring(fixture, "s_" + status.name().toLowerCase(java.util.Locale.ROOT), status);
      }
    }
    age("");
    assertThat(stuck()).isZero();
  }

  @Test
  void whoseSessionIsGoneIsStuck() {
    Statuses.bring(fixture, "a", MigrationStatus.IN_PROGRESS);
    age("");
    assertThat(stuck()).isEqualTo(1);
  }

  @Test
  void aStatementThatReportsNothingCountsWhileTheServerWorksAtIt() throws Exception {
    Statuses.bring(fixture, "a", MigrationStatus.STARTED);
    fixture.database.execute("create table t (n int)");
    try (Connection work = fixture.database.connect();
        Statement statement = work.createStatement()) {
      statement.execute(
          """
          update longhaul.async_migration set status = 'IN PROGRESS', backend_pid = pg_backend_pid(),
            backend_start = (select backend_start from pg_stat_activity where pid = pg_backend_pid())
          """);
      age("");
      assertThat(stuck()).as("an idle session").isEqualTo(1);
      Thread running = runs(statement, "select pg_sleep(60)", "wait_event = 'PgSleep'");
      assertThat(stuck()).as("works").isZero();
      statement.cancel();
      running.join();
      try (Connection blocker = fixture.database.connect();
          Statement lock = blocker.createStatement()) {
        blocker.setAutoCommit(false);
        lock.execute("lock table t");
        Thread waiting = runs(statement, "alter table t add m int", "wait_event_type = 'Lock'");
        assertThat(stuck()).as("waits for a lock").isEqualTo(1);
        statement.cancel();
        waiting.join();
      }
    }
  }

  private Thread runs(Statement statement, String sql, String until) {
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    statement.execute(sql);
                  } catch (java.sql.SQLException cancelled) {
                    assertThat(cancelled.getSQLState()).isEqualTo("57014");
                  }
                });
    fixture.database.await(
        "select exists (select from pg_stat_activity where datname = current_database() and "
            + until
            + ")");
    return thread;
  }

  /// Attempts come and go, as when health stops each of them after a while: what counts is when a
  /// row was passed.
  @Test
  void aWalkIsStuckWhenItPassesNoRow() {
    fixture.database.execute(
        "create table t (id int primary key, n int); insert into t select generate_series(1, 10)");
    fixture.register(
        """
        {"migration_name": "walk", "sql_forwards": "update t set n = id where :batch", "sql_backwards": "",
         "batch": {"table": "t", "key": "id"}}
        """);
    String moved = ", progress = jsonb_build_object('moved_at', now() - interval '%s')";
    age(moved.formatted("61 minutes"));
    fixture.database.execute("update longhaul.async_migration set changed_at = now()");
    assertThat(stuck()).isEqualTo(1);
    age(moved.formatted("59 minutes"));
    assertThat(stuck()).isZero();

    // Whoever resumes it gives it a new hour.
    age(moved.formatted("61 minutes"));
    fixture.control("pause", "walk");
    assertThat(stuck()).isZero();
    fixture.control("resume", "walk");
    assertThat(stuck()).isZero();
    fixture.executeUntil("walk", "FINISHED");
    assertThat(fixture.control("status", "walk").path("progress").has("moved_at")).isTrue();
  }

  @Test
  void countsInAFileAsWell() throws Exception {
    java.nio.file.Path file = java.nio.file.Files.createTempFile("longhaul", ".db");
    try (Fixture sqlite = new Fixture(new Database("jdbc:sqlite:" + file), Map.of());
        Longhaul longhaul = Longhaul.fromEnvironment(sqlite.environment())) {
      sqlite.register(
          Fixture.migration("a", "select 1", "").put("apply_on_sqlite", true).toString());
      sqlite.register(
          Fixture.migration("b", "nonsense", "").put("apply_on_sqlite", true).toString());
      sqlite.executeUntil("b", "ERROR");
      try (Journal journal = longhaul.journals().open(longhaul.targets().get("main"))) {
        Trouble trouble = new Trouble(journal);
        assertThat(trouble.inError()).isEqualTo(1);
        assertThat(trouble.withoutProgress(HOUR)).isZero();
        assertThat(trouble.withoutProgress(Duration.ZERO)).isLessThanOrEqualTo(1);
      }
    } finally {
      java.nio.file.Files.delete(file);
    }
  }
}
