package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.migration.StatementKind;
import dev.longhaul.migration.StatementKind.OutsideTransaction;
import dev.longhaul.testing.Fixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fault")
class IndexBuildTest {
  private static final String STATEMENT =
      "create unique index concurrently \"I;1\" on only app.\"T t\" using btree (lower(name)"
          + " text_pattern_ops desc, n) include (m) nulls not distinct with (fillfactor = 70) where"
          + " m > 0";

  private static final String OTHER = "create index concurrently other on app.\"T t\" (m)";

  private final Fixture longhaul = new Fixture();
  private final Interruption interruption = new Interruption(longhaul);

  @BeforeEach
  void createTable() {
    longhaul.database.execute(
        """
        create schema app;
        create table app."T t" (n int, m int, name text);
        insert into app."T t" select n, n, 'Name ' || n from generate_series(1, 1000) as n
        """);
  }

  @AfterEach
  void close() {
    longhaul.close();
  }

  private List<String> indexes() {
    return longhaul.database.query(
        "select indexrelid::regclass || ' ' || indisvalid || ' ' || indisunique from pg_index where"
            + " indrelid = 'app.\"T t\"'::regclass");
  }

  private String oid() {
    return longhaul.database.value("select 'app.\"I;1\"'::regclass::oid");
  }

  @Test
  void builds() {
    longhaul.register("index", STATEMENT, "");
    longhaul.executeUntil("index", "FINISHED");
    assertThat(indexes()).containsExactly("app.\"I;1\" true true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"concurrently", "concurrently if not exists"})
  void buildsWhatAnInterruptedAttemptHasNotBegun(String how) {
    longhaul.register("index", STATEMENT.replace("concurrently", how), "");
    interruption.beforeTheStatement("index");
    interruption.goOn("index");
    assertThat(indexes()).containsExactly("app.\"I;1\" true true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"concurrently", "concurrently if not exists"})
  void buildsAgainWhatAnInterruptedAttemptHasLeftInvalid(String how) throws Exception {
    longhaul.register("index", STATEMENT.replace("concurrently", how), "");
    interruption.inTheMiddle("index", "insert into app.\"T t\" values (0)");
    assertThat(indexes()).containsExactly("app.\"I;1\" false true");
    String invalid = oid();
    interruption.goOn("index");
    assertThat(indexes()).containsExactly("app.\"I;1\" true true");
    assertThat(oid()).isNotEqualTo(invalid);
  }

  @Test
  void takesWhatIsBuiltForDone() {
    longhaul.register("index", STATEMENT, "");
    interruption.afterTheStatement("index", STATEMENT);
    String built = oid();
    interruption.goOn("index");
    assertThat(oid()).isEqualTo(built);
  }

  @ParameterizedTest
  @ValueSource(strings = {"concurrently", "concurrently if not exists"})
  void refusesAnotherIndexOfThatName(String how) {
    longhaul.database.execute("create index \"I;1\" on app.\"T t\" (n)");
    longhaul.register("index", STATEMENT.replace("concurrently", how), "");
    assertThat(interruption.error("index"))
        .contains(
            "index \"app\".\"I;1\" exists with another definition",
            "There is: CREATE INDEX \"I;1\" ON app.\"T t\" USING btree (n).",
            "Asked for is: CREATE UNIQUE INDEX",
            "USING btree (lower(name) text_pattern_ops DESC, n) INCLUDE (m) NULLS NOT DISTINCT WITH"
                + " (fillfactor='70') WHERE (m > 0)");
    assertThat(indexes()).containsExactly("app.\"I;1\" true false");
  }

  @Test
  void refusesAnIndexOfThatNameOnAnotherTable() {
    longhaul.database.execute("create table app.u (n int); create index i on app.u (n)");
    longhaul.register("index", "create index concurrently if not exists i on app.\"T t\" (n)", "");
    assertThat(interruption.error("index"))
        .contains("There is: CREATE INDEX i ON app.u USING btree (n)", "Asked for is:");
  }

  @Test
  void neverTakesATableOfThatNameForTheIndex() {
    longhaul.database.execute("create table app.i (n int)");
    longhaul.register("index", "create index concurrently if not exists i on app.\"T t\" (n)", "");
    assertThat(interruption.error("index")).contains("no valid index of this name");
    assertThat(longhaul.database.value("select to_regclass('app.i')")).isEqualTo("app.i");
  }

  @ParameterizedTest
  @ValueSource(strings = {"concurrently", "concurrently if not exists"})
  void neverTakesAnotherIndexForDoneAfterAnInterruption(String how) {
    longhaul.register("index", STATEMENT.replace("concurrently", how), "");
    interruption.afterTheStatement("index", "create index \"I;1\" on app.\"T t\" (n)");
    assertThat(interruption.error("index")).contains("another definition");
    assertThat(indexes()).containsExactly("app.\"I;1\" true false");
  }

  @Test
  void acceptsTheSameIndexFromElsewhereIfNotExists() {
    longhaul.database.execute(STATEMENT);
    String built = oid();
    longhaul.register("index", STATEMENT.replace("concurrently", "concurrently if not exists"), "");
    longhaul.executeUntil("index", "FINISHED");
    assertThat(oid()).isEqualTo(built);
  }

  @Test
  void leavesTheSameIndexFromElsewhereToTheServer() {
    longhaul.database.execute(STATEMENT);
    longhaul.register("index", STATEMENT, "");
    longhaul.executeUntil("index", "ERROR");
    JsonNode error = longhaul.control("status", "index").path("meta").path("error");
    assertThat(error.path("sqlstate").asText()).isEqualTo("42P07");
    assertThat(error.path("next").asText()).contains("if not exists", "longhaul retry index");
    assertThat(indexes()).containsExactly("app.\"I;1\" true true");
  }

  @Test
  void neverTakesTheSameIndexFromElsewhereForItsOwn() throws Exception {
    longhaul.database.execute(STATEMENT);
    longhaul.register("index", STATEMENT, "drop index app.\"I;1\"");
    interruption.inTheMiddle("index", "lock table app.\"T t\" in share update exclusive mode");
    interruption.look();
    assertThat(interruption.error("index")).contains("already exists");
    longhaul.control("rollback", "index");
    longhaul.executeAll();
    assertThat(indexes()).containsExactly("app.\"I;1\" true true");
  }

  @Test
  void neverTakesAnInvalidIndexOfOthersForDoneNorForItsOwn() {
    longhaul.database.execute(STATEMENT);
    longhaul.database.execute(
        "update pg_index set indisvalid = false where indrelid = 'app.\"T t\"'::regclass");
    longhaul.register("index", STATEMENT.replace("concurrently", "concurrently if not exists"), "");
    assertThat(interruption.error("index")).contains("exists and is invalid, left by a build");
    assertThat(indexes()).containsExactly("app.\"I;1\" false true");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void leavesAloneAnIndexThatAnotherSessionBuilds(boolean isInterrupted) throws Exception {
    longhaul.register("index", STATEMENT.replace("concurrently", "concurrently if not exists"), "");
    if (isInterrupted) {
      interruption.beforeTheStatement("index");
    }
    String theirs;
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("insert into app.\"T t\" values (0)");
      var building =
          CompletableFuture.runAsync(
              () -> longhaul.database.execute(STATEMENT), Thread::startVirtualThread);
      longhaul.database.await(
          """
          select exists (select from pg_stat_progress_create_index
                         where phase like 'waiting%' and datname = current_database())
          """);
      theirs = oid();
      assertThat(interruption.error("index")).contains("another session builds it at this moment");
      blocker.rollback();
      assertThat(building).succeedsWithin(Duration.ofSeconds(20));
    }
    longhaul.control("retry", "index");
    longhaul.executeUntil("index", "FINISHED");
    assertThat(indexes()).containsExactly("app.\"I;1\" true true");
    assertThat(oid()).isEqualTo(theirs);
  }

  /// It had been waiting for the lock of the attempt that died, and has it now.
  @Test
  void removesWhatItHasLeftWhileAnotherSessionBuildsAnotherIndex() throws Exception {
    longhaul.register("index", STATEMENT, "");
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("insert into app.\"T t\" values (0)");
      var ours = CompletableFuture.runAsync(longhaul::executeNext, Thread::startVirtualThread);
      longhaul.database.await("select exists (select from pg_index where not indisvalid)");
      var theirs =
          CompletableFuture.runAsync(
              () -> longhaul.database.execute(OTHER), Thread::startVirtualThread);
      longhaul.database.await(
          "select exists (select from pg_locks where relation = 'app.\"T t\"'::regclass and not"
              + " granted)");
      longhaul.database.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name ="
              + " 'longhaul:index' and datname = current_database()");
      assertThat(ours).succeedsWithin(Duration.ofSeconds(10));
      longhaul.database.await(
          "select exists (select from pg_stat_progress_create_index where index_relid ="
              + " to_regclass('app.other'))");
      assertThat(repairs()).containsExactly("drop index concurrently if exists \"app\".\"I;1\"");
      blocker.rollback();
      assertThat(theirs).succeedsWithin(Duration.ofSeconds(20));
    }
    interruption.goOn("index");
    assertThat(indexes())
        .containsExactlyInAnyOrder("app.\"I;1\" true true", "app.other true false");
  }

  private List<String> repairs() throws SQLException {
    try (Connection connection = longhaul.database.connect()) {
      return new Verification(connection, (OutsideTransaction) StatementKind.of(STATEMENT))
          .repairs();
    }
  }

  @Test
  void namesTheTruncatedIndexAsTheServerDoes() throws Exception {
    String name = "größe".repeat(12);
    longhaul.register("index", "create index concurrently " + name + " on app.\"T t\" (n)", "");
    interruption.inTheMiddle("index", "insert into app.\"T t\" values (0)");
    interruption.goOn("index");
    assertThat(indexes()).hasSize(1).allMatch(index -> index.endsWith(" true false"));
  }
}
