package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Fixture;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whether an index that exists is what a statement asks for.
class IndexDefinitionTest {
  private final Fixture longhaul = new Fixture();
  private final Interruption interruption = new Interruption(longhaul);

  @BeforeEach
  void createTables() {
    longhaul.database.execute(
        """
        create schema app;
        create type app.mood as enum ('ok', 'bad');
        create domain app.word as text collate "C" check (value <> '');
        create collation app.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        create function app.plain(text) returns text language sql immutable as 'select lower($1)';
        create table app.t (
          gone int, n int generated always as identity, name text collate app.loose, mood app.mood,
          word app.word, tags int[], code varchar(9), at timestamptz,
          twice int generated always as (length(code) * 2) stored);
        alter table app.t drop column gone;
        create function app.of_row(app.t) returns int language sql immutable as 'select $1.twice';
        create table app.p (id int, name text) partition by range (id);
        create table app.p1 partition of app.p for values from (0) to (9);
        create materialized view app.v as select n, name from app.t;
        """);
  }

  @AfterEach
  void close() {
    longhaul.close();
  }

  private void registerIfNotExists(String definition) {
    longhaul.register(
        "index",
        "set search_path = app, public; create "
            + definition.replace("index ", "index concurrently if not exists "),
        "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "index i on app.t (n)",
        "index i on only t using btree (n asc nulls last)",
        "unique index i on t (name, mood desc) nulls not distinct",
        "index i on t (name collate \"C\" text_pattern_ops, word) with (fillfactor = 70)",
        "index i on t using gin (tags) with (fastupdate = off)",
        "index i on t using gin (to_tsvector('english', code))",
        "index i on t using brin (at) with (pages_per_range = 4)",
        "index i on t using hash (code)",
        "index i on t (plain(name), (t.twice), (code || 'x')) include (n, mood)",
        "index i on t (twice) where mood = 'ok' and t.word > 'a' and at > '2020-01-01 00:00Z'",
        "index i on t (n) where t is not null",
        "index i on t (of_row(t))",
        "index i on p1 (name)",
        "index i on v (lower(name))",
        "index i on t (n) tablespace pg_default"
      })
  void knowsItsOwn(String definition) {
    longhaul.database.execute("set search_path = app, public; create " + definition);
    registerIfNotExists(definition);
    longhaul.executeUntil("index", "FINISHED");
    assertThat(longhaul.database.value("select count(*) from pg_class where relname = 'i'"))
        .isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unique index i on t (n)",
        "index i on t (n desc)",
        "index i on t (twice)",
        "index i on t (n) include (twice)",
        "index i on t (n) where n > 0",
        "index i on t using hash (n)",
        "index i on t ((n + 1))",
        "index i on t (n) with (fillfactor = 70)",
        "index i on p1 (id)"
      })
  void tellsAnotherFromIt(String definition) {
    longhaul.database.execute("create index i on app.t (n)");
    registerIfNotExists(definition);
    assertThat(interruption.error("index"))
        .contains("another definition", "CREATE INDEX i ON", "USING btree (n).", "Asked for is:");
  }

  /// The row type in the definition of an index cannot be had for a second table.
  @Test
  void leavesToTheServerWhatItCannotCompare() {
    longhaul.database.execute("create index i on app.t (app.of_row(t))");
    registerIfNotExists("index i on t (of_row(t), n)");
    longhaul.executeUntil("index", "FINISHED");
  }

  @Test
  void comparesWithoutWaitingForThoseWhoWrite() throws Exception {
    longhaul.database.execute("create index i on app.t (n)");
    registerIfNotExists("index i on t (twice)");
    try (var blocker = longhaul.database.connect();
        var statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("lock table app.t in exclusive mode");
      assertThat(CompletableFuture.supplyAsync(() -> interruption.error("index")))
          .succeedsWithin(Duration.ofSeconds(30), as(InstanceOfAssertFactories.STRING))
          .contains("another definition");
    }
  }
}
