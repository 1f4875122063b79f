package dev.longhaul.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.cli.Failure;
import dev.longhaul.cli.Functions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DemoRunTest {
  private static final Sample SAMPLE = Sample.load(10_000);

  private TestDatabase database;
  private StandInFunctions functions;

  @BeforeEach
  void open() throws SQLException {
    database = TestDatabase.create();
    functions = new StandInFunctions(database, 1);
  }

  @AfterEach
  void close() throws SQLException {
    functions.close();
  }

  @Test
  void endsAsExpectedAndReportsTheSameWhenItIsStartedAgain() throws Exception {
    StringWriter first = new StringWriter();
    assertThat(run(functions, first)).as(first.toString()).isTrue();
    assertThat(first.toString())
        .contains("registered 40 migrations, 40 of them new")
        .containsPattern("0032_import_quota +ERROR +42601 syntax error at or near \"creat\"")
        .containsPattern("0033_unique_annotation +ERROR +23505 could not create unique index")
        .contains("0033_unique_annotation: deleted 1 rows; retries")
        .containsPattern("0031_add_webhook_secret +IN PROGRESS +attempt 2")
        .contains("0034_anonymise_inactive_accounts is irreversible")
        .containsPattern("0036_annotation_drafts +ROLLED BACK")
        .contains("8 sessions write to labelling.usage beside 0040_price_usage")
        .containsPattern(
            "0040_price_usage +IN PROGRESS +\\[########-+\\] +43 %  900 rows/s  pace 50 %: 3"
                + " sessions wait for our locks  about 6 s left")
        .containsPattern("the sessions are gone, after [\\d,]+ writes")
        .containsPattern("40 of 40 migrations ended as they should; .* (\\d+) of \\1 facts");

    StringWriter second = new StringWriter();
    assertThat(run(functions, second)).as(second.toString()).isTrue();
    assertThat(second.toString())
        .contains("registered 40 migrations, 0 of them new")
        .doesNotContain("rolls back", "deleted", "triggered", "IN PROGRESS");
  }

  @Test
  void goesOnWhereAnEarlierOneWasKilled() throws Exception {
    int deaths = 0;
    // Each one lives a little longer, and dies between a step and its effect, or before it.
    while (!survives(5 + 3 * deaths)) {
      deaths++;
    }
    assertThat(deaths).isGreaterThan(5);
  }

  private boolean survives(int calls) throws Exception {
    StringWriter out = new StringWriter();
    try {
      assertThat(run(dyingAfter(calls), out)).as(out.toString()).isTrue();
      return true;
    } catch (Killed killed) {
      return false;
    }
  }

  @Test
  void outlivesAnOutage() throws Exception {
    int[] call = {0};
    Invocation flaky =
        (function, payload) -> {
          call[0]++;
          if (call[0] > 30 && call[0] < 35) {
            throw new Failure(Failure.FAILED, "nothing answers");
          }
          return functions.invoke(function, payload);
        };
    StringWriter out = new StringWriter();
    assertThat(run(flaky, out)).as(out.toString()).isTrue();
    assertThat(out.toString()).containsOnlyOnce("waits, because of: nothing answers");
  }

  @Test
  void saysWhatIsDifferent() throws Exception {
    StringWriter out = new StringWriter();
    assertThat(run(functions, out)).isTrue();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("drop index labelling.task_recent");
      statement.execute("delete from labelling.webhook where id = 1");
      statement.execute("drop table labelling_feature_flag");
    }
    StringWriter again = new StringWriter();
    assertThat(run(functions, again)).isFalse();
    assertThat(again.toString())
        .contains("webhooks have a secret: 24 instead of 25")
        .contains("flags: 42P01")
        .contains("the indexes that were built are there, and no others: annotation_by_account");
  }

  private boolean run(Invocation invocation, StringWriter out) throws Exception {
    Pace pace =
        new Pace(
            Duration.ofMillis(5),
            Duration.ofSeconds(1),
            Duration.ofMillis(1200),
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofMinutes(2));
    try (DemoRun run =
        new DemoRun(invocation, database::url, SAMPLE, pace, new PrintWriter(out, true))) {
      return run.run();
    }
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private Invocation dyingAfter(int calls) {
    int[] left = {calls};
    return (function, payload) -> {
      JsonNode answer =
          left[0]-- > 0 || function.equals(Functions.REGISTRATION)
              ? functions.invoke(function, payload)
              : null;
      if (answer == null) {
        throw new Killed();
      }
      return answer;
    };
  }
}
