package dev.longhaul.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {
  /// A letter a reading: good, degraded, bad, critical, blind ("?").
  private static Reading reading(int letter) {
    return switch (letter) {
      case 'g' -> Reading.of(List.of(Signal.good("s", 0.0)));
      case 'd' -> bad(Level.DEGRADED, "a little");
      case 'b' -> bad(Level.BAD, "a lot");
      case 'c' -> bad(Level.CRITICAL, "too much");
      case '?' -> Reading.blind("cannot see");
      default -> throw new IllegalArgumentException();
    };
  }

  private static Reading bad(Level level, String reason) {
    return Reading.of(List.of(new Signal("s", level, 1.0, reason)));
  }

  /// From full pace on.
  private static Pace after(String readings) {
    return fromBegin("ggg" + readings);
  }

  private static Pace fromBegin(String readings) {
    Pace pace = Pace.begin();
    for (int letter : readings.chars().toArray()) {
      pace = pace.next(reading(letter));
    }
    return pace;
  }

  @ParameterizedTest
  @CsvSource({
    "g, 1.0",
    "d, 0.75",
    "dd, 0.75 0.5",
    "ddddddddd, 0.75 0.5 0.25 0.25 0.25 0.25 0.25 0.25 0.25",
    "bbbbbbb, 0.5 0.25 0.125 0.125 0.125 0.125 0.125",
    "db, 0.75 0.25",
    "c, 0.0",
    "?, 0.0",
    "dc, 0.75 0.0",
    // Three good readings a step.
    "dgggg, 0.75 0.75 0.75 1.0 1.0",
    "cgggggg, 0.0 0.0 0.0 0.125 0.125 0.125 0.25",
    // They count in a row only.
    "ddggdggg, 0.75 0.5 0.5 0.5 0.25 0.25 0.25 0.5",
    // What is better than critical lets the work go on, up to its floor.
    "cbbbbbb, 0.0 0.0 0.0 0.125 0.125 0.125 0.125",
    "cdddddddddd, 0.0 0.0 0.0 0.125 0.125 0.125 0.25 0.25 0.25 0.25 0.25",
    "cbdg, 0.0 0.0 0.0 0.125",
    "?ggg?, 0.0 0.0 0.0 0.125 0.0",
  })
  void followsTheReadings(String readings, String factors) {
    List<String> seen =
        IntStream.rangeClosed(1, readings.length())
            .mapToObj(end -> String.valueOf(after(readings.substring(0, end)).factor()))
            .toList();

    assertThat(String.join(" ", seen)).isEqualTo(factors);
  }

  @ParameterizedTest
  @CsvSource({
    "g, 0.5",
    "ggggg, 0.5 0.75 1.0 1.0 1.0",
    "ggd, 0.5 0.75 0.5",
    "d, 0.25",
    "dgggg, 0.25 0.25 0.25 0.5 0.5",
    "b, 0.125",
    "c, 0.0",
  })
  void beginsSlowly(String readings, String factors) {
    List<Pace> paces =
        IntStream.rangeClosed(1, readings.length())
            .mapToObj(end -> fromBegin(readings.substring(0, end)))
            .toList();

    assertThat(Pace.begin().factor()).isEqualTo(0.25);
    assertThat(paces.stream().map(pace -> String.valueOf(pace.factor())))
        .containsExactly(factors.split(" ", -1));
    assertThat(paces.stream().map(Pace::isBeginning))
        .as("no reading was bad, and the pace is not full")
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, readings.length())
                .mapToObj(end -> end < 3 && "ggg".startsWith(readings.substring(0, end)))
                .toList());
  }

  @ParameterizedTest
  @CsvSource({
    "g,",
    "d, a little",
    "dc, too much",
    "?, cannot see",
    "dg, recovers from a little",
    "dgg, recovers from a little",
    "dggg,",
    "cggggg, recovers from too much",
    "cggd, a little",
    "bd, a little"
  })
  void saysWhy(String readings, String reason) {
    assertThat(after(readings).reason()).isEqualTo(reason);
  }

  @Test
  void restsBetweenBatches() {
    Duration batch = Duration.ofMillis(400);

    assertThat(after("g").pauseAfter(batch)).isZero();
    assertThat(after("dd").pauseAfter(batch)).isEqualTo(batch);
    assertThat(after("ddd").pauseAfter(batch)).isEqualTo(batch.multipliedBy(3));
    assertThat(after("bbb").pauseAfter(batch)).isEqualTo(batch.multipliedBy(7));
    assertThat(after("bbb").pauseAfter(Duration.ofMinutes(1))).isEqualTo(Duration.ofSeconds(30));
    assertThat(after("c").pauseAfter(batch)).isEqualTo(Duration.ofSeconds(30));
    assertThat(after("c").isStopped()).isTrue();
    assertThat(after("bbb").isStopped()).isFalse();
  }

  @Test
  void theWorstSignalCounts() {
    Reading reading =
        Reading.of(
            List.of(
                Signal.good("a", 1.0),
                new Signal("b", Level.BAD, 3.0, "first"),
                new Signal("c", Level.BAD, 9.0, "second"),
                new Signal("d", Level.DEGRADED, 9.0, "third")));

    assertThat(reading.level()).isEqualTo(Level.BAD);
    assertThat(reading.reason()).isEqualTo("first");
    assertThat(Reading.of(List.of()).level()).isEqualTo(Level.GOOD);
  }
}
