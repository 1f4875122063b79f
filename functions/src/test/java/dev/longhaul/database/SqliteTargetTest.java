package dev.longhaul.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole way of a migration on SQLite: the journal in the file, the SQL only where it is
/// wanted.
class SqliteTargetTest {
  @TempDir Path directory;
  private Fixture longhaul;

  @BeforeEach
  void open() {
    longhaul =
        new Fixture(new Database("jdbc:sqlite:" + directory.resolve("development.db")), Map.of());
  }

  @AfterEach
  void close() {
    longhaul.close();
  }

  private static ObjectNode migration(String name, String forwards, String backwards) {
    return Fixture.migration(name, forwards, backwards).put("apply_on_sqlite", true);
  }

  private List<String> tables() {
    return longhaul.database.query(
        "select name from sqlite_master where type = 'table' and name not like '%longhaul%'"
            + " and name not like 'sqlite_%' order by name");
  }

  @Test
  void runsAndRollsBackWhatIsForIt() {
    JsonNode answer =
        longhaul.register(
            migration("m", "create table a (n int); insert into a values (1), (2)", "drop table a")
                .toString());
    assertThat(answer.path("status").asText()).isEqualTo("STARTED");
    longhaul.executeUntil("m", "FINISHED");
    assertThat(longhaul.database.value("select count(*) from a")).isEqualTo("2");
    assertThat(Fixture.notes(longhaul.control("status", "m"))).isEmpty();

    longhaul.control("rollback", "m");
    longhaul.executeUntil("m", "ROLLED BACK");
    assertThat(tables()).isEmpty();
    longhaul.control("retry", "m");
    longhaul.executeUntil("m", "FINISHED");
    assertThat(tables()).isEqualTo(List.of("a"));
  }

  @Test
  void skipsWhatIsNot() {
    longhaul.register("m", "create index concurrently i on t using gin (data)", "drop index i");
    longhaul.executeUntil("m", "FINISHED");
    JsonNode status = longhaul.control("status", "m");

    assertThat(status.at("/meta/skipped").asText())
        .isEqualTo("not for SQLite: apply_on_sqlite is false");
    assertThat(status.at("/progress/done").asInt()).isZero();
    assertThat(longhaul.pathOf("m")).isEqualTo(List.of("STARTED", "IN PROGRESS", "FINISHED"));
  }

  @Test
  void rollsBackWithoutSqlWhatItHasSkipped() {
    longhaul.register("m", "create extension x", "drop extension x");
    longhaul.executeUntil("m", "FINISHED");
    longhaul.control("rollback", "m");
    longhaul.executeUntil("m", "ROLLED BACK");

    assertThat(longhaul.control("status", "m").path("meta").has("error")).isFalse();
  }

  @Test
  void recordsAnErrorAndLeavesNothingOfTheScript() {
    ObjectNode migration = migration("m", "", "drop table a");
    migration
        .putArray("sql_forwards")
        .add("create table a (n int)")
        .add("insert into b values (1)");
    longhaul.register(migration.toString());
    longhaul.executeUntil("m", "ERROR");
    JsonNode error = longhaul.control("status", "m").at("/meta/error");

    assertThat(error.path("message").asText()).contains("no such table: b");
    assertThat(error.path("statement_number").asInt()).isEqualTo(2);
    assertThat(error.path("next").asText()).contains("longhaul retry m");
    assertThat(tables()).isEmpty();

    longhaul.database.execute("create table b (n int)");
    assertThat(Fixture.notes(longhaul.control("retry", "m"))).isEmpty();
    longhaul.executeUntil("m", "FINISHED");
    assertThat(tables()).isEqualTo(List.of("a", "b"));
  }

  @Test
  void keepsTheHistory() {
    longhaul.register(migration("m", "select 1", "").put("requested_by", "Ada").toString());
    longhaul.executeUntil("m", "FINISHED");
    JsonNode history = longhaul.control("history", "m").path("history");

    assertThat(history).hasSize(3);
    assertThat(history.get(0).path("requested_by").asText()).isEqualTo("Ada");
    assertThat(history.get(2).path("reason").asText()).isEqualTo("every step is done");
    assertThat(history.get(2).path("attempt").asInt()).isEqualTo(1);
  }

  @Test
  void triggersWhatIsScheduledAndSendsWhatGotLost() {
    try (Fixture scheduling =
        new Fixture(longhaul.database, Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"))) {
      scheduling.register(migration("a", "create table a (n int)", "").toString());
      scheduling.register(
          migration("b", "create table b (n int)", "")
              .put("run_at", "2020-01-01T00:00:00Z")
              .toString());
      scheduling.register(
          migration("c", "create table c (n int)", "")
              .put("run_at", "2999-01-01T00:00:00Z")
              .toString());

      assertThat(scheduling.trigger("{}").toString())
          .isEqualTo("{\"started\":[\"b\"],\"skipped\":[]}");
      assertThat(scheduling.trigger("{\"migration_names\": [\"a\"]}").path("started")).hasSize(1);
      scheduling.queue.drain();
      scheduling.trigger("{}");
      scheduling.executeUntil("a", "FINISHED");
      scheduling.executeUntil("b", "FINISHED");
      assertThat(
              scheduling
                  .control("{\"action\": \"list\", \"status\": \"SCHEDULED\"}")
                  .path("migrations"))
          .hasSize(1);
      assertThat(tables()).isEqualTo(List.of("a", "b"));
    }
  }

  @Test
  void holdsBackWhatDependsOnOthers() {
    longhaul.register(migration("a", "create table a (n int)", "drop table a").toString());
    longhaul.queue.drain();
    ObjectNode b = migration("b", "insert into a values (1)", "delete from a");
    b.putArray("depends_on").add("a");
    longhaul.register(b.toString());
    longhaul.executeAll();
    assertThat(longhaul.control("status", "b").at("/meta/waiting_for/0").asText()).isEqualTo("a");

    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"a\"}");
    longhaul.executeUntil("b", "FINISHED");
    Refused.by(() -> longhaul.control("rollback", "a"))
        .is("InvalidTransition", "roll back first: b");
  }

  @Test
  void isIdempotentAndRefusesConflicts() {
    longhaul.register(migration("m", "select 1; select 2", "").toString());

    assertThat(
            longhaul
                .register(migration("m", "select 1; select 2", "").toString())
                .path("created")
                .asBoolean())
        .isFalse();
    Refused.by(() -> longhaul.register(migration("m", "select 3", "").toString()))
        .is("MigrationConflict", "\"m\" is registered");
  }

  @Test
  void refusesWhatSqliteCannotRun() {
    Refused.by(
            () ->
                longhaul.register(
                    migration("m", "create index concurrently i on t (n)", "").toString()))
        .is("InvalidMigration", "apply_on_sqlite: SQLite does not know CONCURRENTLY");
    Refused.by(() -> longhaul.register(migration("m", "begin; select 1", "").toString()))
        .is("InvalidMigration", "transaction control");
    assertThat(longhaul.registered()).isEmpty();
  }

  /// Its `begin … end` is a body and no transaction.
  @Test
  void takesTriggers() {
    longhaul.register(
        migration(
                "m",
                """
                create table a (n int);
                create table x (n int);
                CREATE TRIGGER t after insert on a
                begin
                  update a set n = case when n > 1 then 2 else 1 end;
                  insert into x values (1);
                end;
                insert into a values (5);
                """,
                "drop trigger t; drop table a")
            .toString());
    longhaul.executeUntil("m", "FINISHED");
    assertThat(longhaul.database.value("select n from a")).isEqualTo("2");

    Refused.by(
            () ->
                longhaul.register(
                    migration(
                            "n",
                            "create trigger t after insert on a begin select 1; end; commit",
                            "")
                        .toString()))
        .is("InvalidMigration", "transaction control");
  }

  @Test
  void saysThatTheFileCannotBeOpened() {
    try (Fixture lost =
        new Fixture(new Database("jdbc:sqlite:/nonexistent/directory/x.db"), Map.of())) {
      Refused.by(() -> lost.register("m", "select 1", ""))
          .is("TargetUnavailable", "target \"main\"", "SQLite", "check the path");
    }
  }
}
