package dev.longhaul.local.events;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/// When a scheduled rule fires, in EventBridge's notation. Times are UTC, as on AWS.
sealed interface Schedule permits Schedule.Rate, CronSchedule {

  /// The first time after the given one, or empty if there is none.
  Optional<Instant> next(Instant after);

  /// Reads an expression.
  ///
  /// @throws IllegalArgumentException if the expression is not one that EventBridge takes
  static Schedule parse(String expression) {
    if (expression.startsWith("cron(") && expression.endsWith(")")) {
      return CronSchedule.parse(expression.substring(5, expression.length() - 1));
    }
    return Rate.parse(expression);
  }

  record Rate(Duration every) implements Schedule {
    private static final Pattern NOTATION =
        Pattern.compile("rate\\(([1-9][0-9]*) (minute|hour|day)(s?)\\)");

    static Rate parse(String expression) {
      var match = NOTATION.matcher(expression);
      if (!match.matches()) {
        throw new IllegalArgumentException(
            "a schedule is rate(n minutes|hours|days) or cron(…), not " + expression);
      }
      var count = Long.parseLong(match.group(1));
      if ((count == 1) != match.group(3).isEmpty()) {
        throw new IllegalArgumentException(
            expression + ": EventBridge wants the singular after 1, the plural after more");
      }
      var unit =
          switch (match.group(2)) {
            case "minute" -> Duration.ofMinutes(1);
            case "hour" -> Duration.ofHours(1);
            default -> Duration.ofDays(1);
          };
      return new Rate(unit.multipliedBy(count));
    }

    @Override
    public Optional<Instant> next(Instant after) {
      return Optional.of(after.plus(every));
    }
  }
}
