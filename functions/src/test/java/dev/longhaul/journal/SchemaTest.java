package dev.longhaul.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.Statuses;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SchemaTest {
  /// Everything that the catalog knows of the schema, with the identity of each object.
  private static final String CATALOG =
      """
      select string_agg(line, E'\\n' order by line) from (
        select 'relation ' || c.oid || ' ' || c.relname || ' ' || c.relkind::text || ' ' || c.relfilenode
        from pg_class c where c.relnamespace = 'longhaul'::regnamespace
        union all
        select 'column ' || a.attrelid || ' ' || a.attname || ' ' || a.atttypid || ' ' || a.attnotnull
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace = 'longhaul'::regnamespace and a.attnum > 0
        union all
        select 'constraint ' || o.oid || ' ' || pg_get_constraintdef(o.oid)
        from pg_constraint o where o.connamespace = 'longhaul'::regnamespace
        union all
        select 'trigger ' || t.oid || ' ' || pg_get_triggerdef(t.oid) from pg_trigger t
        join pg_class c on c.oid = t.tgrelid where c.relnamespace = 'longhaul'::regnamespace
        union all
        select 'function ' || p.oid || ' ' || p.prosrc from pg_proc p
        where p.pronamespace = 'longhaul'::regnamespace
        union all
        select 'version ' || version || ' ' || installed_at from longhaul.journal
      ) as lines (line)
      """;

  @Test
  void changesNothingWhenItRunsAgain() {
    Database database = Database.create();
    database.execute(Journals.schema());
    String catalog = database.value(CATALOG);
    database.execute(Journals.schema());

    assertThat(database.value(CATALOG)).isEqualTo(catalog);
    assertThat(catalog.lines()).hasSizeGreaterThan(60);
  }

  @Test
  void keepsWhatIsRegisteredWhenItRunsAgain() {
    try (Fixture longhaul = new Fixture()) {
      Statuses.bring(longhaul, "m", MigrationStatus.FINISHED);
      JsonNode before = longhaul.control("history", "m");
      longhaul.database.execute(Journals.schema());

      assertThat(longhaul.control("history", "m")).isEqualTo(before);
    }
  }

  @Test
  void isInstalledOnceByTenAtOnce() throws Exception {
    Database database = Database.create();
    int count = 10;
    CountDownLatch ready = new CountDownLatch(count);
    List<Fixture> functions = new ArrayList<>();
    List<Future<JsonNode>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      functions.add(new Fixture(database, Map.of()));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      for (Fixture function : functions) {
        answers.add(
            threads.submit(
                () -> {
                  ready.countDown();
                  ready.await();
                  return function.control("{\"action\": \"list\"}");
                }));
      }
      for (Future<JsonNode> answer : answers) {
        assertThat(answer.get().path("migrations")).isEmpty();
      }
    }

    assertThat(database.query("select version from longhaul.journal")).isEqualTo(List.of("5"));
    functions.forEach(Fixture::close);
  }

  private static String urlAs(Database database, String role) {
    return database.url().replace("postgres@", role + "@");
  }

  private static void role(Database database, String role) {
    database.execute(
        "do $$ begin if not exists (select from pg_roles where rolname = '%1$s') then create role %1$s login; end if; end $$"
            .formatted(role));
  }

  @Test
  void saysWhatToDoWhereTheRoleMayNotInstallIt() {
    Database database = Database.create();
    role(database, "nobody_special");
    try (Fixture longhaul =
        new Fixture(database, Map.of("DATABASE_URL", urlAs(database, "nobody_special")))) {
      Refused.by(() -> longhaul.register("m", "select 1", ""))
          .is(
              "TargetUnavailable",
              "target \"main\": the journal cannot be installed",
              "42501",
              "who may create schemas",
              "\"longhaul schema\"");
    }
    assertThat(database.query("select 1 where to_regnamespace('longhaul') is not null")).isEmpty();
  }

  @Test
  void saysWhatToGrantWhereTheJournalIsThereAndTheRoleMayNotReadIt() {
    Database database = Database.create();
    role(database, "nobody_special");
    database.execute(Journals.schema());
    try (Fixture longhaul =
        new Fixture(database, Map.of("DATABASE_URL", urlAs(database, "nobody_special")))) {
      Refused.by(() -> longhaul.register("m", "select 1", ""))
          .is("TargetUnavailable", "42501", "schema longhaul", "grant");
    }
  }

  /// What an administrator grants who installs the journal by hand.
  @Test
  void worksForARoleThatOwnsNothingOfIt() {
    Database database = Database.create();
    role(database, "migrator");
    database.execute(Journals.schema());
    database.execute(
        """
        grant usage on schema longhaul to migrator;
        grant select, insert, update on all tables in schema longhaul to migrator;
        grant create on schema public to migrator
        """);
    try (Fixture longhaul =
        new Fixture(database, Map.of("DATABASE_URL", urlAs(database, "migrator")))) {
      Statuses.bring(longhaul, "m", MigrationStatus.FINISHED);
      assertThat(longhaul.pathOf("m")).isEqualTo(List.of("STARTED", "IN PROGRESS", "FINISHED"));
    }
  }

  @Test
  void keepsItsHistoryAppendOnly() throws SQLException {
    try (Fixture longhaul = new Fixture();
        Connection connection = connectAfterRun(longhaul);
        Statement statement = connection.createStatement()) {
      for (String change :
          List.of(
              "to_status = 'ERROR'",
              "from_status = null",
              "migration_name = 'm'",
              "direction = 'BACKWARDS'",
              "attempt = 7",
              "reason = 'x'",
              "requested_by = 'x'",
              "at = now()")) {
        String update = "update longhaul.async_migration_history set " + change;
        assertThat(failure(statement, update)).as(change).isEqualTo("23001");
      }
      statement.execute("update longhaul.async_migration_history set published_at = now()");
    }
  }

  @Test
  void refusesToDeleteHistory() throws SQLException {
    try (Fixture longhaul = new Fixture();
        Connection connection = connectAfterRun(longhaul);
        Statement statement = connection.createStatement()) {
      assertThat(failure(statement, "delete from longhaul.async_migration_history"))
          .isEqualTo("23001");
      assertThat(failure(statement, "truncate longhaul.async_migration_history"))
          .isEqualTo("23001");
    }
  }

  private static Connection connectAfterRun(Fixture longhaul) {
    Statuses.bring(longhaul, "m", MigrationStatus.FINISHED);
    return longhaul.database.connect();
  }

  /// The SQLSTATE; "00000" if it succeeds.
  private static String failure(Statement statement, String sql) {
    try {
      statement.execute(sql);
      return "00000";
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }
}
