package dev.longhaul.local.events;

import static java.time.ZoneOffset.UTC;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/// EventBridge's six cron fields: minutes, hours, day of month, month, day of week, year. Weekdays
/// count from Sunday = 1; `L`, `W` and `#` are known; one of the two day fields is `?`.
record CronSchedule(
    NavigableSet<Integer> minutes,
    NavigableSet<Integer> hours,
    CronDay day,
    NavigableSet<Integer> months,
    NavigableSet<Integer> years)
    implements Schedule {
  private static final int LAST_YEAR = 2199;
  private static final List<String> MONTHS =
      List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");

  static CronSchedule parse(String expression) {
    var fields = expression.strip().split("\\s+", -1);
    if (fields.length != 6) {
      throw new IllegalArgumentException(
          "cron(%s) has %d fields; EventBridge wants six".formatted(expression, fields.length));
    }
    if (fields[2].equals("?") == fields[4].equals("?")) {
      throw new IllegalArgumentException(
          "cron(%s): exactly one of day of month and day of week is ?".formatted(expression));
    }
    return new CronSchedule(
        values(fields[0], 0, 59, List.of()),
        values(fields[1], 0, 23, List.of()),
        fields[4].equals("?") ? CronDay.ofMonth(fields[2]) : CronDay.ofWeek(fields[4]),
        values(fields[3], 1, 12, MONTHS),
        values(fields[5], 1970, LAST_YEAR, List.of()));
  }

  @Override
  public Optional<Instant> next(Instant after) {
    var start = after.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES).atOffset(UTC);
    var date = start.toLocalDate();
    var earliest = start.toLocalTime();
    while (date.getYear() <= LAST_YEAR) {
      if (!months.contains(date.getMonthValue()) || !years.contains(date.getYear())) {
        date = date.withDayOfMonth(1).plusMonths(1);
      } else {
        var time = day.contains(date) ? firstTime(earliest) : Optional.<LocalTime>empty();
        if (time.isPresent()) {
          return Optional.of(date.atTime(time.get()).toInstant(UTC));
        }
        date = date.plusDays(1);
      }
      earliest = LocalTime.MIN;
    }
    return Optional.empty();
  }

  private Optional<LocalTime> firstTime(LocalTime earliest) {
    for (var hour : hours.tailSet(earliest.getHour())) {
      var from = hour == earliest.getHour() ? earliest.getMinute() : 0;
      var minute = minutes.ceiling(from);
      if (minute != null) {
        return Optional.of(LocalTime.of(hour, minute));
      }
    }
    return Optional.empty();
  }

  /// The values of a field made of `*`, `a`, `a-b`, `a/n`, `a-b/n`, `*/n` and commas.
  ///
  /// @param names what the values from `least` on may be called
  static NavigableSet<Integer> values(String field, int least, int most, List<String> names) {
    var values = new TreeSet<Integer>();
    for (var part : field.split(",", -1)) {
      var slash = part.indexOf('/');
      var range = slash < 0 ? part : part.substring(0, slash);
      var step = slash < 0 ? 1 : number(part.substring(slash + 1), 1, most, List.of(), field);
      var dash = range.indexOf('-', 1);
      int first;
      int last;
      if (range.equals("*")) {
        first = least;
        last = most;
      } else if (dash > 0) {
        first = number(range.substring(0, dash), least, most, names, field);
        last = number(range.substring(dash + 1), least, most, names, field);
      } else {
        first = number(range, least, most, names, field);
        last = slash < 0 ? first : most;
      }
      // FRI-MON goes over the end of the week.
      var end = last < first ? last + most - least + 1 : last;
      for (var value = first; value <= end; value += step) {
        values.add(value > most ? value - (most - least + 1) : value);
      }
    }
    return values;
  }

  private static int number(String text, int least, int most, List<String> names, String field) {
    var name = names.indexOf(text);
    if (name >= 0) {
      return least + name;
    }
    if (text.matches("[0-9]{1,4}")) {
      var value = Integer.parseInt(text);
      if (least <= value && value <= most) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "cron field %s: %s is not between %d and %d".formatted(field, text, least, most));
  }

  static LocalDate lastOfMonth(LocalDate date) {
    return date.withDayOfMonth(date.lengthOfMonth());
  }
}
