package dev.longhaul.dashboard;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Numbers and times as people say them.
final class Words {
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Words() {}

  static String of(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " min" + (seconds < 600 && seconds % 60 > 0 ? rest(seconds) : "");
    }
    if (seconds < 86_400) {
      return seconds / 3600
          + " h"
          + (seconds % 3600 < 60 ? "" : " " + seconds % 3600 / 60 + " min");
    }
    long hours = seconds % 86_400 / 3600;
    return seconds / 86_400 + " d" + (hours == 0 ? "" : " " + hours + " h");
  }

  private static String rest(long seconds) {
    return " " + seconds % 60 + " s";
  }

  /// Milliseconds as Lambda bills them.
  static String ofMillis(long millis) {
    if (millis < 1000) {
      return millis + " ms";
    }
    return millis < 10_000
        ? String.format(Locale.ROOT, "%.1f s", millis / 1000.0)
        : of(Duration.ofMillis(millis));
  }

  /// Of something that is over, down to milliseconds.
  static String took(Duration duration) {
    return ofMillis(Math.max(0, duration.toMillis()));
  }

  static String ago(Instant then, Instant now) {
    Duration since = Duration.between(then, now);
    return since.toSeconds() < 1 ? "just now" : of(since) + " ago";
  }

  /// Of a time to come.
  static String in(Instant then, Instant now) {
    Duration until = Duration.between(now, then);
    return until.toSeconds() < 1 ? "now" : "in " + of(until);
  }

  static String at(Instant instant) {
    return MINUTE.format(instant);
  }

  static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  static String plural(long number, String unit) {
    return number(number) + " " + unit + (number == 1 ? "" : "s");
  }

  /// The start of a text that may be very long.
  static String start(String text, int longest) {
    return text.codePointCount(0, text.length()) <= longest
        ? text
        : text.substring(0, text.offsetByCodePoints(0, longest - 1)) + "…";
  }
}
