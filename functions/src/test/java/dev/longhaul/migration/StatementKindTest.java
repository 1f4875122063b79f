package dev.longhaul.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import dev.longhaul.migration.StatementKind.Data;
import dev.longhaul.migration.StatementKind.Definition;
import dev.longhaul.migration.StatementKind.DropIndexConcurrently;
import dev.longhaul.migration.StatementKind.ReindexConcurrently;
import dev.longhaul.migration.StatementKind.Setting;
import dev.longhaul.migration.StatementKind.Unverifiable;
import dev.longhaul.migration.StatementKind.Vacuum;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatementKindTest {
  static Stream<Arguments> createIndex() {
    return Stream.of(
        index("create index concurrently i on t (n)", "i", "t", false),
        index("CREATE INDEX CONCURRENTLY I ON T (N);", "i", "t", false),
        index("create unique index concurrently i on t (n)", "i", "t", false),
        index("create index concurrently if not exists i on t (n)", "i", "t", true),
        index("Create Unique Index Concurrently If Not Exists i On Only t (n)", "i", "t", true),
        index("create index concurrently i on only app.t (n)", "i", "app.t", false),
        index(
            "create index concurrently \"I;1\" on \"App\".\"T t\" (n)",
            "I;1",
            "\"App\".\"T t\"",
            false),
        index("create index concurrently \"a\"\"b\" on t (n)", "a\"b", "t", false),
        index("create index concurrently \"on\" on \"only\" (n)", "on", "\"only\"", false),
        index("create index concurrently i on t using gin (n gin_trgm_ops)", "i", "t", false),
        index(
            "create index concurrently i on t(lower(n)) include (m) where n > ';'",
            "i",
            "t",
            false),
        index("create index concurrently on t (n)", null, "t", false),
        index(
            "create /* a */ index -- b\n concurrently /* c /* d */ */ i on/**/t(n)",
            "i",
            "t",
            false),
        index("create\tindex\r\nconcurrently\ni\non\napp . t\n(n)", "i", "app.t", false),
        index("-- first\ncreate index concurrently größe on t (n)", "größe", "t", false));
  }

  private static Arguments index(String sql, @Nullable String name, String table, boolean ifNot) {
    return Arguments.of(sql, new CreateIndexConcurrently(name, table, ifNot));
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vacuum",
        "VACUUM (analyze, verbose) app.t",
        "vacuum full t",
        "/* why */ vacuum analyze"
      })
  void knowsVacuum(String sql) {
    assertThat(StatementKind.of(sql)).isEqualTo(new Vacuum());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table t detach partition p concurrently",
        "ALTER TABLE IF EXISTS app.t DETACH PARTITION app.\"P\" CONCURRENTLY;",
        "alter table t detach /* x */ partition p finalize -- now",
        "create database d",
        "drop database if exists d with (force)",
        "create tablespace x location '/x'",
        "drop tablespace x",
        "create subscription s connection 'x' publication p",
        "drop subscription s",
        "alter system set work_mem = '1MB'"
      })
  void knowsWhatNothingVerifiesButMayWait(String sql) {
    assertThat(StatementKind.of(sql)).isEqualTo(new Unverifiable(true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster",
        "CLUSTER;",
        "reindex schema s",
        "reindex database",
        "reindex (verbose) system"
      })
  void knowsWhatMayNotWait(String sql) {
    assertThat(StatementKind.of(sql)).isEqualTo(new Unverifiable(false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert into t values (1)",
        "UPDATE t set n = 1",
        "delete from t",
        "merge into t using u on true when matched then delete",
        "select set_config('a', 'b', false)",
        "with x as (select 1) select 1",
        "values (1)",
        "table t",
        "copy t from program 'x'"
      })
  void knowsRows(String sql) {
    assertThat(StatementKind.of(sql)).isEqualTo(new Data());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"set search_path = app", "SET LOCAL lock_timeout = 1", "reset all", "set role x"})
  void knowsSettings(String sql) {
    assertThat(StatementKind.of(sql)).isEqualTo(new Setting());
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
