package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.cli.Program.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  private static final String ERROR_STATE =
      """
      {"migration_name":"0003_unique","target":"main","status":"ERROR","direction":"FORWARDS",
       "attempt":2,"progress":{"done":1,"total":3,"unit":"step","eta_seconds":null,"phase":null},
       "meta":{"error":{"sqlstate":"23505","message":"could not create unique index\\n\\"u\\"",
         "detail":"Key (id)=(1) is duplicated.","hint":null,"position":null,
         "statement":"create unique index u\\n on t (id)","statement_number":2,
         "next":"remove the duplicates, then longhaul retry 0003_unique"}},
       "created_at":"2026-11-23T03:00:00Z","started_at":"2026-11-23T03:50:00Z",
       "finished_at":"2026-11-23T03:59:30.5Z"}
      """;

  @TempDir Path directory;

  private final LambdaDouble lambda = new LambdaDouble();
  private final Program program = new Program(lambda.endpoint());

  @AfterEach
  void stop() {
    lambda.close();
  }

  @Test
  void registersADirectoryInOneCall() {
    write("0002_b.sql", "-- longhaul: target=other\n-- longhaul: requested_by=ada\n", "");
    write("0001_a.sql", "", "");
    lambda.answers(
        """
        {"migrations":[
          {"migration_name":"0001_a","target":"main","status":"SCHEDULED","created":true},
          {"migration_name":"0002_b","target":"other","status":"FINISHED","created":false}]}
        """);

    Ending ending =
        program.call(
            "register",
            directory.toString(),
            "--target=main",
            "--requested-by=ci",
            "--execute-immediately");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                MIGRATION       STATUS
                0001_a          SCHEDULED  registered
                0002_b (other)  FINISHED   known already
                1 registered, 1 known already
                What is SCHEDULED starts with: longhaul run NAME… | --all
                """,
                ""));
    assertThat(lambda.invocations().getFirst().function()).isEqualTo("RegistrationFunction");
    assertThat(lambda.payloads())
        .containsExactly(
            """
            {"migrations":[\
            {"migration_name":"0001_a","sql_forwards":"select 1","sql_backwards":"",\
            "target":"main","requested_by":"ci","execute_immediately":true},\
            {"migration_name":"0002_b","target":"other","requested_by":"ada",\
            "sql_forwards":"select 1","sql_backwards":"","execute_immediately":true}]}\
            """);
  }

  @Test
  void sendsNothingWhenOneFileIsWrong() {
    write("0001_a.sql", "", "");
    write("0002_b.sql", "-- longhaul: size=3\n", "");

    Ending ending = program.call("register", directory.toString());

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.out()).isEmpty();
    assertThat(ending.err())
        .startsWith("longhaul: " + directory.resolve("0002_b.sql") + ":1: there is no option")
        .hasLineCount(1);
    assertThat(lambda.invocations()).isEmpty();
  }

  @Test
  void registersInCallsOfAThousand() {
    for (int i = 0; i < 1001; i++) {
      write("%04d_m.sql".formatted(i), "", "");
    }
    String answer =
        "{\"migration_name\":\"m\",\"target\":\"main\",\"status\":\"STARTED\",\"created\":true}";
    lambda.answers("{\"migrations\":[" + (answer + ",").repeat(999) + answer + "]}");
    lambda.refuses("InvalidMigration", "'1000_m' depends on itself");

    Ending ending = program.call("register", directory.toString());

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.err())
        .isEqualTo(
            """
            longhaul: the first 1,000 of 1,001 migrations are registered; register again to go on
            longhaul: InvalidMigration: '1000_m' depends on itself
            """);
    assertThat(lambda.invocations())
        .extracting(call -> call.payload().path("migrations").size())
        .containsExactly(1000, 1);
  }

  @Test
  void keepsCallsUnderTheLimitOfAPayload() {
    for (int i = 0; i < 5; i++) {
      write("%04d_m.sql".formatted(i), "", "x".repeat(1_500_000));
    }

    List<Integer> sizes =
        RegisterCommand.chunks(MigrationFile.read(List.of(directory))).stream()
            .map(JsonNode::size)
            .toList();

    assertThat(sizes).containsExactly(2, 2, 1);
  }

  @Test
  void refusesAMigrationThatNoCallCanCarry() {
    Path file = write("0001_a.sql", "", "é".repeat(2_200_000));

    Ending ending = program.call("register", file.toString());

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.err()).contains(file + ": 4,400,", "bytes are too many for one call");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run 0001_a 0002_b        | {\"migration_names\":[\"0001_a\",\"0002_b\"]}",
        "run 0001_a --target=x    | {\"migration_names\":[\"0001_a\"],\"target\":\"x\"}",
        "run --all                | {\"all\":true}",
        "run --all --target x     | {\"all\":true,\"target\":\"x\"}",
        "run --due                | {}",
      })
  void runs(String command, String payload) {
    lambda.answers(
        "{\"started\":[\"0001_a\"],\"skipped\":[{\"migration_name\":\"0002_b\",\"reason\":\"is"
            + " FINISHED\"}]}");

    Ending ending = program.call(command.split(" "));

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                MIGRATION
                0001_a     started
                0002_b     skipped  is FINISHED
                """,
                ""));
    assertThat(lambda.invocations().getFirst().function()).isEqualTo("TriggerFunction");
    assertThat(lambda.payloads()).containsExactly(payload);
  }

  @Test
  void saysWhenThereIsNothingToStart() {
    lambda.answers("{\"started\":[],\"skipped\":[]}");

    assertThat(program.call("run", "--all").out()).isEqualTo("There is nothing to start.\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "run",
        "run --all 0001_a",
        "run --all --due",
        "run --due --target x",
        "wait",
        "wait --all --timeout 30",
        "wait --all --interval 0s",
        "status",
        "list --limit 0",
        "list --limit many",
        "list extra",
        "history",
        "history a b",
        "retry",
        "register",
        "status a --unknown"
      })
  void refusesWrongUsageInOneLine(String command) {
    Ending ending =
        command.contains(" ") ? program.call(command.split(" ")) : program.run(words(command));

    assertThat(ending.exitCode()).isEqualTo(2);
    assertThat(ending.out()).isEmpty();
    assertThat(ending.err()).startsWith("longhaul: ").hasLineCount(1).doesNotContain("null");
    assertThat(lambda.invocations()).isEmpty();
  }

  private static String[] words(String command) {
    return command.isEmpty() ? new String[0] : new String[] {command};
  }

  @ParameterizedTest
  @ValueSource(strings = {"retry", "rollback", "pause", "resume", "cancel"})
  void actsOnMigrations(String action) {
    lambda.answers(state("0001_a", "STARTED", "{}"));

    Ending ending = program.call(action, "0001_a", "--target=x", "--requested-by=ada");

    assertThat(ending).isEqualTo(new Ending(0, "MIGRATION  STATUS\n0001_a     STARTED\n", ""));
    assertThat(lambda.invocations().getFirst().function()).isEqualTo("ControlFunction");
    assertThat(lambda.payloads())
        .containsExactly(
            "{\"action\":\"%s\",\"migration_name\":\"0001_a\",\"target\":\"x\",\"requested_by\":\"ada\"}"
                .formatted(action));
  }

  @Test
  void actsOnTheOthersWhenOneIsRefused() {
    lambda
        .refuses("InvalidTransition", "'a' is FINISHED and has nothing to retry")
        .answers(state("b", "STARTED", "{}"));

    Ending ending = program.call("retry", "a", "b");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                1,
                "MIGRATION  STATUS\nb          STARTED\n",
                "longhaul: InvalidTransition: 'a' is FINISHED and has nothing to retry\n"));
  }

  @Test
  void showsOneMigration() {
    lambda.answers(ERROR_STATE);

    Ending ending = program.call("status", "0003_unique");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                0003_unique  ERROR
                  target      main
                  direction   FORWARDS
                  attempt     2
                  progress    1 of 3 steps (33 %)
                  created     2026-11-23 04:00:00 (60 min ago)
                  started     2026-11-23 04:50:00 (10 min ago)
                  finished    2026-11-23 04:59:30 (29 s ago)
                  error       could not create unique index "u" (SQLSTATE 23505)
                  detail      Key (id)=(1) is duplicated.
                  statement   2: create unique index u on t (id)
                  next        remove the duplicates, then longhaul retry 0003_unique
                """,
                ""));
    assertThat(lambda.payloads())
        .containsExactly("{\"action\":\"status\",\"migration_name\":\"0003_unique\"}");
  }

  @Test
  void showsProgressOfWhatRuns() {
    lambda.answers(
        """
        {"migration_name":"0042_backfill","target":"main","status":"IN PROGRESS","direction":"FORWARDS",
         "attempt":1,"progress":{"done":1234567,"total":4000000,"unit":"row","eta_seconds":260,"phase":"updating"},
         "meta":{},"created_at":"2026-11-23T03:00:00+00:00","started_at":"2026-11-23T03:50:00Z","finished_at":null}
        """);

    assertThat(program.call("status", "0042_backfill").out())
        .contains("  progress    1,234,567 of 4,000,000 rows (30 %), updating, about 4 min left\n")
        .doesNotContain("finished");
  }

  @Test
  void listsPageAfterPage() {
    lambda
        .answers(
            "{\"migrations\":["
                + state("0001_a", "FINISHED", "{\"skipped\":\"apply_on_sqlite is false\"}")
                + "],\"next\":\"t1\"}")
        .answers(
            "{\"migrations\":["
                + state("0002_bb", "SCHEDULED", "{\"waiting_for\":[\"0001_a\",\"0009_z\"]}")
                + ","
                + ERROR_STATE
                + "],\"next\":null}");

    Ending ending = program.call("list", "--status=finished,In_Progress", "--target=x");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                MIGRATION    STATUS     PROGRESS             WHEN
                0001_a       FINISHED                        59 s ago  apply_on_sqlite is false
                0002_bb      SCHEDULED                       59 s ago  waits for 0001_a, 0009_z
                0003_unique  ERROR      1 of 3 steps (33 %)  29 s ago  could not create unique index "u"
                """,
                ""));
    assertThat(lambda.payloads())
        .containsExactly(
            "{\"action\":\"list\",\"target\":\"x\",\"limit\":1000,\"status\":[\"FINISHED\",\"IN"
                + " PROGRESS\"]}",
            "{\"action\":\"list\",\"target\":\"x\",\"limit\":1000,\"status\":[\"FINISHED\",\"IN"
                + " PROGRESS\"],\"after\":\"t1\"}");
  }

  @Test
  void stopsAtTheLimitAndSaysThatThereIsMore() {
    lambda.answers("{\"migrations\":[" + state("0001_a", "FINISHED", "{}") + "],\"next\":\"t1\"}");

    Ending ending = program.call("list", "--limit=1");

    assertThat(ending.out()).endsWith("… and more; --limit is 1\n");
    assertThat(lambda.payloads()).containsExactly("{\"action\":\"list\",\"limit\":1}");
  }

  @Test
  void listsNothing() {
    lambda
        .answers("{\"migrations\":[],\"next\":null}")
        .answers("{\"migrations\":[],\"next\":null}");

    assertThat(program.call("list").out())
        .isEqualTo("There are no migrations; longhaul register FILE… adds some.\n");
    assertThat(program.call("list", "--status=error").out())
        .isEqualTo("There are no migrations of that status.\n");
  }

  @Test
  void showsTheHistory() {
    lambda.answers(
        """
        {"migration_name":"0001_a","target":"main","history":[
          {"id":1,"from":null,"to":"SCHEDULED","direction":"FORWARDS","attempt":0,"reason":"registered","requested_by":"ada","at":"2026-11-23T03:00:00Z"},
          {"id":2,"from":"SCHEDULED","to":"STARTED","direction":"FORWARDS","attempt":0,"reason":"triggered","requested_by":null,"at":"2026-11-23T03:00:05.25Z"}]}
        """);

    assertThat(program.call("history", "0001_a").out())
        .isEqualTo(
            """
            AT                   FROM       TO         DIRECTION  ATTEMPT  REQUESTED BY  REASON
            2026-11-23 04:00:00             SCHEDULED  FORWARDS   0        ada           registered
            2026-11-23 04:00:05  SCHEDULED  STARTED    FORWARDS   0                      triggered
            """);
    assertThat(lambda.payloads())
        .containsExactly("{\"action\":\"history\",\"migration_name\":\"0001_a\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run --all   | {\"started\":[\"a\"],\"skipped\":[]}",
        "status a    | {\"migration_name\":\"a\",\"status\":\"ERROR\"}",
        "retry a     | {\"migration_name\":\"a\",\"status\":\"STARTED\"}",
        "history a   | {\"migration_name\":\"a\",\"history\":[]}",
        "list        | {\"migrations\":[],\"next\":null}",
      })
  void printsTheAnswerAsJson(String command, String answer) throws IOException {
    lambda.answers(answer);

    Ending ending = program.call((command + " --json").split(" "));

    assertThat(ending.exitCode()).isZero();
    assertThat(new ObjectMapper().readTree(ending.out()))
        .isEqualTo(new ObjectMapper().readTree(answer));
  }

  @Test
  void printsOneJsonDocumentForSeveralCalls() throws IOException {
    write("0001_a.sql", "", "");
    lambda.answers(
        "{\"migrations\":[{\"migration_name\":\"0001_a\",\"target\":\"main\",\"status\":\"STARTED\",\"created\":true}]}");
    lambda.answers("{\"migration_name\":\"a\"}").answers("{\"migration_name\":\"b\"}");

    Ending registered = program.call("register", "--json", directory.toString());
    Ending shown = program.call("status", "a", "b", "--json");

    assertThat(new ObjectMapper().readTree(registered.out()).path("migrations").size())
        .isEqualTo(1);
    assertThat(new ObjectMapper().readTree(shown.out()).findValuesAsText("migration_name"))
        .containsExactly("a", "b");
  }

  @Test
  void failsInOneLineAndShowsTheStackTraceWhenAsked() {
    lambda
        .refuses("UnknownMigration", "there is no migration 'x' in target main")
        .refuses("UnknownMigration", "there is no migration 'x' in target main");

    assertThat(program.call("status", "x"))
        .isEqualTo(
            new Ending(
                1, "", "longhaul: UnknownMigration: there is no migration 'x' in target main\n"));
    assertThat(program.call("status", "x", "--verbose").err())
        .contains("dev.longhaul.cli.Refusal: there is no migration", "\tat dev.longhaul.cli.");
  }

  @Test
  void teachesEveryCommandWithAnExample() {
    String commands = program.run("--help").out();
    for (String command :
        List.of(
            "register run wait status list history retry rollback pause resume cancel schema"
                .split(" "))) {
      Ending help = program.run(command, "--help");

      assertThat(help.exitCode()).isZero();
      assertThat(help.out()).contains("Example", "  longhaul " + command, "--json", "--verbose");
      assertThat(commands).contains("  " + command);
    }
  }

  @Test
  void saysItsVersion() {
    assertThat(program.run("--version").out())
        .matches("longhaul \\d+\\.\\d+\\.\\d+.*\\RJava .*\\R");
  }

  @Test
  void failsClearlyWithoutTheJournalsSchema() {
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(() -> SchemaCommand.read("/none.sql")))
        .isInstanceOf(Failure.class)
        .hasMessage("this build has no /none.sql; build again: mvn -DskipTests package");
  }

  private static String state(String name, String status, String meta) {
    return """
    {"migration_name":"%s","target":"main","status":"%s","direction":"FORWARDS","attempt":0,\
    "progress":{"done":0,"total":1,"unit":"step","eta_seconds":null,"phase":null},"meta":%s,\
    "created_at":"2026-11-23T03:59:00.1Z","started_at":null,"finished_at":null}\
    """
        .formatted(name, status, meta);
  }

  private Path write(String fileName, String options, String comment) {
    String sql = "select 1" + (comment.isEmpty() ? "" : " -- " + comment);
    try {
      return Files.writeString(
          directory.resolve(fileName), options + "-- migrate:up\n" + sql + "\n-- migrate:down\n");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
