package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.execution.Verification.Verdict;
import dev.longhaul.migration.StatementKind;
import dev.longhaul.migration.StatementKind.OutsideTransaction;
import dev.longhaul.testing.Fixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `reindex concurrently` and `drop index concurrently`.
@Tag("fault")
class ReindexTest {
  private static final String LONG = "index_" + "größe_".repeat(7) + "x";

  private final Fixture longhaul = new Fixture();
  private final Interruption interruption = new Interruption(longhaul);

  @BeforeEach
  void createTable() {
    longhaul.database.execute(
        """
        create schema app;
        create table app.t (n int primary key, m int, name text);
        create index "%1$s" on app.t (m);
        create index t_m on app.t (m);
        insert into app.t select n, n, n from generate_series(1, 1000) as n;
        """
            .formatted(LONG));
  }

  @AfterEach
  void close() {
    longhaul.close();
  }

  private List<String> indexes() {
    return longhaul.database.query(
        """
        select i.indexrelid from pg_index as i join pg_class as t on t.oid = i.indrelid
        where i.indrelid = 'app.t'::regclass
          or i.indrelid = (select reltoastrelid from pg_class where oid = 'app.t'::regclass)
        order by 1
        """);
  }

  private List<String> invalid() {
    return longhaul.database.query(
        "select c.relname from pg_index as i join pg_class as c on c.oid = i.indexrelid where not"
            + " i.indisvalid order by 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reindex index concurrently app.t_m",
        "reindex (verbose) table concurrently app.t",
        "reindex (concurrently) schema app",
        "reindex database concurrently"
      })
  void rebuildsOnce(String sql) {
    String statement = sql.replace("database concurrently", "database concurrently " + database());
    longhaul.register("reindex", statement, "");
    longhaul.executeUntil("reindex", "FINISHED");
    List<String> rebuilt = indexes();

    longhaul.register("lost", statement, "");
    interruption.afterTheStatement("lost", statement);
    assertThat(indexes()).isNotEqualTo(rebuilt);
    rebuilt = indexes();
    interruption.goOn("lost");
    assertThat(indexes()).isEqualTo(rebuilt);

    longhaul.register("unbegun", statement, "");
    interruption.beforeTheStatement("unbegun");
    interruption.goOn("unbegun");
    assertThat(indexes()).isNotEqualTo(rebuilt);
    assertThat(invalid()).isEmpty();
  }

  @Test
  void neverTakesWhatAnEarlierStepHasWrittenForRebuilt() {
    String first = "alter index app.t_m set (fillfactor = 70)";
    longhaul.register("reindex", first + "; reindex index concurrently app.t_m", "");
    String before = file();
    interruption.beforeTheSecondStatement("reindex", first);
    interruption.goOn("reindex");
    assertThat(file()).isNotEqualTo(before);
  }

  /// It is a dead attempt's row, and that session had the process id that this one has.
  @Test
  void neverMeasuresFromTheBeginningOfAnotherMigration() throws SQLException {
    String rebuild = "reindex index concurrently app.t_m";
    longhaul.register("older", rebuild, "");
    interruption.beforeTheStatement("older");
    longhaul.database.execute(rebuild);
    longhaul.register("reindex", rebuild, "");
    interruption.beforeTheStatement("reindex");
    try (Connection connection = longhaul.database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          update longhaul.async_migration set backend_pid = pg_backend_pid(),
            backend_start = case when name = 'older' then backend_start else (
              select backend_start from pg_stat_get_activity(pg_backend_pid())) end
          """);
      Verification verification =
          new Verification(connection, (OutsideTransaction) StatementKind.of(rebuild));
      assertThat(verification.afterInterruption(false)).isEqualTo(Verdict.NOT_DONE);
    }
  }

  private String file() {
    return longhaul.database.value("select pg_relation_filenode('app.t_m')");
  }

  private String database() {
    return longhaul.database.value("select current_database()");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reindex index concurrently app.t_m",
        "reindex index concurrently app.\"LONG\"",
        "reindex table concurrently app.t",
        "reindex schema concurrently app"
      })
  void removesTheCopiesThatAnInterruptedOneLeaves(String sql) throws Exception {
    int indexes = indexes().size();
    longhaul.register("reindex", sql.replace("LONG", LONG), "");
    interruption.inTheMiddle(
        "reindex",
        "insert into app.t values (0)",
        "exists (select from pg_class where relname ~ '_ccnew')");
    assertThat(invalid()).isNotEmpty();
    interruption.goOn("reindex");
    assertThat(invalid()).isEmpty();
    assertThat(indexes()).hasSize(indexes);
  }

  @Test
  void removesTheCopyOfAToastIndex() throws Exception {
    longhaul.register("reindex", "reindex table concurrently app.t", "");
    String toast =
        longhaul.database.value(
            "select reltoastrelid::regclass from pg_class where oid = 'app.t'::regclass");
    interruption.inTheMiddle(
        "reindex",
        "insert into app.t values (0)",
        "exists (select from pg_class where relname ~ '^pg_toast.*_ccnew')");
    assertThat(invalid()).anyMatch(name -> name.startsWith(toast.substring("pg_toast.".length())));
    interruption.goOn("reindex");
    assertThat(invalid()).isEmpty();
  }

  @Test
  void leavesAloneWhatIsNotItsOwn() throws Exception {
    longhaul.database.execute(
        """
        create table app.u (n int); create index t_m_ccnew on app.u (n);
        create index t_m_ccnew1 on app.t (name); create index of_none_ccnew on app.t (m, n);
        update pg_index set indisvalid = false
        where indexrelid in (select oid from pg_class where relname ~ '_ccnew');
        """);
    longhaul.register("reindex", "reindex index concurrently app.t_m", "");
    interruption.inTheMiddle(
        "reindex",
        "insert into app.t values (0)",
        "exists (select from pg_class where relname = 't_m_ccnew2')");
    interruption.goOn("reindex");
    assertThat(invalid()).containsExactly("of_none_ccnew", "t_m_ccnew", "t_m_ccnew1");
  }

  /// They cannot be told from its own after an interruption, but in one run they can.
  @Test
  void leavesAloneWhatWasThereBefore() {
    longhaul.database.execute(
        """
        create index t_m_ccnew on app.t (m);
        update pg_index set indisvalid = false where indexrelid = 'app.t_m_ccnew'::regclass;
        """);
    longhaul.register("reindex", "reindex index concurrently app.t_m", "");
    longhaul.executeUntil("reindex", "FINISHED");
    assertThat(invalid()).containsExactly("t_m_ccnew");
  }

  @Test
  void removesTheCopiesInPartitions() throws Exception {
    longhaul.database.execute(
        """
        create table app.p (n int) partition by range (n);
        create table app.p1 partition of app.p for values from (0) to (9);
        create index p_n on app.p (n);
        """);
    longhaul.register("reindex", "reindex index concurrently app.p_n", "");
    interruption.inTheMiddle(
        "reindex",
        "insert into app.p values (0)",
        "exists (select from pg_class where relname ~ '_ccnew')");
    interruption.goOn("reindex");
    assertThat(invalid()).isEmpty();
  }

  @Test
  void dropsOnceWhateverInterruptsIt() throws Exception {
    longhaul.register("drop", "drop index concurrently app.t_m", "");
    interruption.inTheMiddle("drop", "insert into app.t values (0)");
    assertThat(invalid()).containsExactly("t_m");
    interruption.goOn("drop");
    assertThat(longhaul.database.value("select to_regclass('app.t_m')")).isEqualTo("null");

    longhaul.database.execute("create index t_m on app.t (m)");
    longhaul.register("lost", "drop index concurrently app.t_m ;", "");
    interruption.afterTheStatement("lost", "drop index concurrently app.t_m");
    interruption.goOn("lost");

    longhaul.database.execute("create index t_m on app.t (m)");
    longhaul.register("unbegun", "drop index concurrently if exists app.t_m restrict", "");
    interruption.beforeTheStatement("unbegun");
    interruption.goOn("unbegun");
    assertThat(longhaul.database.value("select to_regclass('app.t_m')")).isEqualTo("null");
  }

  @Test
  void neverTellsOfARollbackWhileTheIndexThatACancelledDropHasLeftIsInvalid() throws Exception {
    longhaul.register(
        "drop",
        "drop index concurrently app.t_m",
        "drop index concurrently if exists app.t_m; create index concurrently t_m on app.t (m)");
    interruption.byACancel(
        "drop", "insert into app.t values (0)", "not bool_and(indisvalid) from pg_index");
    assertThat(invalid()).containsExactly("t_m");
    longhaul.control("rollback", "drop");
    longhaul.executeUntil("drop", "ROLLED BACK");
    assertThat(invalid()).isEmpty();
    assertThat(longhaul.database.value("select to_regclass('app.t_m')")).isEqualTo("app.t_m");
  }

  @Test
  void goesOnWithTheDropThatWasCancelledHalfDoneAndIsRetried() throws Exception {
    longhaul.register("drop", "drop index concurrently app.t_m", "");
    interruption.byACancel(
        "drop", "insert into app.t values (0)", "not bool_and(indisvalid) from pg_index");
    longhaul.control("retry", "drop");
    longhaul.executeUntil("drop", "FINISHED");
    assertThat(longhaul.database.value("select to_regclass('app.t_m')")).isEqualTo("null");
  }

  @Test
  void neverDropsTheIndexOfTheNextSchemaInThePath() {
    longhaul.database.execute("create table public.t (m int); create index t_m on public.t (m)");
    String path = "set search_path = app, public;";
    longhaul.register("drop", path + "drop index concurrently t_m", "");
    longhaul.executeUntil("drop", "FINISHED");
    assertThat(longhaul.database.value("select to_regclass('public.t_m')")).isEqualTo("t_m");

    longhaul.database.execute("create index t_m on app.t (m)");
    longhaul.register("lost", path + "drop index concurrently t_m ", "");
    interruption.beforeTheStatement("lost");
    longhaul.database.execute(
        "update longhaul.async_migration set steps_done = 1 where name = 'lost'");
    longhaul.database.execute("drop index concurrently app.t_m");
    assertThat(interruption.error("lost")).startsWith("outcome unknown");
    assertThat(longhaul.database.value("select to_regclass('public.t_m')")).isEqualTo("t_m");

    interruption.resolve("lost", "not done");
    longhaul.executeUntil("lost", "FINISHED");
    assertThat(longhaul.database.value("select to_regclass('public.t_m')")).isEqualTo("null");
  }

  @Test
  void leavesItToAPersonWhetherTheIndexOfThePathIsDropped() {
    longhaul.database.execute("create table public.t (m int); create index t_m on public.t (m)");
    String path = "set search_path = app, public;";
    longhaul.register("lost", path + "drop index concurrently t_m", "");
    interruption.beforeTheSecondStatement("lost", "drop index app.t_m");
    assertThat(interruption.error("lost")).startsWith("outcome unknown");
    interruption.resolve("lost", "done");
    longhaul.executeUntil("lost", "FINISHED");
    assertThat(longhaul.database.value("select to_regclass('public.t_m')")).isEqualTo("t_m");
  }
}
