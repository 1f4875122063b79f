package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Fixture;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A walk that somebody's lock is in the way of.
class HeldWalkTest {
  private final WalkedTask task = new WalkedTask();
  private final Fixture fixture = task.fixture;

  @AfterEach
  void close() {
    task.close();
  }

  @Test
  void isCancelledWhileItLooksUpItsKeys() throws Exception {
    task.slowDown();
    fixture.register(
        WalkedTask.migration("m", "{\"size\": 100, \"target_ms\": 100}")
            .put("lock_timeout", "30s")
            .toString());
    CompletableFuture<Void> run = task.runUntil("m", "CANCELLED");
    task.awaitRows(200);
    try (Connection other = fixture.database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("lock table task in access exclusive mode");
      fixture.database.await(
          """
          select exists (select from pg_stat_activity where application_name = 'longhaul:m'
            and wait_event_type = 'Lock' and query like '%offset%')
          """);
      fixture.control("cancel", "m");
      run.join();
    }
    assertThat(fixture.status("m")).isEqualTo("CANCELLED");
  }

  /// It is no row that is held: all of them would be passed over, one by one.
  @Test
  void passesOverNoRowWhileTheTableIsLocked() throws Exception {
    fixture.register(
        WalkedTask.migration("m", "{\"on_row_error\": \"skip\", \"size\": 8, \"stripes\": 1}")
            .put("lock_timeout", "50ms")
            .toString());
    try (Connection other = fixture.database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("lock table task in share mode");
      fixture.executeNext();
      JsonNode status = fixture.control("status", "m");
      assertThat(status.path("status").asText()).isEqualTo("STARTED");
      assertThat(status.at("/meta/error/sqlstate").asText()).isEqualTo("55P03");
      other.rollback();
    }
    fixture.executeUntil("m", "FINISHED");
    task.assertEachRowOnce();
  }

  /// Under an old snapshot each move would find it later than the one before. And whoever comes
  /// after such a change knows the range as well.
  @Test
  void givesARangesRowAnotherNumberNowAndThen() {
    task.slowDown();
    fixture.database.execute("delete from task where id > 5000; analyze task");
    fixture.register(
        WalkedTask.migration("m", "{\"size\": 5, \"target_ms\": 10, \"stripes\": 1}").toString());
    CompletableFuture<Void> run = task.runUntil("m", "FINISHED");
    fixture.database.await(
        "select coalesce(max(number), 0) >= 1000 from longhaul.async_migration_range");
    fixture.database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name ="
            + " 'longhaul:m'");
    // The next look comes after 15 s; a doubled message is as good.
    fixture.queue.send("{\"target\":\"main\",\"migration_name\":\"m\"}");
    task.speedUp();
    run.join();
    assertThat(fixture.database.query("select n || ' ' || count(*) from task group by n"))
        .containsExactly("1 5000");
    assertThat(
            fixture.database.query(
                "select sum(rows_done) || ' ' || bool_and(done) from"
                    + " longhaul.async_migration_range"))
        .containsExactly("5000 true");
  }

  /// The second attempt gets further than the first one, which failed as well.
  @Test
  void hasAllItsAttemptsAgainWhereverItGetsFurther() throws Exception {
    fixture.register(
        WalkedTask.migration("m", "{\"size\": 8, \"stripes\": 1}")
            .put("lock_timeout", "50ms")
            .put("max_attempts", 2)
            .toString());
    try (Connection other = fixture.database.connect();
        Statement statement = other.createStatement();
        Connection another = fixture.database.connect();
        Statement later = another.createStatement()) {
      other.setAutoCommit(false);
      another.setAutoCommit(false);
      statement.execute("update task set n = n where id = 100");
      later.execute("update task set n = n where id = 777");
      fixture.executeNext();
      assertThat(fixture.database.value("select sum(n) from task")).isEqualTo("99");
      other.rollback();
      fixture.database.execute("update longhaul.async_migration set not_before = now()");
      fixture.queue.send("{\"target\":\"main\",\"migration_name\":\"m\"}");
      fixture.executeNext();
      assertThat(fixture.database.value("select sum(n) from task")).isEqualTo("776");
      assertThat(fixture.status("m")).isEqualTo("STARTED");
      another.rollback();
    }
    fixture.executeUntil("m", "FINISHED");
    task.assertEachRowOnce();
  }

  /// What the server gives up on for want of time or for somebody else's sake, fewer rows may get
  /// through: a lock timeout, a statement timeout, a deadlock, a serialization failure.
  @ParameterizedTest
  @ValueSource(strings = {"55P03", "57014", "40P01", "40001"})
  void triesAgainWithFewerRows(String sqlstate) {
    fixture.database.execute(
        """
        delete from task where id > 2000;
        create function few() returns trigger language plpgsql as $$
          begin
            if (select count(*) from changed) > 300 then
              raise exception 'too many for me' using errcode = '%s';
            end if;
            return null;
          end $$;
        create trigger few after update on task referencing new table as changed
          for each statement execute function few()
        """
            .formatted(sqlstate));
    fixture.register(
        WalkedTask.migration("m", "{\"size\": 2000, \"target_ms\": 60000, \"stripes\": 1}")
            .toString());
    fixture.executeUntil("m", "FINISHED");
    assertThat(fixture.database.query("select n || ' ' || count(*) from task group by n"))
        .containsExactly("1 2000");
    assertThat(task.progress("m").path("batches").asInt()).isGreaterThanOrEqualTo(2000 / 300);
  }
}
