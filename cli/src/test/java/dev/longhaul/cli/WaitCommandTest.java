package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.cli.Program.Ending;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WaitCommandTest {
  private final LambdaDouble lambda = new LambdaDouble();
  private final Program program = new Program(lambda.endpoint());

  @AfterEach
  void stop() {
    lambda.close();
  }

  @Test
  void endsWhenAllAreFinished() {
    lambda
        .answers(state("a", "STARTED", "FORWARDS"))
        .answers(state("b", "FINISHED", "FORWARDS"))
        .answers(state("a", "IN PROGRESS", "FORWARDS"))
        .answers(state("a", "IN PROGRESS", "FORWARDS"))
        .answers(state("a", "FINISHED", "FORWARDS"));

    Ending ending = program.call("wait", "a", "b");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                b  FINISHED
                a  STARTED
                a  IN PROGRESS  1 of 2 steps (50 %)
                a  FINISHED
                """,
                ""));
    assertThat(program.pauses()).isEqualTo(Collections.nCopies(3, Duration.ofSeconds(2)));
    assertThat(lambda.payloads())
        .hasSize(5)
        .last()
        .isEqualTo("{\"action\":\"status\",\"migration_name\":\"a\"}");
  }

  @Test
  void isSatisfiedByARollBackThatWasAskedFor() {
    lambda.answers(state("a", "ROLLED BACK", "BACKWARDS"));

    assertThat(program.call("wait", "a").exitCode()).isZero();
  }

  @Test
  void failsForARollBackOfWhatWasToBeApplied() {
    lambda.answers(state("a", "ROLLED BACK", "FORWARDS"));

    assertThat(program.call("wait", "a").exitCode()).isEqualTo(1);
  }

  @Test
  void failsAtOnceWhenOneHasEndedOtherwise() {
    lambda
        .answers(state("a", "STARTED", "FORWARDS"))
        .answers(
            """
            {"migration_name":"b","target":"main","status":"ERROR","direction":"FORWARDS",
             "meta":{"error":{"sqlstate":"42601","message":"syntax error","statement_number":3,
               "position":8,"statement":"select from from t","next":"mend it, then register it by a new name"}}}
            """);

    Ending ending = program.call("wait", "a", "b");

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.err())
        .isEqualTo(
            """
            longhaul: b has ended as ERROR
              error       syntax error (SQLSTATE 42601)
              statement   3, at character 8: select from from t
              next        mend it, then register it by a new name
            """);
    assertThat(program.pauses()).isEmpty();
  }

  @Test
  void failsForWhatAPersonEnded() {
    lambda.answers(state("a", "CANCELLED", "FORWARDS"));

    assertThat(program.call("wait", "a"))
        .isEqualTo(new Ending(1, "", "longhaul: a has ended as CANCELLED\n"));
  }

  @Test
  void timesOut() {
    for (int i = 0; i < 4; i++) {
      lambda.answers(state("a", "SCHEDULED", "FORWARDS"));
    }

    Ending ending = program.call("wait", "a", "--timeout", "25s", "--interval", "10s");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                2,
                "a  SCHEDULED  starts when it is run or due\n",
                "longhaul: the time is up after 25 s; not ended yet: a\n"));
    assertThat(program.pauses())
        .containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(5));
  }

  @Test
  void looksOnceWithoutTime() {
    lambda.answers(state("a", "FINISHED", "FORWARDS")).answers(state("a", "STARTED", "FORWARDS"));

    assertThat(program.call("wait", "a", "--timeout=0s").exitCode()).isZero();
    assertThat(program.call("wait", "a", "--timeout=0s").exitCode()).isEqualTo(2);
    assertThat(program.pauses()).isEmpty();
  }

  @Test
  void waitsForAllOfTheTarget() {
    lambda
        .answers(page(state("a", "STARTED", "FORWARDS"), "\"t\""))
        .answers(page(state("b", "PAUSED", "FORWARDS"), "null"))
        .answers("{\"migrations\":[],\"next\":null}");

    Ending ending = program.call("wait", "--all", "--target=x");

    assertThat(ending.exitCode()).isZero();
    assertThat(lambda.payloads())
        .first()
        .isEqualTo(
            "{\"action\":\"list\",\"target\":\"x\",\"limit\":1000,\"status\":[\"SCHEDULED\","
                + "\"STARTED\",\"IN PROGRESS\",\"PAUSED\",\"ERROR\",\"CANCELLED\"]}");
  }

  @Test
  void outlivesADatabaseThatIsAwayForAMoment() {
    lambda
        .refuses("TargetUnavailable", "main does not answer")
        .refuses("TargetUnavailable", "main does not answer")
        .answers(state("a", "FINISHED", "FORWARDS"));

    assertThat(program.call("wait", "a"))
        .isEqualTo(
            new Ending(0, "cannot look, trying again: main does not answer\na  FINISHED\n", ""));
  }

  @Test
  void outlivesAServiceThatFailsAfterTheFirstLook() {
    lambda
        .answers(state("a", "STARTED", "FORWARDS"))
        .fails(500, "ServiceException", "busy")
        .answers(state("a", "FINISHED", "FORWARDS"));

    assertThat(program.call("wait", "a").exitCode()).isZero();
  }

  @Test
  void failsAtOnceForAWrongAddressOrName() {
    lambda
        .fails(404, "ResourceNotFoundException", "Function not found")
        .refuses("UnknownMigration", "there is no migration 'a'");

    assertThat(program.call("wait", "a").exitCode()).isEqualTo(1);
    assertThat(program.call("wait", "a").exitCode()).isEqualTo(1);
    assertThat(program.pauses()).isEmpty();
  }

  @Test
  void printsOneJsonDocument() throws IOException {
    lambda
        .answers(state("a", "STARTED", "FORWARDS"))
        .answers(state("b", "FINISHED", "FORWARDS"))
        .answers(state("a", "CANCELLED", "FORWARDS"));

    Ending ending = program.call("wait", "a", "b", "--json");

    JsonNode answer = new ObjectMapper().readTree(ending.out());
    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(answer.path("outcome").asText()).isEqualTo("failed");
    assertThat(answer.findValuesAsText("status")).containsExactly("FINISHED", "CANCELLED");
  }

  private static String page(String migrations, String next) {
    return "{\"migrations\":[" + migrations + "],\"next\":" + next + "}";
  }

  private static String state(String name, String status, String direction) {
    return """
    {"migration_name":"%s","target":"main","status":"%s","direction":"%s","attempt":1,\
    "progress":{"done":1,"total":2,"unit":"step","eta_seconds":null,"phase":null},"meta":{},\
    "created_at":"2026-11-23T03:59:00Z","started_at":null,"finished_at":null}\
    """
        .formatted(name, status, direction);
  }
}
