package dev.longhaul.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TestBus;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepRuleTest {
  /// The queue may keep the function waiting until its time is up, 10 s for each ten messages; then
  /// it is the sweep that sends them.
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "register, `{\"migration_name\": \"n\", \"sql_forwards\": \"select 1\", \"sql_backwards\":"
            + " \"\", \"execute_immediately\": true}`",
        "trigger, `{\"migration_names\": [\"m\"]}`",
        "trigger, `{\"all\": true}`",
        "control, `{\"action\": \"cancel\", \"migration_name\": \"waited_for\"}`"
      })
  void isSwitchedOnBeforeTheFirstMessageIsSent(String function, String payload) {
    try (TestBus aws = TestBus.start();
        Fixture longhaul =
            new Fixture(
                Database.create(),
                Map.of(
                    "ALLOW_SCHEDULED_MIGRATIONS",
                    "true",
                    "SWEEP_RULE_NAME",
                    "sweep",
                    "AWS_ENDPOINT_URL_EVENTBRIDGE",
                    aws.endpoint(),
                    "AWS_ENDPOINT_URL_SQS",
                    aws.endpoint()))) {
      longhaul.register("m", "select 1", "");
      longhaul.register(
          Fixture.migration("waited_for", "select 1", "")
              .put("execute_immediately", true)
              .toString());
      longhaul.register(
          "{\"migration_name\": \"waits\", \"sql_forwards\": \"select 1\", \"sql_backwards\": \"\","
              + " \"depends_on\": [\"waited_for\"], \"execute_immediately\": true}");
      int before = aws.actions().size();
      longhaul.invoke(function, payload);
      assertThat(aws.actions().subList(before, aws.actions().size()))
          .startsWith("AWSEvents.EnableRule", "AmazonSQS.SendMessageBatch");
    }
  }
}
