package dev.longhaul.journal;

import static dev.longhaul.journal.Roles.DENIED;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import java.io.IOException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the roles of docs/security.md may do with a batched migration: the runner walks, the
/// registrar sets how, the viewer looks on.
class WalkRolesTest {
  private final Roles roles = new Roles();
  private final Database database = roles.database;
  private final Fixture registrar = roles.registrar;

  WalkRolesTest() throws IOException {}

  @AfterEach
  void close() {
    roles.close();
  }

  private void register(String options) throws IOException {
    ObjectNode migration =
        Fixture.migration(
                "walk",
                "update orders set customer_id = customer_id + 10 where :batch",
                "update orders set customer_id = customer_id % 10 where :batch")
            .put("lock_timeout", "30s");
    ObjectNode batch = (ObjectNode) JsonFunction.JSON.readTree("{%s}".formatted(options));
    migration.set("batch", batch.put("table", "orders").put("key", "id"));
    registrar.register(migration.toString());
  }

  private String detail() {
    return roles
        .viewer
        .invoke(
            "dashboard",
            "{\"widgetContext\": {}, \"view\": \"detail\", \"target\": \"main\","
                + " \"migration_name\": \"walk\"}")
        .asText();
  }

  /// Of the owner's table, with a row that it passes over; and back.
  @Test
  void runnerWalksAndRecordsWhatItPassesOver() throws Exception {
    database.execute("alter table orders add check (id <> 50 or customer_id < 10)");
    register("\"on_row_error\": \"skip\"");
    roles.executeNext();
    assertThat(registrar.status("walk")).isEqualTo("FINISHED");
    assertThat(
            database.query(
                "select key ->> 0 || ' ' || sqlstate from longhaul.async_migration_skipped_row"))
        .containsExactly("50 23514");
    assertThat(database.value("select count(*) from orders where customer_id >= 10"))
        .isEqualTo("99");
    assertThat(registrar.control("status", "walk").path("meta").path("rows_skipped").asInt())
        .isEqualTo(1);
    assertThat(detail()).contains("of orders by id");
    assertThat(
            roles.failure(
                "longhaul_viewer", "select key from longhaul.async_migration_skipped_row"))
        .isEqualTo("00000");

    registrar.control("rollback", "walk");
    roles.executeNext();
    assertThat(registrar.status("walk")).isEqualTo("ROLLED BACK");
    assertThat(database.value("select max(customer_id) from orders")).isEqualTo("9");
    assertThat(database.query("select distinct run from longhaul.async_migration_range"))
        .as("ranges of the last walk alone")
        .hasSize(1);
  }

  @Test
  void runnerWalksUntilNothingIsLeft() throws Exception {
    database.execute(
        """
        create table turn (n int);
        create function late() returns trigger language plpgsql as $$
        begin
          if old.id = 7 and not exists (select from turn) then
            insert into turn values (1);
            return null;
          end if;
          return new;
        end $$;
        create trigger late before update on orders for each row execute function late();
        grant select, insert on turn to longhaul_runner
        """);
    register("\"until_empty\": \"select count(*) from orders where customer_id < 10\"");
    roles.executeNext();
    assertThat(registrar.status("walk")).isEqualTo("FINISHED");
    assertThat(database.query("select distinct run from longhaul.async_migration_range"))
        .as("the second walk's alone")
        .containsExactly("1");
  }

  /// It waits for a row in the middle while it is looked at, set and paused; the rows behind that
  /// take it longer than a pause does.
  @Test
  void registrarSetsAWalkThatRunsAndOneThatIsPaused() throws Exception {
    database.execute(
        """
        create function slow() returns trigger language plpgsql as $$
          begin perform pg_sleep(0.05); return new; end $$;
        create trigger slow before update on orders for each row when (new.id > 50)
          execute function slow()
        """);
    register("\"size\": 10, \"stripes\": 1");
    CompletableFuture<Void> execution;
    try (Connection blocker = database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("select from orders where id = 50 for update");
      execution = CompletableFuture.runAsync(roles::executeNext);
      database.await(
          "select exists (select from pg_stat_activity where application_name = 'longhaul:walk'"
              + " and wait_event_type = 'Lock' and datname = current_database())");
      assertThat(set("{\"size\": 20, \"target_ms\": 100}")).isEqualTo("IN PROGRESS");
      database.await(
          "select progress ->> 'unit' = 'row' from longhaul.async_migration where progress is not"
              + " null");
      assertThat(detail()).contains("of 100 rows");
      registrar.control("pause", "walk");
      blocker.rollback();
    }
    assertThat(execution).succeedsWithin(Duration.ofSeconds(10));
    assertThat(registrar.status("walk")).isEqualTo("PAUSED");

    assertThat(set("{\"parallelism\": 2, \"health\": {\"vcpus\": 8}}")).isEqualTo("PAUSED");
    assertThat(
            database.value(
                "select concat_ws(' ', batch ->> 'size', batch ->> 'target_ms', batch ->>"
                    + " 'parallelism', batch -> 'health' ->> 'vcpus') from"
                    + " longhaul.async_migration"))
        .isEqualTo("20 100 2 8");
    database.execute("drop trigger slow on orders");
    registrar.control("resume", "walk");
    roles.executeNext();
    assertThat(registrar.status("walk")).isEqualTo("FINISHED");
    assertThat(database.value("select min(customer_id) from orders")).isEqualTo("10");
  }

  private String set(String batch) {
    return registrar.control("set", "walk", batch).path("status").asText();
  }

  /// A cursor that somebody else moves is a row that is changed twice, or never.
  @Test
  void nobodyButTheRunnerMovesACursor() throws Exception {
    register("\"size\": 10");
    roles.executeNext();
    for (String sql :
        List.of(
            "update longhaul.async_migration_range set done = false",
            "delete from longhaul.async_migration_range",
            "select longhaul.move_cursor('walk', 0, 1, 0, 1, 0, null, null, 0, false)",
            "insert into longhaul.async_migration_skipped_row (migration_name, run, step, key,"
                + " sqlstate, message) values ('walk', 0, 1, '[1]', '00000', '')")) {
      assertThat(roles.failure("longhaul_registrar", sql)).as(sql).isEqualTo(DENIED);
      assertThat(roles.failure("longhaul_viewer", sql)).as(sql).isEqualTo(DENIED);
    }
    for (String sql :
        List.of(
            "update longhaul.async_migration_skipped_row set message = ''",
            "delete from longhaul.async_migration_skipped_row")) {
      assertThat(roles.failure("longhaul_runner", sql)).as(sql).isEqualTo(DENIED);
    }
  }
}
