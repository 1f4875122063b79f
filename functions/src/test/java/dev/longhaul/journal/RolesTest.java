package dev.longhaul.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

/// The roles of docs/security.md, made by the SQL of that page.
class RolesTest {
  private static final Pattern SQL = Pattern.compile("(?ms)^```sql\\n(.*?)^```");
  private static final String DENIED = "42501";

  private final Database database = Database.create();
  private Fixture registrar;
  private Fixture runner;

  @BeforeEach
  void createRoles() throws IOException {
    database.execute(
        """
        do $$ begin
          if to_regrole('app_owner') is null then create role app_owner; end if;
        end $$;
        create table orders (id bigint primary key, customer_id bigint);
        insert into orders select n, n % 10 from generate_series(1, 100) n;
        alter table orders owner to app_owner;
        grant create on schema public to app_owner
        """);
    database.execute(Journals.schema());
    String page = Files.readString(Path.of("../docs/security.md"));
    List<String> blocks = SQL.matcher(page).results().map(match -> match.group(1)).toList();
    assertThat(blocks).hasSize(1);
    // As after every release that changes the journal.
    database.execute(blocks.getFirst());
    database.execute(blocks.getFirst());
    registrar = new Fixture(database, Map.of("DATABASE_URL", urlAs("longhaul_registrar")));
    runner =
        new Fixture(
            database,
            Map.of("DATABASE_URL", urlAs("longhaul_runner"), "DATABASE_HEALTH", "{\"vcpus\": 4}"));
  }

  @AfterEach
  void close() {
    registrar.close();
    runner.close();
  }

  private String urlAs(String role) {
    return database.url().replace("postgres@", role + "@");
  }

  /// What the executor does with the next message.
  private void executeNext() {
    for (Message message : registrar.queue.receive()) {
      assertThat(runner.execute(message)).isEmpty();
      registrar.queue.delete(message);
    }
  }

  /// The SQLSTATE; "00000" if it succeeds.
  private String failure(String role, String sql) throws SQLException {
    String url = "jdbc:" + database.url().replace("postgres@", "") + "?user=" + role;
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return "00000";
    } catch (SQLException e) {
      return e.getSQLState();
    }
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
    executeNext();

    assertThat(registrar.status("m")).isEqualTo("FINISHED");
    assertThat(registrar.pathOf("m")).isEqualTo(List.of("STARTED", "IN PROGRESS", "FINISHED"));
    assertThat(database.value("select tableowner from pg_tables where tablename = 'notes'"))
        .isEqualTo("app_owner");

    registrar.control("rollback", "m");
    executeNext();
    assertThat(registrar.status("m")).isEqualTo("ROLLED BACK");
  }

  @Test
  void runnerBuildsIndexesConcurrentlyOnTheOwnersTables() {
    registrar.register(
        "i",
        "create index concurrently orders_by_customer on orders (customer_id)",
        "drop index concurrently orders_by_customer");
    executeNext();

    assertThat(registrar.status("i")).isEqualTo("FINISHED");
  }

  /// Nothing of it can be looked up, neither before it begins nor when it has failed.
  @Test
  void runnerIsToldOfASchemaThatItMayNotUse() {
    database.execute("create schema secret; create table secret.t (n int)");
    registrar.register("i", "create index concurrently t_n on secret.t (n)", "");
    executeNext();

    JsonNode status = registrar.control("status", "i");
    assertThat(status.path("status").asText()).isEqualTo("ERROR");
    assertThat(status.path("attempt").asInt()).isEqualTo(1);
    assertThat(status.path("meta").path("error").path("sqlstate").asText()).isEqualTo(DENIED);
  }

  @Test
  void viewerDrawsTheDashboardAndWritesNothing() throws SQLException {
    registrar.register("m", "select 1", "");
    try (Fixture viewer = new Fixture(database, Map.of("DATABASE_URL", urlAs("longhaul_viewer")))) {
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
    }
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
      assertThat(failure("longhaul_viewer", sql)).as(sql).isEqualTo(DENIED);
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
    CompletableFuture<Void> execution = CompletableFuture.runAsync(this::executeNext);
    database.await(
        "select exists (select from pg_stat_activity where application_name = 'longhaul:slow' and"
            + " wait_event = 'PgSleep' and datname = current_database())");
    registrar.control("cancel", "slow");

    assertThat(execution).succeedsWithin(Duration.ofSeconds(10));
    assertThat(registrar.status("slow")).isEqualTo("CANCELLED");
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
      assertThat(failure("longhaul_registrar", sql)).as(sql).isEqualTo(DENIED);
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
      assertThat(failure("longhaul_registrar", sql)).as(sql).isEqualTo(DENIED);
      assertThat(failure("longhaul_runner", sql)).as(sql).isEqualTo(DENIED);
    }
  }

  @Test
  void runnerCannotRegister() throws SQLException {
    assertThat(
            failure(
                "longhaul_runner",
                """
                insert into longhaul.async_migration
                  (name, status, sql_forwards, sql_backwards, checksum, max_attempts, steps_total)
                values ('m', 'SCHEDULED', '["select 1"]', '[]', 'x', 1, 1)
                """))
        .isEqualTo(DENIED);
  }
}
