package dev.longhaul.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.journal.HistoryEntry;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Statuses;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What somebody reads who has never heard of any of it.
class WordingTest {
  private final Fixture longhaul =
      new Fixture(Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));

  @AfterEach
  void close() {
    longhaul.close();
  }

  /// Without its marks.
  private String text(String payload) {
    return longhaul.invoke("dashboard", payload).asText().replaceAll("<[^>]*>", "");
  }

  private String overview() {
    return text("{\"widgetContext\": {\"width\": 1000}}");
  }

  @Test
  void saysThatALockIsWaitedFor() throws Exception {
    longhaul.database.execute("create table t (n int)");
    longhaul.register(
        Fixture.migration("locked", "alter table t add m int", "")
            .put("execute_immediately", true)
            .put("lock_timeout", "50ms")
            .toString());
    try (Connection other = longhaul.database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("lock table t");
      longhaul.executeNext();
      other.rollback();
    }

    assertThat(overview())
        .contains("another session holds a lock that it needs; tries again; next try ")
        .doesNotContain("canceling statement");
  }

  @Test
  void saysWhenWhatIsDueStarts() {
    longhaul.register(
        Fixture.migration("due", "select 1", "").put("run_at", "2999-01-01T00:00:00Z").toString());
    assertThat(overview()).contains("runs in ");

    longhaul.database.execute(
        "update longhaul.async_migration set run_at = now() - interval '1 second'");
    assertThat(overview()).contains("is due; the next sweep starts it, within a minute");
  }

  @Test
  void saysHowManyOfThoseThatWaitAreNotShown() {
    for (int i = 0; i < 20; i++) {
      longhaul.register("m" + i, "select 1", "");
    }
    assertThat(overview()).contains("the latest 6 of 20; the numbers above lead to all");
  }

  @Test
  void saysWhyAWalkIsSlow() {
    Statuses.bring(longhaul, "walk", MigrationStatus.IN_PROGRESS);
    longhaul.database.execute(
        """
        update longhaul.async_migration set progress =
          '{"done": 5, "total": 10, "unit": "row", "pace": 0.25, "pace_reason": "replica lag of 7 s"}'
        """);
    assertThat(overview())
        .contains("slowed down to 25 %, to spare the database: replica lag of 7 s");

    longhaul.database.execute(
        "update longhaul.async_migration set progress = progress || '{\"pace\": 0}'");
    assertThat(overview()).contains("held back, to spare the database: replica lag of 7 s");
  }

  @Test
  void tellsItsStoryInPlainWords() {
    Statuses.bring(longhaul, "done", MigrationStatus.SCHEDULED);
    longhaul.trigger("{\"all\": true}");
    longhaul.executeUntil("done", "FINISHED");
    String detail = text(WidgetRequest.detail("main", "done").toString());
    assertThat(detail).contains("begun", "every step is done").doesNotContain("claimed");
  }

  @Test
  void tellsABeginningFromGoingOn() {
    longhaul.database.execute(
        "create table t (id bigint primary key, n int); insert into t values (1)");
    ObjectNode walk =
        Fixture.migration("walk", "update t set n = 1 where :batch", "")
            .put("execute_immediately", true);
    walk.putObject("batch").put("table", "t").put("key", "id");
    longhaul.register(walk.toString());
    longhaul.database.execute(
        "update longhaul.async_migration set progress = '{\"done\": 1, \"total\": 2}'");
    longhaul.executeUntil("walk", "FINISHED");
    assertThat(longhaul.database.query("select reason from longhaul.async_migration_history"))
        .contains("gone on with")
        .doesNotContain("begun");
  }

  @Test
  void countsAnAttemptFromItsBeginningWhateverWasSetMeanwhile() {
    assertThat(
            OverviewPage.took(
                List.of(
                    entry(2, MigrationStatus.FINISHED, 9),
                    entry(2, MigrationStatus.IN_PROGRESS, 7),
                    entry(2, MigrationStatus.IN_PROGRESS, 4),
                    entry(1, MigrationStatus.IN_PROGRESS, 1))))
        .isEqualTo(Duration.ofSeconds(5));
    assertThat(OverviewPage.took(List.of(entry(2, MigrationStatus.FINISHED, 9)))).isNull();
  }

  private static HistoryEntry entry(int attempt, MigrationStatus status, int second) {
    return new HistoryEntry(
        second,
        "walk",
        status,
        status,
        Direction.FORWARDS,
        attempt,
        null,
        null,
        Instant.ofEpochSecond(second));
  }
}
