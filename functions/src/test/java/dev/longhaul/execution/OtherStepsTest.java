package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Fixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Values of enums, databases, and what may be run twice.
@Tag("fault")
class OtherStepsTest {
  private final Fixture longhaul = new Fixture();
  private final Interruption interruption = new Interruption(longhaul);

  @AfterEach
  void close() {
    longhaul.close();
  }

  private String labels() {
    return longhaul.database.value(
        "select string_agg(enumlabel, ', ' order by enumsortorder) from pg_enum");
  }

  @Test
  void usesAValueInTheScriptThatAddsIt() {
    longhaul.database.execute(
        "create schema app; create type app.\"Mood\" as enum ('good', 'bad')");
    longhaul.register(
        "mood",
        """
        alter type app."Mood" add value 'it''s ?' before 'bad';
        alter type app."Mood" add value if not exists 'good';
        alter type app."Mood" add value E'best\\x21' before 'good';
        create table app.t (mood app."Mood" default 'it''s ?');
        insert into app.t values ('best!'), (default);
        alter type app."Mood" rename value 'bad' to 'worse';
        """,
        "");
    longhaul.executeUntil("mood", "FINISHED");
    assertThat(labels()).isEqualTo("best!, good, it's ?, worse");
    assertThat(longhaul.database.query("select mood from app.t order by 1"))
        .containsExactly("best!", "it's ?");
  }

  @Test
  void addsAValueOnceWhateverInterruptsIt() throws Exception {
    longhaul.database.execute("create type mood as enum ('good')");
    String statement = "alter type mood add value 'bad' after 'good'";
    longhaul.register("unbegun", statement, "");
    interruption.beforeTheStatement("unbegun");
    interruption.goOn("unbegun");
    assertThat(labels()).isEqualTo("good, bad");

    longhaul.register("lost", statement.replace("'bad'", "'worse'"), "");
    interruption.afterTheStatement("lost", statement.replace("'bad'", "'worse'"));
    interruption.goOn("lost");

    longhaul.register(
        Fixture.migration("killed", "alter type mood add value 'worst'", "")
            .put("lock_timeout", "10s")
            .toString());
    interruption.inTheMiddle("killed", "alter type mood add value 'other'");
    interruption.goOn("killed");
    assertThat(labels()).isEqualTo("good, worse, bad, worst");
  }

  @Test
  void leavesToTheServerAValueThatExists() {
    longhaul.database.execute("create type mood as enum ('good')");
    longhaul.register("mood", "alter type mood add value 'good'", "");
    assertThat(interruption.error("mood")).contains("already exists");
  }

  @Test
  void createsAndDropsADatabaseOnceWhateverInterruptsIt() {
    String name = longhaul.database.value("select current_database() || '_Other'");
    String create = "create database \"%s\"".formatted(name);
    longhaul.register("create", create, "");
    interruption.afterTheStatement("create", create);
    interruption.goOn("create");
    String drop = "drop database \"%s\"".formatted(name);
    longhaul.register("drop", drop, "");
    interruption.beforeTheStatement("drop");
    interruption.goOn("drop");
    assertThat(databases(name)).isEqualTo("0");

    longhaul.register("dropped", drop + ";", "");
    interruption.beforeTheStatement("dropped");
    interruption.goOn("dropped");
    longhaul.register("created", create + ";", "");
    interruption.beforeTheStatement("created");
    interruption.goOn("created");
    assertThat(databases(name)).isEqualTo("1");
    longhaul.database.execute(drop);
  }

  /// The server marks a database before it removes its files, and can no more go back
  /// (<https://www.postgresql.org/docs/current/sql-dropdatabase.html>).
  @Test
  void aDatabaseThatIsHalfDroppedStaysInDoubtUntilItIsGone() {
    String name = longhaul.database.value("select current_database() || '_half'");
    longhaul.database.execute("create database " + name);
    longhaul.register("drop", "drop database " + name, "");
    interruption.afterTheStatement(
        "drop", "update pg_database set datconnlimit = -2 where datname = '" + name + "'");
    longhaul.control("cancel", "drop");
    interruption.look();
    longhaul.executeAll();
    assertThat(longhaul.status("drop")).isEqualTo("CANCELLED");
    assertThat(longhaul.database.value("select step_in_doubt from longhaul.async_migration"))
        .isEqualTo("t");

    longhaul.control("retry", "drop");
    interruption.goOn("drop");
    assertThat(databases(name)).isEqualTo("0");
  }

  @Test
  void neverTakesADatabaseOfOthersForItsOwn() throws Exception {
    String name = longhaul.database.value("select current_database() || '_theirs'");
    String create = "create database " + name;
    longhaul.database.execute(create);
    longhaul.register("create", create, "drop database " + name);
    interruption.inTheMiddle("create", "comment on database template1 is 'locked'");
    interruption.look();
    assertThat(interruption.error("create")).isEqualTo("database \"" + name + "\" already exists");
    longhaul.control("rollback", "create");
    longhaul.executeAll();
    assertThat(databases(name)).isEqualTo("1");
    longhaul.database.execute("drop database " + name);
  }

  @Test
  void neverTakesAValueOfOthersForItsOwn() throws Exception {
    longhaul.database.execute("create type mood as enum ('good')");
    longhaul.register(
        Fixture.migration("mood", "alter type mood add value 'good'", "")
            .put("lock_timeout", "10s")
            .toString());
    interruption.inTheMiddle("mood", "alter type mood add value 'other'");
    interruption.look();
    assertThat(interruption.error("mood")).contains("already exists");
  }

  private String databases(String name) {
    return longhaul.database.value(
        "select count(*) from pg_database where datname = '" + name + "'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vacuum t",
        "vacuum (analyze) public.t",
        "vacuum full t",
        "vacuum full analyze t",
        "vacuum p"
      })
  void vacuumsOnceWhatIsNamed(String statement) throws Exception {
    longhaul.database.execute(
        """
        create table t (n int primary key, s text); insert into t select generate_series(1, 1000);
        create table p (n int) partition by range (n);
        create table p1 partition of p for values from (0) to (9);
        """);
    longhaul.register("unbegun", statement, "");
    interruption.beforeTheStatement("unbegun");
    interruption.goOn("unbegun");
    String vacuumed = vacuumed();

    longhaul.register("lost", statement + " ;", "");
    interruption.afterTheStatement("lost", statement);
    assertThat(vacuumed()).isNotEqualTo(vacuumed);
    vacuumed = vacuumed();
    interruption.goOn("lost");
    assertThat(vacuumed()).isEqualTo(vacuumed);

    longhaul.register(
        Fixture.migration("killed", statement + "; ", "").put("lock_timeout", "10s").toString());
    interruption.inTheMiddle(
        "killed", "lock table t in access exclusive mode; lock table p in access exclusive mode");
    interruption.goOn("killed");
    assertThat(vacuumed()).isNotEqualTo(vacuumed);
  }

  @ParameterizedTest
  @CsvSource({
    "vacuum t, vacuum t",
    "vacuum (analyze) t, vacuum analyze t",
    "alter table t set (fillfactor = 70), vacuum full t"
  })
  void neverTakesWhatAnEarlierStepHasDoneForItsOwnVacuum(String first, String second) {
    longhaul.database.execute("create table t (n int)");
    longhaul.register("vacuum", first + "; " + second, "");
    interruption.beforeTheSecondStatement("vacuum", first);
    String before = vacuumed();
    interruption.goOn("vacuum");
    assertThat(vacuumed()).isNotEqualTo(before);
  }

  /// Counts vacuums, and rewrites, whose number changes with each.
  private String vacuumed() {
    return longhaul.database.value(
        """
        select string_agg(format('%s %s %s %s', s.relid, s.vacuum_count, s.analyze_count,
            pg_relation_filenode(s.relid)), ',' order by s.relid)
        from pg_stat_all_tables as s where s.schemaname = 'public'
        """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vacuum", "cluster", "reindex schema public", "reindex system"})
  void runsAgainWhatDoesNoHarm(String statement) {
    longhaul.database.execute("create table t (n int primary key); cluster t using t_pkey");
    longhaul.register("again", statement, "");
    interruption.afterTheStatement("again", statement);
    interruption.goOn("again");
  }

  @Test
  void refreshesAViewConcurrentlyTogetherWithItsJournalEntry() {
    longhaul.database.execute(
        """
        create table t (n int); insert into t values (1);
        create materialized view v as select n from t; create unique index on v (n);
        """);
    longhaul.register(
        "failing",
        "insert into t values (2); refresh materialized view concurrently v; select 1 / 0",
        "");
    longhaul.executeUntil("failing", "ERROR");
    assertThat(longhaul.database.query("select n from v")).containsExactly("1");
    longhaul.register(
        "view", "insert into t values (2); refresh materialized view concurrently v", "");
    longhaul.executeUntil("view", "FINISHED");
    assertThat(longhaul.database.query("select n from v")).containsExactly("1", "2");
  }

  @Test
  void leavesToTheServerToRefuseSystemTablesRebuiltConcurrently() {
    longhaul.register("system", "reindex system concurrently", "");
    assertThat(interruption.error("system"))
        .contains("cannot reindex system catalogs concurrently");
    assertThat(longhaul.control("status", "system").path("attempt").asInt()).isEqualTo(1);
  }

  @Test
  void saysThatItDoesNotKnowAboutTheRest() {
    longhaul.register("system", "alter system set work_mem = '5MB'", "");
    interruption.beforeTheStatement("system");
    assertThat(interruption.error("system")).startsWith("outcome unknown");
  }
}
