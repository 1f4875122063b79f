package dev.longhaul.local.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rate(1 minute)              | 2026-11-23T10:00:30Z | 2026-11-23T10:01:30Z
          rate(5 minutes)             | 2026-11-23T10:00:00Z | 2026-11-23T10:05:00Z
          rate(12 hours)              | 2026-11-23T10:00:00Z | 2026-11-23T22:00:00Z
          rate(1 day)                 | 2026-11-23T10:00:00Z | 2026-11-24T10:00:00Z
          cron(* * * * ? *)           | 2026-11-23T10:00:30Z | 2026-11-23T10:01:00Z
          cron(0 10 * * ? *)          | 2026-11-23T10:00:00Z | 2026-11-24T10:00:00Z
          cron(15 10 * * ? *)         | 2026-11-23T10:14:59Z | 2026-11-23T10:15:00Z
          cron(0/15 * * * ? *)        | 2026-11-23T10:46:00Z | 2026-11-23T11:00:00Z
          cron(5,35 8-17 ? * MON-FRI *) | 2026-11-27T17:35:00Z | 2026-11-30T08:05:00Z
          cron(0 2 ? * SAT *)         | 2026-11-23T00:00:00Z | 2026-11-28T02:00:00Z
          cron(0 2 ? * 7 *)           | 2026-11-23T00:00:00Z | 2026-11-28T02:00:00Z
          cron(0 2 ? * 1 *)           | 2026-11-23T00:00:00Z | 2026-11-29T02:00:00Z
          cron(0 2 ? * SAT-SUN *)     | 2026-11-28T02:00:00Z | 2026-11-29T02:00:00Z
          cron(0 0 1 * ? *)           | 2026-11-23T00:00:00Z | 2026-12-01T00:00:00Z
          cron(0 0 L * ? *)           | 2026-02-01T00:00:00Z | 2026-02-28T00:00:00Z
          cron(0 0 LW * ? *)          | 2026-01-01T00:00:00Z | 2026-01-30T00:00:00Z
          cron(0 0 15W * ? *)         | 2026-11-01T00:00:00Z | 2026-11-16T00:00:00Z
          cron(0 0 1W * ? *)          | 2026-07-31T01:00:00Z | 2026-08-03T00:00:00Z
          cron(0 0 ? * L *)           | 2026-11-23T00:00:00Z | 2026-11-28T00:00:00Z
          cron(0 0 ? * 6L *)          | 2026-11-01T00:00:00Z | 2026-11-27T00:00:00Z
          cron(0 0 ? * TUE#2 *)       | 2026-11-01T00:00:00Z | 2026-11-10T00:00:00Z
          cron(0 0 29 FEB ? *)        | 2026-11-23T00:00:00Z | 2028-02-29T00:00:00Z
          cron(0 8 1 1,JUL ? 2027-2028) | 2026-11-23T00:00:00Z | 2027-01-01T08:00:00Z
          """)
  void firesNext(String expression, Instant after, Instant expected) {
    assertThat(Schedule.parse(expression).next(after)).contains(expected);
  }

  @Test
  void endsWithItsLastYear() {
    assertThat(Schedule.parse("cron(0 0 1 1 ? 2026)").next(Instant.parse("2026-11-23T00:00:00Z")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(2 minute)",
        "rate(1 week)",
        "every minute",
        "cron(0 2 * * *)",
        "cron(0 2 * * * *)",
        "cron(0 2 ? * ? *)",
        "cron(60 2 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 2 32 * ? *)",
        "cron(0 2 * 13 ? *)",
        "cron(0 2 ? * 8 *)",
        "cron(0 2 ? * SATURDAY *)",
        "cron(0 2 * * ? 1969)",
        "cron(0/0 2 * * ? *)"
      })
  void refusesWhatEventBridgeRefuses(String expression) {
    assertThatThrownBy(() -> Schedule.parse(expression))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(expression.startsWith("cron") ? "cron" : expression);
  }
}
