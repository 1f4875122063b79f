package dev.longhaul.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.LogLines;
import dev.longhaul.testing.Passwords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Passwords, SQL and rows that can be recognised go through everything that fails, and then
/// nothing of them stands in what was logged: by the functions, by the driver
/// (`java.util.logging`), on standard error, or by the runtime, which logs what a function throws.
@Timeout(60)
class CanaryTest {
  private static final String ROLE = "canary_role";
  private static final String PASSWORD = "canary-password";
  private static final String SQL = "canary_sql";
  private static final String ROW = "canary-row";

  private final Database database = Database.create();
  private final StringWriter thrown = new StringWriter();
  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
  private final PrintStream errorsBefore = System.err;
  private final Logger root = Logger.getLogger("");
  private final Handler driver =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          thrown.append(new SimpleFormatter().format(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void askForPasswords() throws IOException {
    Passwords.ask(database, ROLE, PASSWORD);
    database.execute("alter role " + ROLE + " superuser");
    root.addHandler(driver);
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    System.setErr(errorsBefore);
    root.removeHandler(driver);
  }

  private String url(String password) {
    return database.url().replace("postgres@", ROLE + ":" + password + "@");
  }

  private Fixture with(Map<String, String> environment) {
    return new Fixture(database, environment);
  }

  /// A call that fails, as the runtime would log it.
  private void fail(Runnable call) {
    boolean failed = false;
    try {
      call.run();
    } catch (RuntimeException e) {
      failed = true;
      e.printStackTrace(new PrintWriter(thrown));
    }
    assertThat(failed).as("it was to fail").isTrue();
  }

  private void assertSilent(LogLines log, String... expected) {
    String all = log.text() + thrown + errors.toString(StandardCharsets.UTF_8);
    assertThat(all).contains(expected).doesNotContainIgnoringCase("canary-").doesNotContain(SQL);
  }

  @Test
  void noPasswordIsLoggedWhenTheDatabaseRefuses() {
    try (LogLines log = LogLines.capture()) {
      for (String url :
          List.of(
              url("canary-wrong"),
              "postgresql://u:canary-a@127.0.0.1:1/x",
              "jdbc:postgresql://127.0.0.1:1/x?user=u&password=canary-b",
              url(PASSWORD) + "?sslmode=verify-full&sslrootcert=/nowhere",
              url(PASSWORD).replaceFirst("/test_\\d+", "/nowhere"))) {
        try (Fixture refused = with(Map.of("DATABASE_URL", url))) {
          fail(() -> refused.register("m", "select 1", ""));
          fail(() -> refused.trigger("{}"));
          fail(() -> refused.control("status", "m"));
          refused.queue.send("{\"target\":\"main\",\"migration_name\":\"m\"}");
          refused.executeNext();
          refused.queue.drain();
        }
      }
      assertSilent(log, "28P01", "TargetUnavailable", "a message could not be worked at");
    }
  }

  @Test
  void noPasswordIsLoggedWhenTheConfigurationMakesNoSense() {
    try (LogLines log = LogLines.capture()) {
      for (Map<String, String> environment :
          List.of(
              Map.of("DATABASE_URL", "postgresql//u:canary-c@host"),
              Map.of("DATABASE_URL", "postgresql://u:canary-d@host:no-port/x"),
              Map.of("DATABASE_URL", "postgresql://u:canary-e%ZZ@host/x"),
              Map.of("DATABASE_TARGETS", "{\"main\": {\"url\": \"postgresql://u:canary-f@h"),
              Map.of(
                  "DATABASE_TARGETS", "{\"main\": {\"url\": [\"postgresql://u:canary-g@h/x\"]}}"),
              Map.of("DATABASE_TARGETS", "{\"main\": \"postgresql://u:canary-h@h/x\"}"))) {
        fail(
            () -> {
              try (Fixture fixture = with(environment)) {
                fixture.register("m", "select 1", "");
              }
            });
      }
      assertSilent(log, "TargetUnavailable");
    }
  }

  /// Everything that fails with SQL in hand.
  @Test
  void neitherSqlNorRowsAreLoggedWhenAMigrationFails() {
    database.execute("create table t (id int primary key, s text unique); create table u (s text)");
    database.execute("insert into u values ('%1$s'), ('%1$s')".formatted(ROW));
    database.execute("insert into t select n from generate_series(1, 20) as n");
    try (LogLines log = LogLines.capture();
        Fixture longhaul = with(Map.of("DATABASE_URL", url(PASSWORD)))) {
      List<String> failing =
          List.of(
              "select canary_sql from t",
              "insert into t values (1, 'canary_sql')",
              "insert into t values (100, 'canary-row'), (101, 'canary-row')",
              "create table made (n int); select 'canary_sql'::int",
              "do $$ begin raise exception 'canary_sql' using detail = 'canary-row'; end $$",
              "do $$ begin raise warning 'canary_sql'; raise log 'canary-row'; perform 1/0; end $$",
              "create unique index concurrently u_s on u (s) where s <> 'canary_sql'",
              "vacuum canary_sql",
              "call canary_sql()",
              "select 'canary_sql', pg_terminate_backend(pg_backend_pid())");
      for (int i = 0; i < failing.size(); i++) {
        longhaul.register(
            Fixture.migration("m" + i, failing.get(i), "").put("max_attempts", 1).toString());
        longhaul.executeNext();
      }
      for (String skipping : List.of("stop", "skip")) {
        ObjectNode batched =
            Fixture.migration(
                skipping,
                "update t set s = 'canary-row' where :batch and (s is null or 'canary_sql' = '')",
                "");
        batched.putObject("batch").put("table", "t").put("key", "id").put("on_row_error", skipping);
        longhaul.register(batched.toString());
        longhaul.executeNext();
      }
      longhaul.trigger("{}");
      longhaul.executeAll();
      assertThat(
              longhaul.database.value(
                  "select count(*) from longhaul.async_migration where status = 'ERROR'"))
          .as("the journal quotes it, for those who may read it")
          .isNotEqualTo("0");
      assertSilent(log, "attempt ended", "Failed");
    }
  }

  /// Errors of the journal's own, whose detail quotes the row, and so its SQL.
  @Test
  void noSqlIsLoggedWhenTheJournalRefusesARow() {
    try (LogLines log = LogLines.capture();
        Fixture longhaul = with(Map.of("DATABASE_URL", url(PASSWORD)))) {
      longhaul.register("known", "select 'canary_sql'", "");
      database.execute(
          """
          alter table longhaul.async_migration
            add check (name <> 'refused'), add check (status <> 'IN PROGRESS')
          """);
      fail(() -> longhaul.register("refused", "select 'canary_sql'", "select 'canary_sql'"));
      longhaul.executeNext();
      longhaul.queue.drain();
      assertSilent(log, "23514", "a message could not be worked at");
    }
  }

  /// What is refused is thrown, and the runtime logs what is thrown.
  @Test
  void noSqlIsLoggedWhenARegistrationIsRefused() {
    try (LogLines log = LogLines.capture();
        Fixture longhaul = with(Map.of("DATABASE_URL", url(PASSWORD)))) {
      longhaul.register("known", "select 'canary_sql'", "");
      for (String script :
          List.of(
              "begin; select canary_sql; commit",
              "\\copy canary_sql from x",
              "create index concurrently on canary_sql (n)",
              "copy canary_sql from stdin",
              "select 1 into canary_sql",
              "update canary_sql set n = 1 where :batch",
              "select 'canary_sql\u0000'")) {
        fail(() -> longhaul.register("refused", script, ""));
      }
      fail(() -> longhaul.register("known", "select 'canary_sql', 2", ""));
      fail(() -> longhaul.register("{\"migration_name\": \"m\", \"sql_forwards\": \"canary_sql"));
      fail(() -> longhaul.register("{\"sql_forwards\": \"select 'canary_sql'\", \"batch\": 1}"));
      fail(() -> longhaul.register("select 'canary_sql'"));
      longhaul.queue.drain();
      longhaul.queue.send("select 'canary_sql'");
      longhaul.executeNext();
      longhaul.queue.drain();
      assertSilent(log, "InvalidMigration", "a message that is not ours");
    }
  }
}
