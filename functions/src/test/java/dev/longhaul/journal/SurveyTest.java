package dev.longhaul.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SurveyTest {
  private static final Database DATABASE = Database.create();

  @BeforeAll
  static void tenThousandMigrationsWithAHistory() {
    DATABASE.execute(Journals.schema());
    DATABASE.execute(
        """
        insert into longhaul.async_migration
          (name, status, sql_forwards, sql_backwards, checksum, max_attempts, steps_total, steps_done, meta,
           finished_at, next_look_at, changed_at)
        select 'app_' || i, s.status, jsonb_build_array(repeat('select 1 ', 50)), '[]', 'c', 10, 1,
          (s.status = 'FINISHED')::int,
          case when s.status = 'ERROR' then '{"error":{}}' else '{}' end::jsonb,
          case when s.status in ('FINISHED', 'ERROR') then now() end,
          case when s.status = 'STARTED' then now() end, now() - make_interval(secs => i)
        from generate_series(1, 10000) i,
          lateral (select case when i % 50 = 0 then 'ERROR' when i % 70 = 0 then 'STARTED'
            when i % 90 = 0 then 'SCHEDULED' else 'FINISHED' end) s (status)
        """);
    DATABASE.execute(
        """
        insert into longhaul.async_migration_history
          (migration_name, from_status, to_status, direction, attempt, at)
        select 'app_' || i, 'SCHEDULED', 'STARTED', 'FORWARDS', 1, now()
        from generate_series(1, 4), generate_series(1, 10000) i
        """);
    DATABASE.execute("vacuum analyze longhaul.async_migration");
    DATABASE.execute("vacuum analyze longhaul.async_migration_history");
  }

  private String plan(String sql, Object... parameters) {
    return String.join("\n", DATABASE.query("explain " + new BoundSql(sql, parameters).inlined()));
  }

  @Test
  void historyIsReadByIndexOnly() {
    assertThat(plan(Survey.LATEST, 15))
        .contains("async_migration_history_pkey")
        .doesNotContain("Seq Scan", "Sort");
    assertThat(plan(Survey.LATEST_OF_ONE, "app_7", 40))
        .contains("async_migration_history_by_name")
        .doesNotContain("Seq Scan");
    assertThat(plan(Survey.COUNTS)).doesNotContain("history");
  }

  /// Statistics are complete when the sessions have ended.
  private long rowsScanned() {
    return counted("seq_tup_read");
  }

  private long rowsRead() {
    return counted("seq_tup_read + coalesce(idx_tup_fetch, 0)");
  }

  private long counted(String rows) {
    DATABASE.await(
        "select not exists (select from pg_stat_activity where datname = current_database() and pid"
            + " <> pg_backend_pid())");
    return Long.parseLong(
        DATABASE.value(
            "select sum("
                + rows
                + ") from pg_stat_user_tables where schemaname = 'longhaul' and"
                + " relname like 'async%'"));
  }

  @Test
  void theSweepGoesByIndexes() {
    DATABASE.execute(
        "update longhaul.async_migration set next_look_at = now() where status = 'STARTED'");
    long before = rowsScanned();
    try (Fixture longhaul = new Fixture(DATABASE, Map.of())) {
      longhaul.trigger("{}");
      assertThat(longhaul.queue.drain()).hasSizeGreaterThan(50);
    }
    assertThat(rowsScanned() - before).isLessThan(1000);
  }

  @Test
  void theHistoryIsReadForPruningOnceAnHour() {
    long before = rowsRead();
    try (Fixture longhaul = new Fixture(DATABASE, Map.of("HISTORY_RETENTION_DAYS", "30"))) {
      for (int minute = 0; minute < 5; minute++) {
        longhaul.trigger("{}");
      }
    }
    assertThat(rowsRead() - before).isLessThan(100_000);
  }

  @Test
  void listsOfAStatusGoByItsIndex() {
    for (String status :
        new String[] {"ERROR", "STARTED", "SCHEDULED", "IN PROGRESS", "FINISHED"}) {
      assertThat(plan(Survey.OF_STATUS, status, 8))
          .as(status)
          .contains("async_migration_by_status")
          .doesNotContain("Seq Scan", "Sort");
    }
  }
}
