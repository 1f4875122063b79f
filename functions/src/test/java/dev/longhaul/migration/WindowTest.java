package dev.longhaul.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {
  /// `SAT,SUN 02:00-06:00 Europe/Berlin`, or without days.
  private static Window window(String text) {
    String[] parts = text.split(" ", -1);
    Set<DayOfWeek> days = EnumSet.allOf(DayOfWeek.class);
    if (parts.length == 3) {
      days.removeIf(day -> !parts[0].contains(day.name().substring(0, 3)));
    }
    String[] times = parts[parts.length - 2].split("-", -1);
    return new Window(
        days,
        LocalTime.parse(times[0]),
        times[1].equals("24:00") ? LocalTime.MIDNIGHT : LocalTime.parse(times[1]),
        ZoneId.of(parts[parts.length - 1]));
  }

  private static Instant at(String time, Window window) {
    return time.endsWith("Z")
        ? Instant.parse(time)
        : LocalDateTime.parse(time).atZone(window.zone()).toInstant();
  }

  /// What is open, and until when; or what is closed, and until when. In UTC where it is the change
  /// of the clock that matters.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // An ordinary night. 2026-11-23 is a Monday.
        "02:00-06:00 Europe/Berlin     | 2026-11-23T01:59:59 | closed until | 2026-11-23T02:00",
        "02:00-06:00 Europe/Berlin     | 2026-11-23T02:00    | open until   | 2026-11-23T06:00",
        "02:00-06:00 Europe/Berlin     | 2026-11-23T05:59:59 | open until   | 2026-11-23T06:00",
        "02:00-06:00 Europe/Berlin     | 2026-11-23T06:00    | closed until | 2026-11-24T02:00",
        "02:00-06:00 America/New_York  | 2026-11-23T08:00:00Z   | open until   |"
            + " 2026-11-23T11:00:00Z",
        // Days.
        "SAT,SUN 02:00-06:00 UTC       | 2026-11-23T03:00:00Z   | closed until |"
            + " 2026-11-28T02:00:00Z",
        "SAT,SUN 02:00-06:00 UTC       | 2026-11-28T07:00:00Z   | closed until |"
            + " 2026-11-29T02:00:00Z",
        // The day is that of the place: Sunday evening in New York is Monday in UTC.
        "SUN 20:00-23:00 America/New_York | 2026-11-23T01:30:00Z | open until |"
            + " 2026-11-23T04:00:00Z",
        // Over midnight: the day is the one on which it opens.
        "FRI 22:00-04:00 Europe/Berlin | 2026-11-27T21:59    | closed until | 2026-11-27T22:00",
        "FRI 22:00-04:00 Europe/Berlin | 2026-11-28T03:59    | open until   | 2026-11-28T04:00",
        "FRI 22:00-04:00 Europe/Berlin | 2026-11-27T03:59    | closed until | 2026-11-27T22:00",
        "FRI 22:00-24:00 UTC           | 2026-11-27T23:59:00Z   | open until   |"
            + " 2026-11-28T00:00:00Z",
        "22:00-04:00 UTC               | 2026-11-28T00:00:00Z   | open until   |"
            + " 2026-11-28T04:00:00Z",
        // Whole days run into each other.
        "SAT,SUN 00:00-24:00 UTC       | 2026-11-28T00:00:00Z   | open until   |"
            + " 2026-11-30T00:00:00Z",
        "SAT,MON 00:00-24:00 UTC       | 2026-11-28T12:00:00Z   | open until   |"
            + " 2026-11-29T00:00:00Z",
        // Skipped hours: Berlin 2026-03-29 02:00 to 03:00, New York 2026-03-08 02:00 to 03:00.
        "01:00-06:00 Europe/Berlin     | 2026-03-29T00:00:00Z   | open until   |"
            + " 2026-03-29T04:00:00Z",
        "02:00-06:00 Europe/Berlin     | 2026-03-29T00:59:00Z   | closed until |"
            + " 2026-03-29T01:00:00Z",
        "02:30-06:00 Europe/Berlin     | 2026-03-29T00:59:00Z   | closed until |"
            + " 2026-03-29T01:00:00Z",
        "01:00-02:30 Europe/Berlin     | 2026-03-29T00:30:00Z   | open until   |"
            + " 2026-03-29T01:00:00Z",
        "SUN 02:15-02:45 Europe/Berlin | 2026-03-29T00:00:00Z   | closed until |"
            + " 2026-04-05T00:15:00Z",
        "02:30-06:00 America/New_York  | 2026-03-08T06:00:00Z   | closed until |"
            + " 2026-03-08T07:00:00Z",
        "SAT 23:00-02:30 America/New_York | 2026-03-08T06:59:00Z | open until  |"
            + " 2026-03-08T07:00:00Z",
        "SUN 02:00-03:00 America/New_York | 2026-03-08T06:00:00Z | closed until |"
            + " 2026-03-15T06:00:00Z",
        // Hours that come twice: Berlin 2026-10-25 from 03:00 back to 02:00, New York 2026-11-01.
        "02:00-06:00 Europe/Berlin     | 2026-10-25T00:00:00Z   | open until   |"
            + " 2026-10-25T05:00:00Z",
        "02:00-03:00 Europe/Berlin     | 2026-10-25T00:00:00Z   | open until   |"
            + " 2026-10-25T02:00:00Z",
        "02:30-06:00 Europe/Berlin     | 2026-10-25T00:30:00Z   | open until   |"
            + " 2026-10-25T01:00:00Z",
        "02:30-06:00 Europe/Berlin     | 2026-10-25T01:00:00Z   | closed until |"
            + " 2026-10-25T01:30:00Z",
        "01:00-02:30 Europe/Berlin     | 2026-10-25T00:30:00Z   | closed until |"
            + " 2026-10-25T01:00:00Z",
        "01:00-02:30 Europe/Berlin     | 2026-10-25T01:00:00Z   | open until   |"
            + " 2026-10-25T01:30:00Z",
        "01:00-01:30 America/New_York  | 2026-11-01T05:30:00Z   | closed until |"
            + " 2026-11-01T06:00:00Z",
        "SAT 22:00-01:30 America/New_York | 2026-11-01T06:00:00Z | open until  |"
            + " 2026-11-01T06:30:00Z",
        // A day that Samoa has never had: Friday, 30 December 2011.
        "FRI 02:00-06:00 Pacific/Apia  | 2011-12-23T20:00:00Z   | closed until |"
            + " 2012-01-05T12:00:00Z",
      })
  void opensAndClosesByTheClockOnTheWall(String text, String time, String state, String change) {
    Window window = window(text);
    Instant moment = at(time, window);
    Instant next = at(change, window);
    boolean open = state.equals("open until");

    assertThat(window.isOpen(moment)).isEqualTo(open);
    if (open) {
      assertThat(window.closesAt(moment)).isEqualTo(next);
      assertThat(window.nextOpening(moment)).isEqualTo(moment);
    } else {
      assertThat(window.nextOpening(moment)).isEqualTo(next);
      assertThat(window.closesAt(moment)).isEqualTo(window.closesAt(next)).isAfter(next);
    }
  }

  /// Against the rule in its plainest form, minute after minute, through both changes of a year.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "02:00-06:00 Europe/Berlin",
        "02:30-02:45 Europe/Berlin",
        "SUN 01:15-02:45 Europe/Berlin",
        "SAT 22:30-02:15 Europe/Berlin",
        "SUN 00:00-24:00 Europe/Berlin",
        "SAT,SUN 01:30-03:30 America/New_York",
        "SAT,MON 23:00-01:30 America/New_York",
        "SUN 02:00-03:00 America/New_York",
        "23:30-00:30 America/Havana",
        "SAT,SUN 01:45-02:15 Australia/Lord_Howe",
      })
  void neverOpensOrClosesInBetween(String text) {
    Window window = window(text);
    for (String begin :
        new String[] {
          "2026-03-06", "2026-03-27", "2026-04-03", "2026-10-02", "2026-10-23", "2026-10-30"
        }) {
      Instant time = Instant.parse(begin + "T00:00:00Z");
      Instant end = time.plus(4, ChronoUnit.DAYS);
      Instant change = window.isOpen(time) ? window.closesAt(time) : window.nextOpening(time);
      for (boolean was = window.isOpen(time);
          time.isBefore(end);
          time = time.plus(15, ChronoUnit.MINUTES)) {
        if (time.equals(change)) {
          was = !was;
          change = was ? window.closesAt(time) : window.nextOpening(time);
        }
        assertThat(window.isOpen(time)).as("%s %s", window, time).isEqualTo(was);
        assertThat(change).as("%s %s", window, time).isAfter(time);
        assertThat(isOpen(window, time.atZone(window.zone()))).isEqualTo(was);
      }
    }
  }

  private static boolean isOpen(Window window, ZonedDateTime wall) {
    int minute = wall.getHour() * 60 + wall.getMinute();
    int from = window.from().getHour() * 60 + window.from().getMinute();
    int to = window.to().getHour() * 60 + window.to().getMinute();
    return Arrays.stream(DayOfWeek.values())
        .filter(window.days()::contains)
        .anyMatch(
            day -> {
              int since =
                  Math.floorMod(wall.getDayOfWeek().getValue() - day.getValue(), 7) * 1440 + minute;
              return from <= since && since < (to <= from ? to + 1440 : to);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "02:00-02:00 UTC",
        "SAT 06:00-06:00 UTC",
        "00:00-24:00 UTC",
        "NONE 02:00-06:00 UTC"
      })
  void isNoneThatNeverOpensOrNeverCloses(String text) {
    assertThatThrownBy(() -> window(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isEqualToOneWithTheSameFields() {
    assertThat(window("SUN,SAT 02:00-06:00 UTC")).isEqualTo(window("SAT,SUN 02:00-06:00 UTC"));
  }
}
