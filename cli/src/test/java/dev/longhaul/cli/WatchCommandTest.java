package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.cli.Program.Ending;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchCommandTest {
  private final LambdaDouble lambda = new LambdaDouble();
  private final Program program = new Program(lambda.endpoint());

  @AfterEach
  void stop() {
    lambda.close();
  }

  private static String state(
      String name, String target, String status, String progress, String meta) {
    return """
    {"migration_name":"%s","target":"%s","status":"%s","direction":"forwards","attempt":1,
     "progress":%s,"meta":%s,"created_at":"2026-11-23T03:00:00Z"}\
    """
        .formatted(name, target, status, progress, meta);
  }

  private static String rows(int done, String more) {
    return "{\"done\":%d,\"total\":1000,\"unit\":\"row\",\"eta_seconds\":90,\"phase\":\"step 1\",\"rows_per_second\":12345.6%s}"
        .formatted(done, more);
  }

  private static final String DONE = "{\"done\":1,\"total\":1,\"unit\":\"step\"}";

  @Test
  void drawsOverWhatItHasDrawn() {
    lambda
        .answers(state("a", "main", "IN PROGRESS", rows(250, ",\"pace\":1.0"), "{}"))
        .answers(
            state(
                "bb",
                "main",
                "IN PROGRESS",
                rows(500, ",\"pace\":0.5,\"pace_reason\":\"replica lag 3 s\""),
                "{}"))
        .answers(state("a", "main", "FINISHED", DONE, "{}"))
        .answers(state("bb", "main", "FINISHED", DONE, "{}"));

    Ending ending = program.onTerminal(true).call("watch", "a", "bb");

    assertThat(ending.exitCode()).isZero();
    assertThat(ending.out().replace("\u001b", "^"))
        .isEqualTo(
            """
            \r^[2Ka   IN PROGRESS  [#####---------------]   25 %  12,346 rows/s  step 1  about 9…
            \r^[2K^[33mbb  IN PROGRESS  [##########----------]   50 %  12,346 rows/s  pace 50 %: repl…^[0m
            ^[2A\r^[2K^[32ma   FINISHED     [####################]  100 %^[0m
            \r^[2K^[32mbb  FINISHED     [####################]  100 %^[0m
            """);
  }

  @Test
  void hasNoColourWhereNoneIsWanted() {
    lambda.answers(state("a", "main", "FINISHED", DONE, "{}"));

    assertThat(program.onTerminal(false).call("watch", "a").out()).doesNotContain("\u001b[32m");
  }

  /// One line for each change of status, and for what only moves on one in ten seconds.
  @Test
  void printsPlainLinesElsewhere() {
    for (int done = 0; done < 10; done++) {
      lambda.answers(
          state(
              "a",
              "main",
              "IN PROGRESS",
              rows(done * 100, ",\"pace\":0.25,\"pace_reason\":\"lag\""),
              "{}"));
    }
    lambda.answers(state("a", "main", "FINISHED", DONE, "{}"));

    Ending ending = program.call("watch", "a");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                a  IN PROGRESS  [--------------------]    0 %  12,346 rows/s  pace 25 %: lag  about 90 s left
                a  IN PROGRESS  [##########----------]   50 %  12,346 rows/s  pace 25 %: lag  about 90 s left
                a  FINISHED     [####################]  100 %
                """,
                ""));
  }

  @Test
  void followsWhatIsUnderWayInAllTargetsToItsEnd() {
    lambda
        .answers(
            "{\"migrations\":["
                + state(
                    "a",
                    "main",
                    "STARTED",
                    rows(0, ""),
                    "{\"waiting_reason\":\"outside its window, which opens at X\"}")
                + ","
                + state("a", "second", "IN PROGRESS", DONE, "{}")
                + "],\"next\":null}")
        .answers(
            "{\"migrations\":["
                + state("a", "main", "IN PROGRESS", DONE, "{}")
                + "],\"next\":null}")
        .answers(
            state(
                "a",
                "second",
                "ERROR",
                rows(400, ""),
                "{\"error\":{\"message\":\"no\",\"next\":\"retry\"}}"))
        .answers("{\"migrations\":[],\"next\":null}")
        .answers(state("a", "main", "FINISHED", DONE, "{}"));

    Ending ending = program.call("watch", "--target=*");

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.out())
        .contains(
            "a           STARTED      outside its window, which opens at X\n",
            "a (second)  ERROR        [########------------]   40 %  no\n",
            "a           FINISHED");
    assertThat(ending.err()).contains("longhaul: a (second) has ended as ERROR", "next");
    assertThat(lambda.payloads().getFirst())
        .isEqualTo(
            "{\"action\":\"list\",\"target\":\"*\",\"limit\":1000,\"status\":[\"STARTED\",\"IN"
                + " PROGRESS\"]}");
    assertThat(lambda.payloads().get(2))
        .isEqualTo("{\"action\":\"status\",\"migration_name\":\"a\",\"target\":\"second\"}");
  }

  @Test
  void saysThatNothingIsUnderWay() {
    lambda.answers("{\"migrations\":[],\"next\":null}");

    assertThat(program.call("watch").out()).contains("Nothing is under way; longhaul list");
  }

  @Test
  void printsJsonForPrograms() {
    lambda.answers(state("a", "main", "FINISHED", DONE, "{}"));

    assertThat(program.call("watch", "a", "--json").out())
        .startsWith("{\"migration_name\":\"a\"")
        .hasLineCount(1);
  }

  @Test
  void waitsForAMigrationInEachTarget() {
    String running = state("a", "second", "IN PROGRESS", DONE, "{}");
    lambda
        .answers(
            "{\"migrations\":[" + state("a", "main", "FINISHED", DONE, "{}") + "," + running + "]}")
        .answers(
            "{\"migrations\":["
                + state("a", "main", "FINISHED", DONE, "{}")
                + ","
                + state("a", "second", "FINISHED", DONE, "{}")
                + "]}");

    Ending ending = program.call("wait", "a", "--target=main,second");

    assertThat(ending.exitCode()).isZero();
    assertThat(ending.out())
        .isEqualTo(
            "a  FINISHED\na (second)  IN PROGRESS  1 of 1 step (100 %)\na (second)  FINISHED\n");
    assertThat(lambda.payloads())
        .containsOnly(
            "{\"action\":\"status\",\"migration_name\":\"a\",\"target\":[\"main\",\"second\"]}");
  }

  @Test
  void runsInSeveralTargets() {
    lambda.answers("{\"started\":[\"a\"],\"skipped\":[]}");
    program.call("run", "a", "--target", "*");

    assertThat(lambda.payloads()).containsExactly("{\"migration_names\":[\"a\"],\"target\":\"*\"}");
  }

  @Test
  void setsWhatIsGiven() {
    lambda.answers(state("a", "main", "IN PROGRESS", DONE, "{}"));
    program.call("set", "a", "--size", "500", "--target-ms=200", "--target", "second");

    assertThat(lambda.payloads())
        .containsExactly(
            "{\"action\":\"set\",\"migration_name\":\"a\",\"target\":\"second\",\"batch\":{\"size\":500,\"target_ms\":200}}");
    assertThat(program.call("set", "a"))
        .isEqualTo(
            new Ending(
                2,
                "",
                "longhaul: say what to change: --size, --target-ms, --parallelism or --health; see"
                    + " 'longhaul set --help'\n"));
    lambda.answers(state("a", "main", "IN PROGRESS", DONE, "{}"));
    program.call("set", "a", "--health", "{\"blocked_sessions\": 0}");
    assertThat(lambda.payloads())
        .last()
        .isEqualTo(
            "{\"action\":\"set\",\"migration_name\":\"a\",\"batch\":{\"health\":{\"blocked_sessions\":0}}}");
    assertThat(program.call("set", "a", "--health", "{").err()).contains("--health must be JSON");
  }

  @Test
  void printsAScriptThatCompletes() throws Exception {
    Ending ending = program.run("completion", "bash");
    assertThat(ending.exitCode()).isZero();
    assertThat(ending.out()).contains("--target-ms", "complete -F");

    Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
    try (var in = bash.outputWriter()) {
      in.write(ending.out());
    }
    assertThat(bash.inputReader().lines().toList()).isEmpty();
    assertThat(bash.waitFor()).isZero();
    assertThat(program.run("completion", "fish").exitCode()).isEqualTo(2);
  }
}
