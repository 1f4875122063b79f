package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Fixture;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the model of the protocol has found: a walk that is ended in its middle has changed rows,
/// and nothing that is rolled back may keep any of them.
@Tag("fault")
class UndoneBatchTest {
  private final Fixture fixture = new Fixture();

  @BeforeEach
  void makeTable() {
    fixture.database.execute(
        """
        create table task (id bigint primary key, n int not null default 0);
        insert into task (id) select generate_series(1, 200);
        analyze task;
        """);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private void register(String backwards, int size, int parallelism) {
    ObjectNode migration =
        Fixture.migration("half", "update task set n = n + 1 where :batch", backwards)
            .put("lock_timeout", "60s");
    ObjectNode batch =
        JsonFunction.JSON
            .createObjectNode()
            .put("table", "task")
            .put("key", "id")
            .put("size", size)
            .put("target_ms", 5000)
            .put("parallelism", parallelism)
            .put("stripes", 1);
    fixture.register(migration.<ObjectNode>set("batch", batch).toString());
  }

  private void failInTheMiddle() {
    fixture.database.execute("alter table task add check (n = 0 or id < 150)");
    fixture.executeUntil("half", "ERROR");
    assertThat(fixture.database.value("select sum(n) > 0 from task")).isEqualTo("t");
  }

  @Test
  void undoesTheRowsOfAWalkThatFailed() {
    register("update task set n = 0 where n <> 0", 10, 1);
    failInTheMiddle();
    fixture.control("rollback", "half");
    fixture.executeUntil("half", "ROLLED BACK");
    assertThat(fixture.database.query("select distinct n from task")).containsExactly("0");
  }

  @Test
  void refusesToForgetTheRowsOfAWalkThatFailed() {
    register("", 10, 1);
    failInTheMiddle();
    assertThatThrownBy(() -> fixture.control("rollback", "half"))
        .hasMessageContaining("empty sql_backwards");
    assertThat(fixture.status("half")).isEqualTo("ERROR");
  }

  @Test
  void awaitsABatchThatHasOutlivedItsLease() throws Exception {
    register("update task set n = 0 where n <> 0", 200, 2);
    try (Connection blocker = fixture.database.connect();
        Statement blocking = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      blocking.execute("select from task where id in (50, 150) for update");
      CompletableFuture<Void> first =
          CompletableFuture.runAsync(fixture::executeNext, Thread::startVirtualThread);
      fixture.database.await(
          "select count(*) = 2 from pg_stat_activity where wait_event_type = 'Lock'"
              + " and application_name = 'longhaul:half' and datname = current_database()");
      fixture.database.query(
          "select pg_terminate_backend(backend_pid, 5000) from longhaul.async_migration");
      fixture.control("cancel", "half");

      CompletableFuture<Void> second =
          CompletableFuture.runAsync(this::cancelAndRollBack, Thread::startVirtualThread);
      fixture.database.await(
          """
          select status = 'ROLLED BACK' or exists (
            select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()
              and query like 'update longhaul.async_migration_range set attempt%')
          from longhaul.async_migration
          """);
      blocker.rollback();
      assertThat(first).succeedsWithin(Duration.ofSeconds(30));
      assertThat(second).succeedsWithin(Duration.ofSeconds(30));
    }
    JsonNode status = fixture.control("status", "half");
    assertThat(status.path("status").asText()).isEqualTo("ROLLED BACK");
    assertThat(fixture.database.query("select distinct n from task")).containsExactly("0");
  }

  private void cancelAndRollBack() {
    fixture.database.execute(
        "update longhaul.async_migration set next_look_at = now() where next_look_at is not null");
    fixture.trigger("{}");
    fixture.executeUntil("half", "CANCELLED");
    fixture.control("rollback", "half");
    fixture.executeUntil("half", "ROLLED BACK");
  }
}
