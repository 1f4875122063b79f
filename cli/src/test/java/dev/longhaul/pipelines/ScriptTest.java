package dev.longhaul.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.longhaul.cli.MigrationFile;
import dev.longhaul.cli.demo.Sample;
import dev.longhaul.pipelines.Runner.Ending;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// longhaul.sh, step by step.
class ScriptTest {
  @TempDir private static Path state;

  @SuppressWarnings("NullAway.Init")
  private static Stack stack;

  @TempDir private Path workspace;

  @SuppressWarnings("NullAway.Init")
  private Runner runner;

  @BeforeAll
  static void start() throws Exception {
    stack = new Stack(state);
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @BeforeEach
  void prepare() {
    runner = new Runner(workspace, stack.endpoint());
  }

  @Test
  void readsFilesAsTheCommandLineDoes() {
    Sample sample = Sample.load(10_000);
    for (MigrationFile migration : sample.migrations()) {
      // Options may differ, SQL may not; these are not to run.
      stack.register(
          migration.payload().put("run_at", "2999-01-01T00:00:00Z").without("execute_immediately"));
    }
    sample.scripts().forEach(script -> runner.file("m/" + script.fileName(), script.text()));

    Ending ending = runner.run("ci/longhaul.sh register m");

    assertThat(ending.exitCode()).as(ending.out()).isZero();
    assertThat(ending.out().lines())
        .hasSize(sample.scripts().size())
        .allSatisfy(line -> assertThat(line).startsWith("known already  "));
  }

  @Test
  void registersSqlAndJsonAndWaits() {
    runner.migration("0001_both", "create table both_kinds (t text);\n-- é \"x\" \\ \t", "");
    runner.file(
        "migrations/0002_more.json",
        """
        {"migrations": [
          {"migration_name": "more one", "sql_forwards": "select 1", "sql_backwards": ""},
          {"migration_name": "more 'two'", "sql_forwards": "select 1", "sql_backwards": "",
           "depends_on": ["0001_both"]}]}
        """);
    runner.file(
        "migrations/0003_last.sql",
        """
        -- longhaul: depends_on=more one, 0001_both
        -- longhaul: max_attempts=3
        -- migrate:up
        insert into both_kinds values ('a');
        -- migrate:down
        """
            .replace("\n", "\r\n"));

    Ending registered = runner.run("ci/longhaul.sh register migrations/");
    Ending waited = runner.run("ci/longhaul.sh wait migrations/");

    assertThat(registered.out())
        .isEqualTo(
            """
            registered     0001_both  STARTED
            registered     more one  STARTED
            registered     more 'two'  STARTED
            registered     0003_last  STARTED
            """);
    assertThat(waited.exitCode()).as(waited.out()).isZero();
    assertThat(waited.out())
        .contains(
            "0001_both  FINISHED\n", "more one  FINISHED\n", "more 'two'  FINISHED\n", "0003_last");
  }

  @Test
  void showsWhatHasFailedAndHowToGoOn() throws Exception {
    stack.execute("create table account (email text)");
    stack.execute("insert into account values ('ada@example.com'), ('ada@example.com')");
    runner.migration(
        "0043_unique_email", "create unique index account_email on account (email);", "");

    Ending failed =
        runner.run(
            "ci/longhaul.sh register migrations/\nci/longhaul.sh wait migrations/",
            Map.of("GITHUB_ACTIONS", "true"));

    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.out())
        .endsWith(
            """
            longhaul: 0043_unique_email is ERROR: could not create unique index "account_email" (SQLSTATE 23505)
            ::error title=0043_unique_email is ERROR::could not create unique index "account_email" (SQLSTATE 23505)
              SQLSTATE       23505
              message        could not create unique index "account_email"
              detail         Key (email)=(ada@example.com) is duplicated.
              statement no.  1
              statement      create unique index account_email on account (email)
              next           Nothing of the script is applied. Mend the rows that the error names, then retry it: longhaul retry 0043_unique_email
              from here      longhaul.sh retry '0043_unique_email', then run this job again
            """);

    stack.execute("delete from account");
    Ending retried =
        runner.run("ci/longhaul.sh retry 0043_unique_email\nci/longhaul.sh wait 0043_unique_email");

    assertThat(retried.exitCode()).as(retried.out()).isZero();
    assertThat(retried.out())
        .startsWith("0043_unique_email  STARTED\n")
        .endsWith("0043_unique_email  FINISHED\n");
  }

  @Test
  void holdsBackWhatNeedsAnUnfinishedMigration() {
    stack.register(
        JsonNodeFactory.instance
            .objectNode()
            .put("migration_name", "0050_later")
            .put("sql_forwards", "select 1")
            .put("sql_backwards", "")
            .put("run_at", "2999-01-01T00:00:00Z"));

    Ending ending = runner.run("ci/longhaul.sh require 0050_later\n./deploy.sh");

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.out())
        .startsWith("longhaul: 0050_later is not FINISHED: STARTED, 0 of 1 steps")
        .endsWith(
            "  next           run this job again when it has finished, or let longhaul.sh wait do"
                + " that\n");
    assertThat(runner.hasDeployed()).isFalse();

    Ending late = runner.run("ci/longhaul.sh wait 0050_later", Map.of("LONGHAUL_TIMEOUT", "0"));
    assertThat(late.exitCode()).isEqualTo(2);
    assertThat(late.out()).contains("longhaul: not finished after 0 s: 0050_later");
  }

  @Test
  void doesNotWaitForWhatSomebodyHasCancelled() {
    stack.register(
        JsonNodeFactory.instance
            .objectNode()
            .put("migration_name", "0051_cancelled")
            .put("sql_forwards", "select 1")
            .put("sql_backwards", "")
            .put("run_at", "2999-01-01T00:00:00Z"));
    stack.control("cancel", "0051_cancelled");

    Ending ending = runner.run("ci/longhaul.sh wait 0051_cancelled");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                1,
                "longhaul: 0051_cancelled is CANCELLED: to run it again: longhaul.sh retry"
                    + " '0051_cancelled', then this job\n"));
  }

  @Test
  void holdsBackWhatNeedsAMigrationThatNobodyKnows() {
    Ending ending = runner.run("ci/longhaul.sh require 0099_unknown");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                1,
                "longhaul: UnknownMigration: no migration \"0099_unknown\" is registered in target"
                    + " \"main\": check the name, or register it\n"));
  }

  @Test
  void namesTheFilesThatTheFunctionRefuses() {
    runner.migration("0061_good", "select 1;", "");
    runner.migration("0062_bad", "begin;", "");

    Ending ending = runner.run("ci/longhaul.sh register migrations");

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.out())
        .startsWith(
            "longhaul: InvalidMigration: migrations/0062_bad.sql: sql_forwards: statement 1"
                + " \"begin\" is transaction control");
  }

  @Test
  void sendsNothingWhereAFileIsWrong() {
    runner.file("migrations/0071_good.json", "{\"migration_name\": \"0071_good\"}");
    runner.file("migrations/0072_bad.sql", "-- migrate:up\nselect 1;\n-- migrate:dwon\n");

    Ending ending = runner.run("ci/longhaul.sh register migrations");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                1,
                "longhaul: migrations/0072_bad.sql:3: a section begins with the line \"--"
                    + " migrate:up\" or \"-- migrate:down\"\n"));
  }

  @Test
  void saysWhatToCheckWhereTheFunctionsCannotBeCalled() {
    Ending ending =
        runner.run("ci/longhaul.sh require 0001_x", Map.of("LONGHAUL_STACK", "elsewhere"));

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.out())
        .contains("ResourceNotFoundException")
        .endsWith(
            "longhaul: calling elsewhere-ControlFunction:live failed: aws says why, above; check"
                + " LONGHAUL_STACK, the region, and that this role may invoke the function\n");
  }
}
