package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TimesTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-23T04:00:00Z"), ZoneId.of("Europe/Berlin"));

  @ParameterizedTest
  @CsvSource({
    "2026-11-23T03:59:01Z, 59 s ago",
    "2026-11-23T05:00:00.5+01:00, in 0 s",
    "2026-11-23T03:57:30Z, 2 min ago",
    "2026-11-23T02:00:00Z, 2 h ago",
    "2026-11-20T04:00:00Z, 3 days ago",
    "2026-11-23T07:00:00Z, in 3 h",
    "yesterday, yesterday",
  })
  void tellsHowLongAgo(String time, String relative) {
    assertThat(Times.relative(time, CLOCK)).isEqualTo(relative);
  }

  @Test
  void tellsTheTimeOfTheReadersZone() {
    assertThat(Times.local("2026-11-23T03:59:01.25Z", CLOCK)).isEqualTo("2026-11-23 04:59:01");
  }

  @ParameterizedTest
  @CsvSource({"90s, PT90S", "30m, PT30M", "1h30m, PT1H30M", "500ms, PT0.5S", "0s, PT0S"})
  void readsDurations(String typed, Duration duration) {
    assertThat(new Times.DurationConverter().convert(typed)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "m", "-1s", "1.5h", "30s1h", "99999999999s"})
  void refusesWhatIsNoDuration(String typed) {
    assertThatThrownBy(() -> new Times.DurationConverter().convert(typed))
        .isInstanceOf(TypeConversionException.class);
  }
}
