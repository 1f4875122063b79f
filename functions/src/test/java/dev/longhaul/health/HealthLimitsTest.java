package dev.longhaul.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.Fields;
import dev.longhaul.payload.JsonFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthLimitsTest {
  private final List<String> problems = new ArrayList<>();

  private HealthLimits read(String json) throws Exception {
    ObjectNode object = (ObjectNode) JsonFunction.JSON.readTree(json);
    return HealthLimits.read(new Fields(object, "health.", problems));
  }

  @Test
  void laysWhatIsSaidOverTheDefaults() throws Exception {
    HealthLimits said =
        read(
            """
            {"replica_lag_seconds": [0.5, 2, null], "archive_queue_segments": 0, "vcpus": 8,
             "wraparound_vacuum": false, "blocked_sessions": null}
            """);
    HealthLimits merged = HealthLimits.DEFAULT.merge(said);

    assertThat(problems).isEmpty();
    assertThat(merged.replicaLagSeconds()).isEqualTo(new Limit(0.5, 2, Double.POSITIVE_INFINITY));
    assertThat(merged.archiveQueueSegments()).isEqualTo(Limit.OFF);
    assertThat(merged.wraparoundVacuum()).isEqualTo(Limit.OFF);
    assertThat(merged.vcpus()).isEqualTo(8);
    assertThat(merged.blockedSessions()).isEqualTo(HealthLimits.DEFAULT.blockedSessions());
    assertThat(merged.merge(HealthLimits.NONE)).isEqualTo(merged);
    assertThat(merged.merge(read("{\"wraparound_vacuum\": true, \"vcpus\": 2}")))
        .extracting(HealthLimits::wraparoundVacuum, HealthLimits::vcpus)
        .containsExactly(HealthLimits.WRAPAROUND, 2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[3, null, null]    | DEGRADED | 1000",
        "[null, 3, null]    | BAD      | 1000",
        "[null, null, 3]    | CRITICAL | 1000",
        "[1, null, 3]       | DEGRADED | 2",
        "[1, 2, 3]          | GOOD     | 0.9",
        "[1, 2, 3]          | DEGRADED | 1",
        "[1, 2, 3]          | BAD      | 2",
        "[1, 2, 3]          | CRITICAL | 3",
        "[3, 3, 3]          | CRITICAL | 3",
        "[null, null, null] | GOOD     | 1000",
        "0                  | GOOD     | 1000",
      })
  void leavesLevelsOut(String limit, Level level, double value) throws Exception {
    Limit read =
        Objects.requireNonNull(
            read("{\"replica_lag_seconds\": " + limit + "}").replicaLagSeconds());

    assertThat(read.level(value)).isEqualTo(level);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"replica_lag_seconds\": 5}            | health.replica_lag_seconds: must be three"
            + " numbers",
        "{\"replica_lag_seconds\": [5, 15]}      | health.replica_lag_seconds: must be three"
            + " numbers",
        "{\"replica_lag_seconds\": [15, 5, 60]}  | health.replica_lag_seconds: must be three"
            + " numbers",
        "{\"replica_lag_seconds\": [0, 5, 60]}   | health.replica_lag_seconds: must be three"
            + " numbers",
        "{\"replica_lag_seconds\": [\"5\", 6, 7]} | health.replica_lag_seconds: must be three"
            + " numbers",
        "{\"replica_lag_seconds\": false}        | not false",
        "{\"blocked_sessions\": \"off\"}         | health.blocked_sessions: must be three numbers",
        "{\"wraparound_vacuum\": 0}              | health.wraparound_vacuum: must be true or false",
        "{\"vcpus\": 0}                          | health.vcpus: must be a whole number from 1 to"
            + " 1024",
        "{\"replica_lag\": [5, 15, 60]}          | health.replica_lag: is no field that is known"
            + " here",
      })
  void refusesByName(String json, String problem) throws Exception {
    read(json);

    assertThat(problems).singleElement().asString().contains(problem);
  }
}
