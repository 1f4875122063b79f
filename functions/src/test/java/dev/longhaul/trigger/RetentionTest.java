package dev.longhaul.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the sweep deletes of the history, and what the journal lets nobody delete.
class RetentionTest {
  private static final String HISTORY =
      "select migration_name || ' ' || id from longhaul.async_migration_history order by id";

  private Fixture fixture = new Fixture(Database.create(), Map.of("HISTORY_RETENTION_DAYS", "60"));

  @AfterEach
  void close() {
    fixture.close();
  }

  /// Registered, and with a transition of long ago besides.
  private void register(String name, String ageInDays) {
    fixture.register(Fixture.migration(name, "select 1", "").toString());
    fixture.database.execute(
        """
        insert into longhaul.async_migration_history (id, migration_name, to_status, direction, attempt, at)
        overriding system value
        select -count(*), '%s', 'STARTED', 'FORWARDS', 0, now() - interval '%s days' from longhaul.async_migration_history
        """
            .formatted(name, ageInDays));
  }

  private long old() {
    return Long.parseLong(
        fixture.database.value(
            "select count(*) from longhaul.async_migration_history where id <= 0"));
  }

  private void sweep() {
    fixture.trigger("{}");
  }

  @Test
  void prunesOldTransitionsOfWhatHasEnded() {
    register("young", "59");
    register("old", "61");
    fixture.executeUntil("young", "FINISHED");
    fixture.executeUntil("old", "FINISHED");
    long recent =
        Long.parseLong(
            fixture.database.value(
                "select count(*) from longhaul.async_migration_history where id > 0"));
    sweep();
    assertThat(fixture.database.query(HISTORY)).anyMatch(row -> row.matches("young -?\\d"));
    assertThat(old()).isEqualTo(1);
    assertThat(fixture.database.value("select count(*) from longhaul.async_migration_history"))
        .isEqualTo(Long.toString(recent + 1));
  }

  @Test
  void looksAgainAtOnceOnlyWhereMoreIsLeft() {
    register("old", "61");
    fixture.executeUntil("old", "FINISHED");
    sweep();
    leaveOldTransitions(2 * Pruning.MOST_TRANSITIONS);
    sweep();
    assertThat(old()).as("within the hour").isEqualTo(2 * Pruning.MOST_TRANSITIONS);

    fixture.startProcesses();
    sweep();
    assertThat(old()).isEqualTo(Pruning.MOST_TRANSITIONS);
    sweep();
    assertThat(old()).isZero();
  }

  private void leaveOldTransitions(int rows) {
    fixture.database.execute(
        """
        insert into longhaul.async_migration_history (id, migration_name, to_status, direction, attempt, at)
        overriding system value
        select -i, 'old', 'STARTED', 'FORWARDS', 0, now() - interval '61 days' from generate_series(1, %d) i
        """
            .formatted(rows));
  }

  @Test
  void keepsWhatHasNotEnded() {
    register("waiting", "400");
    sweep();
    assertThat(old()).isEqualTo(1);
  }

  @Test
  void keepsEverythingUnlessItIsAskedTo() {
    fixture.close();
    fixture = new Fixture(Database.create(), Map.of());
    register("old", "4000");
    fixture.executeUntil("old", "FINISHED");
    sweep();
    assertThat(old()).isEqualTo(1);
  }

  @Test
  void journalRefusesToForgetWhatIsYoungOrLast() {
    register("young", "29");
    register("old", "31");
    assertThatThrownBy(
            () ->
                fixture.database.execute(
                    "delete from longhaul.async_migration_history where migration_name = 'young'"
                        + " and id <= 0"))
        .hasMessageContaining("append-only")
        .hasMessageContaining("older than 30 days");
    assertThatThrownBy(
            () ->
                fixture.database.execute(
                    "delete from longhaul.async_migration_history where migration_name = 'old'"))
        .hasMessageContaining("append-only");
    fixture.database.execute(
        "delete from longhaul.async_migration_history where migration_name = 'old' and id <= 0");
    assertThat(old()).isEqualTo(1);
  }

  @Test
  void refusesATimeThatTheJournalWouldRefuse() {
    fixture.close();
    fixture = new Fixture(Database.create(), Map.of("HISTORY_RETENTION_DAYS", "7"));
    assertThatThrownBy(this::sweep).hasMessageContaining("HISTORY_RETENTION_DAYS must be 0, or");
  }

  @Test
  void prunesAFileAsWell() throws Exception {
    fixture.close();
    Path file = Files.createTempFile("longhaul", ".db");
    fixture =
        new Fixture(new Database("jdbc:sqlite:" + file), Map.of("HISTORY_RETENTION_DAYS", "60"));
    try {
      fixture.register(
          Fixture.migration("old", "select 1", "").put("apply_on_sqlite", true).toString());
      fixture.executeUntil("old", "FINISHED");
      for (int days : List.of(59, 61)) {
        fixture.database.execute(
            """
            insert into longhaul_async_migration_history (id, migration_name, to_status, direction, attempt, at)
            values (%d, 'old', 'STARTED', 'FORWARDS', 0, datetime('now', '-%d days'))
            """
                .formatted(-days, days));
      }
      sweep();
      assertThat(
              fixture.database.query(
                  "select id from longhaul_async_migration_history where id < 0"))
          .containsExactly("-59");
      assertThatThrownBy(
              () -> fixture.database.execute("delete from longhaul_async_migration_history"))
          .hasMessageContaining("append-only");
    } finally {
      Files.delete(file);
    }
  }
}
