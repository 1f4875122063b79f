package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.cli.Program.Ending;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// `wait` and `watch` over several targets, one of which does not answer.
class SilentTargetsTest {
  private static final String SILENT =
      ",\"silent\":[{\"target\":\"down\",\"reason\":\"db2:5432 is not available\"}]";
  private static final String LINE = "target down does not answer: db2:5432 is not available";

  private final LambdaDouble lambda = new LambdaDouble();
  private final Program program = new Program(lambda.endpoint());

  @AfterEach
  void stop() {
    lambda.close();
  }

  private static String state(String name, String target, String status) {
    return """
    {"migration_name":"%s","target":"%s","status":"%s","direction":"forwards","attempt":1,
     "progress":{"done":1,"total":2,"unit":"step"},"meta":{},"created_at":"2026-11-23T03:00:00Z"}\
    """
        .formatted(name, target, status);
  }

  private void answers(String silent, String... states) {
    lambda.answers(
        "{\"migrations\":[" + String.join(",", states) + "]" + silent + ",\"next\":null}");
  }

  /// A gate must not open for a target that has never heard of the migration.
  @Test
  void waitFailsWhereANamedTargetDoesNotHaveTheMigration() {
    answers(SILENT, state("a", "main", "FINISHED"));

    Ending ending = program.call("wait", "a", "--target=main,down,other");

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.err()).contains("no migration \"a\" is registered in target \"other\"");
  }

  @Test
  void waitGoesOnWithTheOthersUntilTheSilentOneAnswers() {
    answers(SILENT, state("a", "main", "IN PROGRESS"));
    answers(SILENT, state("a", "main", "FINISHED"));
    answers(SILENT);
    answers("", state("a", "down", "IN PROGRESS"));
    answers("", state("a", "down", "FINISHED"));

    Ending ending = program.call("wait", "a", "--target=*");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                a  IN PROGRESS  1 of 2 steps (50 %%)
                %s
                a  FINISHED
                a (down)  IN PROGRESS  1 of 2 steps (50 %%)
                all targets answer again
                a (down)  FINISHED
                """
                    .formatted(LINE),
                ""));
  }

  @Test
  void waitFailsAtOnceForAFailureBesideASilentTarget() {
    answers(SILENT, state("a", "main", "CANCELLED"));

    Ending ending = program.call("wait", "--all", "--target=*");

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.err()).isEqualTo("longhaul: a has ended as CANCELLED\n");
  }

  @Test
  void waitNamesWhatIsSilentWhenTheTimeIsUp() throws IOException {
    for (int i = 0; i < 2; i++) {
      answers(SILENT, state("a", "main", "FINISHED"));
    }
    Ending ending = program.call("wait", "a", "--target=*", "--timeout=1s", "--interval=1s");
    assertThat(ending)
        .isEqualTo(
            new Ending(
                2,
                "a  FINISHED\n" + LINE + "\n",
                "longhaul: the time is up after 1 s; " + LINE + "\n"));

    answers(SILENT, state("a", "main", "STARTED"));
    ending = program.call("wait", "--all", "--target=main,down", "--timeout=0s", "--json");
    assertThat(ending.exitCode()).isEqualTo(2);
    assertThat(ending.err())
        .isEqualTo("longhaul: the time is up after 0 s; not ended yet: a; " + LINE + "\n");
    JsonNode answer = new ObjectMapper().readTree(ending.out());
    assertThat(answer.path("outcome").asText()).isEqualTo("timed_out");
    assertThat(answer.at("/silent/0/target").asText()).isEqualTo("down");
    assertThat(answer.findValuesAsText("status")).containsExactly("STARTED");
  }

  @Test
  void watchGoesOnWithTheOthersAndEndsWhenTheSilentOneHasAnswered() {
    answers("", state("a", "main", "IN PROGRESS"), state("b", "down", "IN PROGRESS"));
    answers(SILENT, state("a", "main", "IN PROGRESS"));
    answers(SILENT);
    lambda.answers(state("a", "main", "FINISHED"));
    answers("");
    lambda.answers(state("b", "down", "FINISHED"));

    Ending ending = program.call("watch", "--target=*");

    assertThat(ending.exitCode()).isZero();
    assertThat(ending.out().lines().map(line -> line.replaceAll(" +", " ")))
        .containsExactly(
            "a IN PROGRESS [##########----------] 50 %",
            "b (down) IN PROGRESS [##########----------] 50 %",
            "a FINISHED [##########----------] 50 %",
            "b (down) FINISHED [##########----------] 50 %");
    assertThat(ending.err())
        .isEqualTo("longhaul: " + LINE + "\nlonghaul: all targets answer again\n");
  }

  @Test
  void watchDoesNotWaitForASilentTargetForEver() {
    for (int i = 0; i < 31; i++) {
      answers(SILENT, state("a", "main", "FINISHED"));
    }

    Ending ending = program.call("watch", "a", "--target=*");

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.err()).isEqualTo("longhaul: " + LINE + "\nlonghaul: " + LINE + "\n");
    assertThat(program.pauses().stream().reduce(Duration.ZERO, Duration::plus))
        .isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void watchLeavesWhatRanInATargetThatHasGoneSilent() {
    answers("", state("b", "down", "IN PROGRESS"));
    for (int i = 0; i < 32; i++) {
      answers(SILENT);
    }

    Ending ending = program.call("watch", "--target=*");

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.err()).isEqualTo("longhaul: " + LINE + "\nlonghaul: " + LINE + "\n");
    assertThat(ending.out()).contains("b (down)").doesNotContain("FINISHED");
  }

  @Test
  void watchDrawsTheSilentTargetBelowTheOthers() {
    answers(SILENT, state("a", "main", "IN PROGRESS"));
    answers("", state("a", "main", "FINISHED"));

    Ending ending = program.onTerminal(false).call("watch", "a", "--target=*");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                \r^[2Ka  IN PROGRESS  [##########----------]   50 %%
                \r^[2K%s
                ^[2A\r^[2Ka  FINISHED     [##########----------]   50 %%
                ^[J\
                """
                    .formatted(LINE)
                    .replace('^', '\u001b'),
                ""));
  }

  /// A page of a long list begins where the one before has ended, behind the silent target.
  @Test
  void listNamesASilentTargetOfAnEarlierPage() {
    lambda.answers(
        "{\"migrations\":[" + state("a", "main", "STARTED") + "]" + SILENT + ",\"next\":\"n\"}");
    answers(SILENT.replace("down", "other"), state("b", "main", "STARTED"));

    Ending ending = program.call("list", "--target=*");

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.err()).isEqualTo(LINE + "\n" + LINE.replace("down", "other") + "\n");
  }
}
