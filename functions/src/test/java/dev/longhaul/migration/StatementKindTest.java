package dev.longhaul.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.migration.StatementKind.AddEnumValue;
import dev.longhaul.migration.StatementKind.CreateDatabase;
import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import dev.longhaul.migration.StatementKind.Data;
import dev.longhaul.migration.StatementKind.Definition;
import dev.longhaul.migration.StatementKind.DetachPartition;
import dev.longhaul.migration.StatementKind.DropDatabase;
import dev.longhaul.migration.StatementKind.DropIndexConcurrently;
import dev.longhaul.migration.StatementKind.ReindexConcurrently;
import dev.longhaul.migration.StatementKind.Rewrite;
import dev.longhaul.migration.StatementKind.Setting;
import dev.longhaul.migration.StatementKind.Unverifiable;
import dev.longhaul.migration.StatementKind.Vacuum;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatementKindTest {
  static Stream<Arguments> createIndex() {
    return Stream.of(
        index("create index concurrently i on t (n)", "i", "t", "(n)"),
        index("CREATE INDEX CONCURRENTLY I ON T (N);", "i", "t", "(N)"),
        index("create index concurrently i on only app.t (n)", "i", "app.t", "(n)"),
        index(
            "create index concurrently \"I;1\" on \"App\".\"T t\" (n)",
            "I;1",
            "\"App\".\"T t\"",
            "(n)"),
        index("create index concurrently \"a\"\"b\" on t (n)", "a\"b", "t", "(n)"),
        index("create index concurrently \"on\" on \"only\" (n)", "on", "\"only\"", "(n)"),
        index(
            "create index concurrently i on t using gin (n gin_trgm_ops) with (fastupdate = off) ;"
                + " ",
            "i",
            "t",
            "using gin (n gin_trgm_ops) with (fastupdate = off)"),
        index(
            "create index concurrently i on t(lower(n)) include (m) where n > ';' -- end",
            "i",
            "t",
            "(lower(n)) include (m) where n > ';'"),
        index("create index concurrently on t (n)", null, "t", "(n)"),
        index(
            "create /* a */ index -- b\n concurrently /* c /* d */ */ i on/**/t(n)",
            "i",
            "t",
            "(n)"),
        index("create\tindex\r\nconcurrently\ni\non\napp . t\n(n)", "i", "app.t", "(n)"),
        index("-- first\ncreate index concurrently größe on t (n)", "größe", "t", "(n)"),
        index("create index concurrently GRÖSSE on t (n)", "grÖsse", "t", "(n)"),
        Arguments.of(
            "create unique index concurrently i on t (n) nulls not distinct",
            new CreateIndexConcurrently("i", "t", false, true, "(n) nulls not distinct")),
        Arguments.of(
            "create index concurrently if not exists i on t (n)",
            new CreateIndexConcurrently("i", "t", true, false, "(n)")),
        Arguments.of(
            "Create Unique Index Concurrently If Not Exists i On Only t (n)",
            new CreateIndexConcurrently("i", "t", true, true, "(n)")));
  }

  private static Arguments index(String sql, @Nullable String name, String table, String rest) {
    return Arguments.of(sql, new CreateIndexConcurrently(name, table, false, false, rest));
  }

  static Stream<Arguments> dropIndex() {
    return Stream.of(
        Arguments.of("drop index concurrently i", List.of("i")),
        Arguments.of("DROP INDEX CONCURRENTLY IF EXISTS App.I ;", List.of("app.i")),
        Arguments.of(
            "drop index concurrently \"App\".\"I;1\" restrict", List.of("\"App\".\"I;1\"")),
        Arguments.of("drop index/**/concurrently a, b.c", List.of("a", "b.c")));
  }

  static Stream<Arguments> reindex() {
    return Stream.of(
        reindex("reindex index concurrently i", "index", "i"),
        reindex("REINDEX (VERBOSE) TABLE CONCURRENTLY App.T", "table", "app.t"),
        reindex("reindex (concurrently) index \"I\"", "index", "\"I\""),
        reindex("reindex (concurrently true, verbose) index i", "index", "i"),
        reindex("reindex (tablespace x, concurrently on) schema s", "schema", "s"),
        reindex("reindex schema concurrently s", "schema", "s"),
        reindex("reindex database concurrently", "database", ""),
        reindex("reindex database concurrently d", "database", "d"),
        reindex("reindex /* */ system concurrently", "system", ""));
  }

  private static Arguments reindex(String sql, String object, String name) {
    return Arguments.of(sql, new ReindexConcurrently(object, name));
  }

  @ParameterizedTest
  @MethodSource({"createIndex", "reindex"})
  void readsWhatIsVerifiedLater(String sql, StatementKind kind) {
    assertThat(StatementKind.of(sql)).isEqualTo(kind);
  }

  @ParameterizedTest
  @MethodSource("dropIndex")
  void readsTheNamesOfIndexesToDrop(String sql, List<String> names) {
    assertThat(StatementKind.of(sql)).isEqualTo(new DropIndexConcurrently(names));
  }

  static Stream<Arguments> vacuum() {
    return Stream.of(
        vacuum("vacuum", false, false),
        vacuum("VACUUM (analyze, verbose) app.t", false, true, "app.t"),
        vacuum("/* why */ vacuum analyze", false, true),
        vacuum("vacuum freeze verbose t, only u (a, b);", false, false, "t", "u"),
        vacuum("vacuum (analyze false, full off) \"T\"", false, false, "\"T\""),
        vacuum("vacuum full t", true, false, "t"),
        vacuum("VACUUM (verbose, FULL, analyse) t", true, true, "t"));
  }

  private static Arguments vacuum(String sql, boolean full, boolean analyzes, String... tables) {
    return Arguments.of(sql, new Vacuum(full, analyzes, List.of(tables)));
  }

  static Stream<Arguments> others() {
    return Stream.of(
        Arguments.of(
            "alter table t detach partition p concurrently", new DetachPartition("t", "p")),
        Arguments.of(
            "ALTER TABLE IF EXISTS app.t DETACH PARTITION app.\"P\" CONCURRENTLY;",
            new DetachPartition("app.t", "app.\"P\"")),
        Arguments.of(
            "alter table only t detach /* x */ partition p finalize -- now",
            new DetachPartition("t", "p")),
        Arguments.of("alter type mood add value 'ok'", new AddEnumValue("mood", "'ok'")),
        Arguments.of(
            "ALTER TYPE app.\"Mood\" ADD VALUE IF NOT EXISTS 'it''s' BEFORE 'ok';",
            new AddEnumValue("app.\"Mood\"", "'it''s'")),
        Arguments.of(
            "alter type mood add value E'it\\'s' after 'ok'",
            new AddEnumValue("mood", "E'it\\'s'")),
        Arguments.of(
            "alter type mood add value E'it''s \\'ok\\'' after 'ok'",
            new AddEnumValue("mood", "E'it''s \\'ok\\''")),
        Arguments.of("alter type mood add value $$ok$$", new AddEnumValue("mood", "$$ok$$")),
        Arguments.of("create database D template x", new CreateDatabase("d")),
        Arguments.of("create database \"D\"", new CreateDatabase("D")),
        Arguments.of("drop database if exists d with (force)", new DropDatabase("d")));
  }

  @ParameterizedTest
  @MethodSource({"vacuum", "others"})
  void readsWhatElseTheCatalogTells(String sql, StatementKind kind) {
    assertThat(StatementKind.of(sql)).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create tablespace x location '/x'",
        "drop tablespace x",
        "create subscription s connection 'x' publication p",
        "drop subscription s",
        "alter system set work_mem = '1MB'",
        "create index concurrently U&\"d\\0061t\" on t (n)",
        "create index concurrently i on U&\"d\\0061t\" (n)",
        "drop index concurrently U&\"d\\0061t\""
      })
  void knowsWhatNothingVerifiesButMayWait(String sql) {
    assertThat(StatementKind.of(sql)).isEqualTo(new Unverifiable(true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster",
        "CLUSTER;",
        "cluster verbose",
        "cluster (verbose)",
        "reindex schema s",
        "reindex database",
        "reindex (verbose) system"
      })
  void knowsWhatMayRunTwiceButNotWait(String sql) {
    assertThat(StatementKind.of(sql)).isEqualTo(new Rewrite());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert into t values (1)",
        "UPDATE t set n = 1",
        "delete from t",
        "merge into t using u on true when matched then delete",
        "select set_config('a', 'b', false) from t",
        "select set_config('a', 'b', false) as c",
        "select set_config(a, 'b', false)",
        "select set_config('a', 'b', false), 1",
        "select set_config",
        "select set_config(",
        "with x as (select 1) select 1",
        "values (1)",
        "table t",
        "copy t from program 'x'"
      })
  void knowsRows(String sql) {
    assertThat(StatementKind.of(sql)).isEqualTo(new Data());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "set search_path = app | search_path",
        "SET SESSION Lock_Timeout TO 1 | lock_timeout",
        "set \"Role\" = x | role",
        "set role x | role",
        "set session role none | role",
        "reset role | role",
        "reset all | all",
        "set app.user = 'x' | app.user",
        "SET LOCAL lock_timeout = 1 | ''",
        "SELECT pg_catalog.set_config('search_path', '', false); | search_path",
        "select set_config('Search_Path', concat('a', ', b'), false) | search_path",
        "select set_config('role', 'x', true) | ''"
      })
  void knowsSettings(String sql, String name) {
    assertThat(StatementKind.of(sql)).isEqualTo(new Setting(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create index i on t (n)",
        "create unique index if not exists concurrently_i on t (n)",
        "create index \"concurrently\" on t (n)",
        "drop index i",
        "drop index \"concurrently\"",
        "reindex index i",
        "reindex (concurrently false) table t",
        "reindex (concurrently off) index i",
        "reindex (concurrently 0) index i",
        "alter type mood rename value 'a' to 'b'",
        "alter type pair add attribute value int",
        "alter table t attach partition p default",
        "alter table t detach partition p",
        "alter table t add column detach int",
        "alter table t rename to \"concurrently\"",
        "alter database d set work_mem = '1MB'",
        "create table t (vacuum int)",
        "drop table t",
        "truncate t",
        "cluster t using i",
        "call p()",
        "do $$ begin vacuum; end $$",
        "comment on index i is 'create index concurrently'",
        "prepare q as select 1",
        "refresh materialized view concurrently v",
        "explain select 1",
        "(select 1)",
        ""
      })
  void takesTheRestForADefinition(String sql) {
    assertThat(StatementKind.of(sql)).isEqualTo(new Definition());
  }
}
