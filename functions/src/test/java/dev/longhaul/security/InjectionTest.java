package dev.longhaul.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Fixture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Names that would be SQL if somebody pasted them into SQL. A table has to survive them all.
@Timeout(120)
class InjectionTest {
  private static final List<String> HOSTILE =
      List.of(
          "'; drop table survivor; --",
          "\"; drop table survivor; --",
          "\\'; drop table survivor; --",
          "''); drop table survivor; --",
          "$$; drop table survivor; $$ || $longhaul_0_$",
          "*/ drop table survivor; /*",
          // Letters that a careless conversion makes into quotes: U+02BC, U+FF07, U+2019.
          "\u02bc; drop table survivor; --",
          "\uff07; drop table survivor; --",
          "\u2019; drop table survivor; --",
          "%s %1$s ? ?? $1 :batch {call f()} {{name}} ${x}",
          "\u202e; drop table survivor; --",
          "null",
          "*");

  private final Fixture longhaul = new Fixture();

  @BeforeEach
  void createSurvivor() {
    longhaul.database.execute(
        "create table survivor (id int primary key); insert into survivor values (1)");
  }

  @AfterEach
  void survives() {
    assertThat(longhaul.database.query("select id from survivor")).containsExactly("1");
    longhaul.close();
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static ObjectNode batched(
      String name, String sql, String backwards, String table, String key) {
    ObjectNode migration = Fixture.migration(name, sql, backwards);
    migration.putObject("batch").put("table", table).put("key", key).put("size", 1);
    return migration;
  }

  /// Through every function and every action that takes a name.
  @Test
  void aMigrationMayHaveAnyName() {
    List<String> before = new ArrayList<>();
    for (String name : HOSTILE) {
      ObjectNode migration = Fixture.migration(name, "select 1", "select 2");
      migration.put("requested_by", name).putArray("depends_on").addAll(names(before));
      longhaul.register(migration.toString());
      longhaul.control("pause", name);
      longhaul.control("resume", name);
      longhaul.executeUntil(name, "FINISHED");
      before.add(name);
    }
    assertThat(longhaul.registered()).containsExactlyInAnyOrderElementsOf(HOSTILE);
    for (String name : HOSTILE.reversed()) {
      longhaul.control("rollback", name);
      longhaul.executeUntil(name, "ROLLED BACK");
      longhaul.trigger("{\"migration_names\": " + names(List.of(name)) + "}");
      assertThat(longhaul.status(name)).isEqualTo("STARTED");
      longhaul.control("cancel", name);
      assertThat(longhaul.control("history", name).at("/history/0/requested_by").asText())
          .isEqualTo(name);
      longhaul.queue.drain();
    }
  }

  private static ArrayNode names(List<String> names) {
    ArrayNode list = JsonFunction.JSON.createArrayNode();
    names.forEach(list::add);
    return list;
  }

  /// Nobody has registered these: they are asked for, in every field that is looked for in the
  /// journal.
  @Test
  void whatIsAskedForMayBeAnything() {
    longhaul.register("m", "select 1", "");
    for (String name : HOSTILE) {
      for (String action : List.of("status", "history", "cancel", "retry", "rollback")) {
        assertThat(catchThrowable(() -> longhaul.control(action, name)))
            .as(name)
            .hasMessageContaining("no migration");
      }
      ObjectNode list = JsonFunction.JSON.createObjectNode().put("action", "list");
      assertThat(longhaul.control(list.put("after", name).toString()).has("migrations")).isTrue();
      for (String field : List.of("status", "target")) {
        assertThat(
                catchThrowable(
                    () -> longhaul.control(list.deepCopy().put(field, name + "!").toString())))
            .as(field + " " + name)
            .isNotNull();
      }
      longhaul.queue.send(
          JsonFunction.JSON
              .createObjectNode()
              .put("target", "main")
              .put("migration_name", name)
              .toString());
    }
    longhaul.executeAll();
  }

  @Test
  void aTableAndItsKeyMayHaveAnyName() {
    int number = 0;
    for (String hostile : HOSTILE) {
      String schema = "s" + number++ + hostile;
      String table = quoted(schema) + "." + quoted(hostile);
      longhaul.database.execute(
          """
          create schema %1$s;
          create table %2$s (%3$s int primary key, n int not null default 0);
          insert into %2$s values (1), (2), (3)
          """
              .formatted(quoted(schema), table, quoted(hostile)));
      longhaul.register(
          batched(
                  schema,
                  "update " + table + " set n = n + 1 where :batch",
                  "update " + table + " set n = 0 where :batch",
                  table,
                  hostile)
              .toString());
      longhaul.executeUntil(schema, "FINISHED");
      assertThat(longhaul.database.query("select distinct n from " + table)).containsExactly("1");
    }
  }

  @Test
  void aKeyMayHoldAnyText() {
    longhaul.database.execute(
        "create table t (k text primary key, n int not null default 0); insert into t (k) values "
            + String.join(", ", HOSTILE.stream().map(name -> "(" + literal(name) + ")").toList())
            + "; analyze t");
    ObjectNode migration = batched("walk", "update t set n = n + 1 where :batch", "", "t", "k");
    ((ObjectNode) migration.path("batch")).put("parallelism", 2).put("on_row_error", "skip");
    longhaul.register(migration.toString());
    longhaul.executeUntil("walk", "FINISHED");
    assertThat(longhaul.database.query("select n || ' ' || count(*) from t group by n"))
        .containsExactly("1 " + HOSTILE.size());
  }

  /// A row that fails, at a key that is itself an attack.
  @Test
  void aBadRowMayHaveAnyKey() {
    longhaul.database.execute(
        "create table t (k text primary key, n int not null default 0 check (n = 0)); insert into"
            + " t (k) values "
            + String.join(", ", HOSTILE.stream().map(name -> "(" + literal(name) + ")").toList())
            + "; analyze t");
    ObjectNode migration = batched("skips", "update t set n = n + 1 where :batch", "", "t", "k");
    ((ObjectNode) migration.path("batch")).put("on_row_error", "skip");
    longhaul.register(migration.toString());
    longhaul.executeUntil("skips", "FINISHED");
    assertThat(longhaul.database.value("select count(*) from longhaul.async_migration_skipped_row"))
        .isEqualTo(String.valueOf(HOSTILE.size()));
  }

  @Test
  void whatIsNoTableAndNoKeyIsNotRun() {
    longhaul.database.execute(
        "create table t (id int primary key, n int not null default 0); insert into t (id) values"
            + " (1), (2)");
    List<String> wrong =
        List.of(
            "t; drop table survivor",
            "t; drop table survivor; --",
            "t where true; drop table survivor; --",
            "(select 1) as t",
            "t\"; drop table survivor; --",
            "pg_sleep(60)");
    for (int i = 0; i < wrong.size(); i++) {
      assertFails("table" + i, wrong.get(i), "id");
    }
    List<String> keys =
        List.of("id; drop table survivor", "id) or (1 = 1", "(select 1)", "id desc", "1", "ctid");
    for (int i = 0; i < keys.size(); i++) {
      assertFails("key" + i, "t", keys.get(i));
    }
    assertThat(longhaul.database.query("select distinct n from t")).containsExactly("0");
  }

  /// At registration or when it runs, and either way before any row is touched.
  private void assertFails(String name, String table, String key) {
    Throwable refusal =
        catchThrowable(
            () ->
                longhaul.register(
                    batched(name, "update t set n = 1 where :batch", "", table, key).toString()));
    if (refusal == null) {
      longhaul.executeUntil(name, "ERROR");
    } else {
      assertThat(refusal.getClass().getName()).isEqualTo("InvalidMigration");
    }
  }

  /// The statements that Longhaul itself writes, to clean up behind others.
  @Test
  void anIndexMayHaveAnyName() {
    longhaul.database.execute("create table t (n int); insert into t values (1), (1)");
    int number = 0;
    for (String name : HOSTILE) {
      String migration = "index" + number++;
      longhaul.register(
          migration,
          "create unique index concurrently " + quoted(name) + " on t (n)",
          "drop index concurrently " + quoted(name));
      longhaul.executeUntil(migration, "ERROR");
    }
    assertThat(longhaul.database.value("select count(*) from pg_index where not indisvalid"))
        .as("cleaned up")
        .isEqualTo("0");
  }
}
