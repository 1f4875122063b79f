package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.cli.Program.Ending;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the commands have in common.
class CommandsTest {
  private final LambdaDouble lambda = new LambdaDouble();
  private final Program program = new Program(lambda.endpoint());

  @AfterEach
  void stop() {
    lambda.close();
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
    lambda.answers(started("0001_a"));

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
        .answers(started("b"));

    Ending ending = program.call("retry", "a", "b");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                1,
                "MIGRATION  STATUS\nb          STARTED\n",
                "longhaul: InvalidTransition: 'a' is FINISHED and has nothing to retry\n"));
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
    lambda.answers("{\"migration_name\":\"a\"}").answers("{\"migration_name\":\"b\"}");

    Ending shown = program.call("status", "a", "b", "--json");

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
            "register run wait watch status list history retry resolve rollback pause resume cancel set schema"
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
    assertThat(catchThrowable(() -> SchemaCommand.read("/none.sql")))
        .isInstanceOf(Failure.class)
        .hasMessage("this build has no /none.sql; build again: mvn -DskipTests package");
  }

  private static String started(String name) {
    return "{\"migration_name\":\"%s\",\"target\":\"main\",\"status\":\"STARTED\"}".formatted(name);
  }
}
