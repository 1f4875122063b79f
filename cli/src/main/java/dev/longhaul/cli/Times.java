package dev.longhaul.cli;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Times and durations as people read and type them.
final class Times {
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  private static final Pattern TYPED =
      Pattern.compile("(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?(?:(\\d+)ms)?");

  private Times() {}

  /// `2026-11-23 04:10:07`, in the clock's zone.
  static String local(String time, Clock clock) {
    return parse(time)
        .map(parsed -> parsed.atZoneSameInstant(clock.getZone()).format(LOCAL))
        .orElse(time);
  }

  /// `3 min ago`, `in 2 h`.
  static String relative(String time, Clock clock) {
    Optional<OffsetDateTime> parsed = parse(time);
    if (parsed.isEmpty()) {
      return time;
    }
    Duration ago = Duration.between(parsed.get().toInstant(), clock.instant());
    return ago.isNegative() ? "in " + rough(ago.negated()) : rough(ago) + " ago";
  }

  /// In the largest unit that fits, and never more than one: `59 s`, `3 min`, `26 h`, `3 days`.
  static String rough(Duration duration) {
    if (duration.toMinutes() < 2) {
      return duration.toSeconds() + " s";
    }
    if (duration.toHours() < 2) {
      return duration.toMinutes() + " min";
    }
    if (duration.toDays() < 2) {
      return duration.toHours() + " h";
    }
    return duration.toDays() + " days";
  }

  private static Optional<OffsetDateTime> parse(String time) {
    try {
      return Optional.of(OffsetDateTime.parse(time));
    } catch (DateTimeException notATime) {
      return Optional.empty();
    }
  }

  /// Reads `30m`, `90s`, `1h30m`, `500ms`. A bare number is refused, as its unit would be a guess.
  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      Matcher typed = TYPED.matcher(value);
      if (value.isEmpty() || !typed.matches()) {
        throw new TypeConversionException(
            "'" + value + "' is no duration; write it as 90s, 30m or 1h30m");
      }
      return Duration.ofHours(number(typed, 1))
          .plusMinutes(number(typed, 2))
          .plusSeconds(number(typed, 3))
          .plusMillis(number(typed, 4));
    }

    private static long number(Matcher typed, int group) {
      String digits = typed.group(group);
      try {
        return digits == null ? 0 : Integer.parseInt(digits);
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + digits + "' is too long a duration");
      }
    }
  }
}
