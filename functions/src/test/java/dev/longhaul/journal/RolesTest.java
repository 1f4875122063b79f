package dev.longhaul.journal;

import static dev.longhaul.journal.Roles.DENIED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The roles of docs/security.md, made by the SQL of that page.
class RolesTest {
  private final Roles roles = new Roles();
  private final Database database = roles.database;
  private final Fixture registrar = roles.registrar;
  private final Fixture runner = roles.runner;

  RolesTest() throws IOException {}

  @AfterEach
  void close() {
    roles.close();
  }

  @Test
  void doctorFindsNothingToMend() {
    for (JsonNode answer :
        List.of(
            registrar.control("{\"action\": \"doctor\"}"),
            runner.invoke("execute", "{\"action\": \"doctor\"}"))) {
      assertThat(answer.path("checks"))
          .hasSizeGreaterThan(5)
          .allSatisfy(check -> assertThat(check.path("level").asText()).isEqualTo("ok"));
    }
  }

  @Test
  void registrarRegistersAndTheRunnerRuns() {
    JsonNode answer =
        registrar.register(
            "m",
            "set role app_owner; create table notes (n int); alter table orders add note text",
            "alter table orders drop note; drop table notes");
    assertThat(answer.path("created").asBoolean()).isTrue();
    roles.executeNext();

    assertThat(registrar.status("m")).isEqualTo("FINISHED");
    assertThat(registrar.pathOf("m")).isEqualTo(List.of("STARTED", "IN PROGRESS", "FINISHED"));
    assertThat(database.value("select tableowner from pg_tables where tablename = 'notes'"))
        .isEqualTo("app_owner");

    registrar.control("rollback", "m");
    roles.executeNext();
    assertThat(registrar.status("m")).isEqualTo("ROLLED BACK");
  }

  @Test
  void runnerBuildsIndexesConcurrentlyOnTheOwnersTables() {
    registrar.register(
        "i",
        "create index concurrently orders_by_customer on orders (customer_id)",
        "drop index concurrently orders_by_customer");
    roles.executeNext();

    assertThat(registrar.status("i")).isEqualTo("FINISHED");
  }

  /// Nothing of it can be looked up, neither before it begins nor when it has failed.
  @Test
  void runnerIsToldOfASchemaThatItMayNotUse() {
    database.execute("create schema secret; create table secret.t (n int)");
    registrar.register("i", "create index concurrently t_n on secret.t (n)", "");
    roles.executeNext();

    JsonNode status = registrar.control("status", "i");
    assertThat(status.path("status").asText()).isEqualTo("ERROR");
    assertThat(status.path("attempt").asInt()).isEqualTo(1);
    assertThat(status.path("meta").path("error").path("sqlstate").asText()).isEqualTo(DENIED);
  }

  @Test
  void viewerDrawsTheDashboardAndWritesNothing() throws SQLException {
    registrar.register("m", "select 1", "");
    Fixture viewer = roles.viewer;
    assertThat(viewer.invoke("dashboard", "{\"widgetContext\": {}}").asText()).contains(">m<");
    assertThat(
            viewer
                .invoke(
                    "dashboard",
                    "{\"widgetContext\": {}, \"view\": \"detail\", \"target\": \"main\","
                        + " \"migration_name\": \"m\"}")
                .asText())
        .contains("select 1");
    assertThat(viewer.invoke("dashboard", "{\"widgetContext\": {}, \"view\": \"list\"}").asText())
        .contains(">m<");
    for (String sql :
        List.of(
            "update longhaul.async_migration set status = 'CANCELLED'",
            "update longhaul.async_migration_history set published_at = now()",
            "insert into longhaul.async_migration_history (migration_name, to_status, direction,"
                + " attempt, at) values ('m', 'x', 'forwards', 1, now())",
            "delete from longhaul.async_migration",
            "select * from orders",
            "create table public.t (n int)",
            "create table longhaul.t (n int)",
            "set role longhaul_registrar",
            "set role longhaul_runner")) {
      assertThat(roles.failure("longhaul_viewer", sql)).as(sql).isEqualTo(DENIED);
    }
  }

  @Test
  void registrarTriggersSweepsAndSteers() {
    registrar.register("m", "select 1", "");
    registrar.queue.purge();
    database.execute("update longhaul.async_migration set next_look_at = now()");
    registrar.trigger("{}");
    assertThat(registrar.queue.drain()).hasSize(1);
    assertThat(registrar.control("pause", "m").path("status").asText()).isEqualTo("PAUSED");
    assertThat(registrar.control("resume", "m").path("status").asText()).isEqualTo("STARTED");
    assertThat(registrar.control("cancel", "m").path("status").asText()).isEqualTo("CANCELLED");
    assertThat(registrar.control("retry", "m").path("status").asText()).isEqualTo("STARTED");
    assertThat(registrar.control("rollback", "m").path("status").asText()).isEqualTo("ROLLED BACK");
    registrar.trigger("{\"migration_names\": [\"m\"]}");
    assertThat(registrar.status("m")).isEqualTo("STARTED");
  }

  @Test
  void registrarCancelsTheRunnersStatement() {
    registrar.register("slow", "select pg_sleep(60)", "");
    CompletableFuture<Void> execution = CompletableFuture.runAsync(roles::executeNext);
    database.await(
        "select exists (select from pg_stat_activity where application_name = 'longhaul:slow' and"
            + " wait_event = 'PgSleep' and datname = current_database())");
    registrar.control("cancel", "slow");

    assertThat(execution).succeedsWithin(Duration.ofSeconds(10));
    assertThat(registrar.status("slow")).isEqualTo("CANCELLED");
  }

  /// The word of a person, where nobody else can know: what a procedure has committed.
  @Test
  void registrarSaysWhatBecameOfAStatement() {
    database.execute(
        """
        create procedure work() language plpgsql as $$ begin
          insert into orders values (-1); commit; perform pg_sleep(60);
        end $$
        """);
    registrar.register(
        Fixture.migration("call", "call work(); create table behind (n int)", "")
            .put("detach_after", "300ms")
            .toString());
    roles.executeNext();
    database.query("select pg_terminate_backend(backend_pid, 5000) from longhaul.async_migration");
    database.execute("update longhaul.async_migration set next_look_at = now()");
    registrar.trigger("{}");
    roles.executeNext();
    assertThat(registrar.status("call")).isEqualTo("ERROR");

    registrar.control(
        "{\"action\": \"resolve\", \"migration_name\": \"call\", \"outcome\": \"done\"}");
    roles.executeNext();
    assertThat(registrar.status("call")).isEqualTo("FINISHED");
    assertThat(database.query("select id from orders where id < 0")).containsExactly("-1");
    assertThat(database.exists("behind")).isTrue();
  }

  /// By the grant that the page has as a comment, for those who want that.
  @Test
  void registrarPrunesTheHistoryIfItIsGrantedThat() throws SQLException {
    registrar.register("m", "select 1", "");
    roles.executeNext();
    database.execute(
        """
        insert into longhaul.async_migration_history (id, migration_name, to_status, direction, attempt, at)
          overriding system value values (-1, 'm', 'STARTED', 'FORWARDS', 0, now() - interval '61 days')
        """);
    String old = "select id from longhaul.async_migration_history where id < 0";
    try (Fixture sweeping =
        roles.as("longhaul_registrar", Map.of("HISTORY_RETENTION_DAYS", "60"))) {
      assertThatThrownBy(() -> sweeping.trigger("{}")).hasMessageContaining(DENIED);
      assertThat(database.query(old)).hasSize(1);

      roles.grantPruning();
      sweeping.trigger("{}");
      assertThat(database.query(old)).isEmpty();
    }
    String delete = "delete from longhaul.async_migration_history";
    assertThat(roles.failure("longhaul_registrar", delete)).as("what is young").isEqualTo("23001");
    assertThat(roles.failure("longhaul_runner", delete)).isEqualTo(DENIED);
  }

  @Test
  void registrarCannotRunDdlNorTouchData() throws SQLException {
    for (String sql :
        List.of(
            "create table public.t (n int)",
            "create table longhaul.t (n int)",
            "create schema s",
            "create function public.f() returns int language sql return 1",
            "create index on orders (customer_id)",
            "alter table orders add c int",
            "drop table orders",
            "truncate orders",
            "alter table longhaul.async_migration add c int",
            "alter table longhaul.async_migration disable trigger all",
            "drop trigger record_transition on longhaul.async_migration",
            "drop schema longhaul cascade",
            "set role longhaul_runner",
            "set role app_owner",
            "select * from orders",
            "update orders set customer_id = 1")) {
      assertThat(roles.failure("longhaul_registrar", sql)).as(sql).isEqualTo(DENIED);
    }
  }

  @Test
  void nobodyWhoLogsInChangesWhatIsRegistered() throws SQLException {
    registrar.register("m", "select 1", "");

    for (String sql :
        List.of(
            "update longhaul.async_migration set sql_forwards = '[\"drop table orders\"]'",
            "update longhaul.async_migration set sql_backwards = '[\"drop table orders\"]'",
            "update longhaul.async_migration set checksum = 'x'",
            "update longhaul.async_migration set name = 'x'",
            "update longhaul.async_migration_history set reason = 'x'",
            "delete from longhaul.async_migration",
            "delete from longhaul.async_migration_history",
            "truncate longhaul.async_migration cascade",
            "insert into longhaul.journal (version) values (99)",
            "drop table longhaul.journal")) {
      assertThat(roles.failure("longhaul_registrar", sql)).as(sql).isEqualTo(DENIED);
      assertThat(roles.failure("longhaul_runner", sql)).as(sql).isEqualTo(DENIED);
    }
  }

  @Test
  void runnerCannotRegister() throws SQLException {
    assertThat(
            roles.failure(
                "longhaul_runner",
                """
                insert into longhaul.async_migration
                  (name, status, sql_forwards, sql_backwards, checksum, max_attempts, steps_total)
                values ('m', 'SCHEDULED', '["select 1"]', '[]', 'x', 1, 1)
                """))
        .isEqualTo(DENIED);
  }
}
