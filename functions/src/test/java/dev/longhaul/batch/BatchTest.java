package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchTest {
  private final Fixture fixture = new Fixture();

  @BeforeEach
  void makeTable() {
    fixture.database.execute(
        """
        create table task (id bigint primary key, tenant int not null, code text not null,
          stamp timestamptz not null, tag uuid not null, n int not null default 0, note text);
        insert into task (id, tenant, code, stamp, tag)
        select i * 3 - 9000, i % 7, 'c' || i, timestamptz '2026-01-01 00:00+00' + i * interval '1.000001 s',
          md5(i::text)::uuid
        from generate_series(1, 20000) i;
        create index on task (tenant, id);
        create index on task (code);
        create index on task (stamp);
        create index on task (tag);
        analyze task;
        """);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private ObjectNode migration(String name, String forwards, String batch) {
    ObjectNode migration = Fixture.migration(name, forwards, "");
    try {
      migration.set("batch", dev.longhaul.payload.JsonFunction.JSON.readTree(batch));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
    return migration;
  }

  private void assertEachRowOnce() {
    assertThat(fixture.database.query("select n || ' ' || count(*) from task group by n"))
        .containsExactly("1 20000");
  }

  /// The cut of a large table takes a while: nobody is to read "1 of 2 steps, 50 %" meanwhile.
  @Test
  void tellsOfRowsBeforeTheTableIsCut() {
    fixture.register(
        migration(
                "told",
                "select 1; update task set n = n + 1 where :batch",
                "{\"table\":\"task\",\"key\":\"id\",\"size\":10000}")
            .toString());
    fixture.database.execute(
        """
        create table told (id serial, progress jsonb, ranges bigint);
        create function tell() returns trigger language plpgsql as $$
        begin
          insert into told (progress, ranges)
          select new.progress, count(*) from longhaul.async_migration_range;
          return null;
        end $$;
        create trigger tell after update of progress on longhaul.async_migration for each row
          when (new.progress is not null) execute function tell()
        """);
    fixture.executeUntil("told", "FINISHED");
    assertThat(
            fixture.database.value(
                """
                select progress ->> 'done' || ' of ' || (progress ->> 'total') || ' ' ||
                  (progress ->> 'unit') || ', ' || (progress ->> 'phase') || ', ' || ranges
                from told order by id limit 1
                """))
        .isEqualTo("0 of 20000 row, step 2, 0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "id"              | 1 | 1
          "id"              | 1 | "auto"
          "id"              | 4 | "auto"
          "id"              | 3 | 5
          ["tenant","id"]   | 1 | 1
          ["tenant","id"]   | 3 | 4
          "code"            | 2 | 3
          "stamp"           | 2 | 1
          "tag"             | 2 | "auto"
          """)
  void changesEachRowOnce(String key, int parallelism, String stripes) {
    fixture.register(
        migration(
                "all",
                "update task set n = n + 1 where :batch",
                "{\"table\":\"task\",\"key\":%s,\"size\":700,\"parallelism\":%d,\"stripes\":%s}"
                    .formatted(key, parallelism, stripes))
            .toString());
    fixture.executeUntil("all", "FINISHED");
    assertEachRowOnce();
    JsonNode status = fixture.control("status", "all");
    assertThat(status.path("progress").path("unit").asText()).isEqualTo("row");
    assertThat(status.path("progress").path("done").asLong()).isEqualTo(20000);
    assertThat(status.path("progress").path("total").asLong()).isEqualTo(20000);
    assertThat(
            fixture.database.value(
                "select sum(rows_done) || ' ' || bool_and(done) from"
                    + " longhaul.async_migration_range"))
        .isEqualTo("20000 true");
  }

  @Test
  void runsOtherStatementsBeforeAndBehind() {
    fixture.register(
        migration(
                "several",
                "alter table task add column extra int; update task as t set extra = t.n + 5 where"
                    + " :batch; alter table task alter column extra set not null",
                "{\"table\":\"task\",\"key\":\"id\"}")
            .toString());
    fixture.executeUntil("several", "FINISHED");
    assertThat(fixture.database.query("select distinct extra from task")).containsExactly("5");
  }

  @Test
  void movesRowsToAnotherTable() {
    fixture.database.execute("create table old_task (id bigint primary key)");
    fixture.register(
        migration(
                "move",
                "with moved as (delete from task where tenant = 3 and :batch returning id)"
                    + " insert into old_task select id from moved",
                "{\"table\":\"task\",\"key\":\"id\",\"size\":300}")
            .toString());
    fixture.executeUntil("move", "FINISHED");
    assertThat(
            fixture.database.value(
                "select (select count(*) from old_task) || ' ' || (select count(*) from task where"
                    + " tenant = 3)"))
        .isEqualTo("2857 0");
  }

  @Test
  void bindsTheKeyToTheRightTable() {
    fixture.database.execute(
        "create table other (id bigint primary key, v int); insert into other select id, 1 from"
            + " task");
    fixture.register(
        migration(
                "join",
                "update task a set n = n + v from other where other.id = a.id and :batch",
                "{\"table\":\"task\",\"key\":\"id\"}")
            .toString());
    fixture.executeUntil("join", "FINISHED");
    assertEachRowOnce();
  }

  @Test
  void rollsBackInBatches() {
    ObjectNode migration =
        migration(
            "both",
            "update task set n = n + 1 where :batch",
            "{\"table\":\"task\",\"key\":\"id\"}");
    migration.put("sql_backwards", "update task set n = n - 1 where :batch");
    fixture.register(migration.toString());
    fixture.executeUntil("both", "FINISHED");
    fixture.control("rollback", "both");
    fixture.executeUntil("both", "ROLLED BACK");
    assertThat(fixture.database.query("select distinct n from task")).containsExactly("0");
    fixture.control("retry", "both");
    fixture.executeUntil("both", "FINISHED");
    assertEachRowOnce();
  }

  @Test
  void namesTheRowThatFails() {
    fixture.database.execute("alter table task add check (n = 0 or id <> 3000)");
    fixture.register(
        migration(
                "check",
                "update task set n = n + 1 where :batch",
                "{\"table\":\"task\",\"key\":\"id\"}")
            .toString());
    fixture.executeUntil("check", "ERROR");
    assertThat(
            fixture.control("status", "check").path("meta").path("error").path("message").asText())
        .startsWith("at the row with the key 3000: ");
    fixture.database.execute("alter table task drop constraint task_check");
    fixture.control("retry", "check");
    fixture.executeUntil("check", "FINISHED");
    assertEachRowOnce();
  }

  @Test
  void passesOverBadRowsIfAsked() {
    fixture.database.execute("alter table task add check (n = 0 or id not in (3000, 6003, 6006))");
    fixture.register(
        migration(
                "skip",
                "update task set n = n + 1 where :batch",
                "{\"table\":\"task\",\"key\":\"id\",\"on_row_error\":\"skip\"}")
            .toString());
    fixture.executeUntil("skip", "FINISHED");
    assertThat(
            fixture.database.query(
                "select key ->> 0 || ' ' || sqlstate from longhaul.async_migration_skipped_row"
                    + " order by key"))
        .containsExactlyInAnyOrder("3000 23514", "6003 23514", "6006 23514");
    assertThat(fixture.database.query("select id from task where n = 0 order by id"))
        .containsExactly("3000", "6003", "6006");
  }

  /// The search for it ends where fewer rows are left of its stripe than it asks for.
  @Test
  void namesABadRowAtTheEndOfAStripe() {
    fixture.database.execute(
        "create table small (id int primary key, n int not null default 0 check (n = 0 or id <>"
            + " 61)); insert into small select generate_series(1, 64); analyze small");
    fixture.register(
        migration(
                "skip",
                "update small set n = n + 1 where :batch",
                "{\"table\":\"small\",\"key\":\"id\",\"size\":100,\"stripes\":4,\"on_row_error\":\"skip\"}")
            .toString());
    fixture.executeUntil("skip", "FINISHED");
    assertThat(fixture.database.query("select key ->> 0 from longhaul.async_migration_skipped_row"))
        .containsExactly("61");
    assertThat(fixture.database.query("select id from small where n = 0")).containsExactly("61");
  }

  @Test
  void stopsWithinOneBatchAndGoesOn() {
    fixture.database.execute(
        """
        create function slow() returns trigger language plpgsql as $$
          begin perform pg_sleep(0.001); return new; end $$;
        create trigger slow before update on task for each row execute function slow()
        """);
    fixture.register(
        migration(
                "pause",
                "update task set n = n + 1 where :batch",
                "{\"table\":\"task\",\"key\":\"id\",\"size\":100,\"target_ms\":200}")
            .toString());
    CompletableFuture<Void> run =
        CompletableFuture.runAsync(fixture::executeAll, Thread::startVirtualThread);
    fixture.database.await("select count(*) > 500 from task where n = 1");
    assertThat(fixture.control("set", "pause", "{\"parallelism\":4}").path("status").asText())
        .isEqualTo("IN PROGRESS");
    fixture.database.await(
        "select count(*) = 4 from pg_stat_activity where application_name = 'longhaul:pause'");
    fixture.control("set", "pause", "{\"parallelism\":1}");
    fixture.database.await(
        "select count(*) = 1 from pg_stat_activity where application_name = 'longhaul:pause'");
    fixture.control("set", "pause", "{\"parallelism\":3}");
    fixture.database.await(
        "select count(*) = 3 from pg_stat_activity where application_name = 'longhaul:pause'");
    fixture.control("pause", "pause");
    run.join();
    assertThat(fixture.status("pause")).isEqualTo("PAUSED");
    long done = fixture.control("status", "pause").path("progress").path("done").asLong();
    // In the middle of a window that is done in stripes, each stripe counts as its share.
    assertThat(Long.parseLong(fixture.database.value("select sum(n) from task")))
        .isCloseTo(done, within(64L));
    assertThat(done).isBetween(500L, 19999L);
    fixture.database.execute("drop trigger slow on task");
    fixture.control("resume", "pause");
    fixture.executeUntil("pause", "FINISHED");
    assertEachRowOnce();
  }

  @Test
  void walksAgainUntilNothingIsLeft() {
    fixture.register(
        migration(
                "again",
                "update task set note = 'x' where note is null and (n = 1 or id % 2 = 0) and"
                    + " :batch",
                "{\"table\":\"task\",\"key\":\"id\",\"until_empty\":\"select count(*) from task"
                    + " where note is null and id % 2 = 0\"}")
            .toString());
    fixture.executeUntil("again", "FINISHED");
    assertThat(fixture.database.value("select count(*) from task where note is null"))
        .isEqualTo("10000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          update task set n = 1 where :batch         | {"table":"nobody","key":"id"}              | batch.table: "nobody" is not there
          update task set n = 1 where :batch         | {"table":"task","key":"absent"}            | batch.key: public.task has no column "absent"
          update task set note = 1 where :batch      | {"table":"task","key":"n"}                 | create index concurrently task_n_idx on public.task (n)
          update task set n = 1 where :batch         | {"table":"task","key":"note"}              | alter table public.task alter column note set not null
          update task set n = 1                      | {"table":"task","key":"id"}                | sql_forwards: holds no :batch
          update task set n = ':batch' where id::batch = 1 | {"table":"task","key":"id"}          | sql_forwards: holds no :batch
          update task set id = id + 1 where :batch   | {"table":"task","key":"id"}                | changes "id"
          delete from task where id in (select id from task where :batch limit 5) | {"table":"task","key":"id"} | limit
          update task set n = 1 where :batch and     | {"table":"task","key":"id"}                | SQLSTATE 42601
          select * from task where :batch            | {"table":"task","key":"id"}                | is none that changes rows
          update task set n = 1 where :batch         | {"table":"task","key":"id","sise":1}       | batch.sise: is no field
          update task set n = 1 where :batch         | {"table":"task","key":"id","parallelism":17} | batch.parallelism: must be a whole number from 1 to 16
          update task set n = 1 where :batch         | {"table":"task","key":"id","health":{"blocked_sessions":[5,1,20]}} | batch.health.blocked_sessions: must be three numbers
          """)
  void refuses(String sql, String batch, String reason) {
    assertThatThrownBy(() -> fixture.register(migration("no", sql, batch).toString()))
        .hasMessageContaining(reason);
    assertThat(fixture.registered()).isEmpty();
  }

  @Test
  void refusesThePlaceholderWithoutBatch() {
    assertThatThrownBy(() -> fixture.register("no", "update task set n = 1 where :batch", ""))
        .hasMessageContaining(
            "sql_forwards: holds :batch, but the migration says nothing of batches");
  }
}
