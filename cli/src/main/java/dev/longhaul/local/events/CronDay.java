package dev.longhaul.local.events;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// The days that one of cron's two day fields stands for.
interface CronDay {
  List<String> WEEKDAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");
  Pattern NEAREST_WEEKDAY = Pattern.compile("([0-9]{1,2})W");
  Pattern LAST_WEEKDAY = Pattern.compile("([1-7]|[A-Z]{3})L");
  Pattern NTH_WEEKDAY = Pattern.compile("([1-7]|[A-Z]{3})#([1-5])");

  boolean contains(LocalDate date);

  /// Numbers, `L` (the last day), `LW` (the last working day), `15W` (the working day nearest to
  /// the 15th, in the same month).
  static CronDay ofMonth(String field) {
    var days = new ArrayList<CronDay>();
    for (var part : field.split(",", -1)) {
      var nearest = NEAREST_WEEKDAY.matcher(part);
      if (part.equals("L")) {
        days.add(date -> date.equals(CronSchedule.lastOfMonth(date)));
      } else if (part.equals("LW")) {
        days.add(date -> date.equals(workingDay(CronSchedule.lastOfMonth(date))));
      } else if (nearest.matches()) {
        var day = one(nearest.group(1), 31, List.of());
        days.add(
            date ->
                day <= date.lengthOfMonth() && date.equals(workingDay(date.withDayOfMonth(day))));
      } else {
        var values = CronSchedule.values(part, 1, 31, List.of());
        days.add(date -> values.contains(date.getDayOfMonth()));
      }
    }
    return date -> days.stream().anyMatch(day -> day.contains(date));
  }

  /// Numbers or names from `SUN` = 1, `L` (Saturday), `6L` (the month's last Friday), `6#3` (its
  /// third Friday).
  static CronDay ofWeek(String field) {
    var days = new ArrayList<CronDay>();
    for (var part : field.split(",", -1)) {
      var last = LAST_WEEKDAY.matcher(part);
      var nth = NTH_WEEKDAY.matcher(part);
      if (part.equals("L")) {
        days.add(date -> weekday(date) == 7);
      } else if (last.matches()) {
        var day = one(last.group(1), 7, WEEKDAYS);
        days.add(date -> weekday(date) == day && date.getDayOfMonth() > date.lengthOfMonth() - 7);
      } else if (nth.matches()) {
        var day = one(nth.group(1), 7, WEEKDAYS);
        var week = Integer.parseInt(nth.group(2));
        days.add(date -> weekday(date) == day && (date.getDayOfMonth() - 1) / 7 + 1 == week);
      } else {
        var values = CronSchedule.values(part, 1, 7, WEEKDAYS);
        days.add(date -> values.contains(weekday(date)));
      }
    }
    return date -> days.stream().anyMatch(day -> day.contains(date));
  }

  private static int one(String text, int most, List<String> names) {
    return CronSchedule.values(text, 1, most, names).first();
  }

  private static int weekday(LocalDate date) {
    return date.getDayOfWeek().getValue() % 7 + 1;
  }

  /// The day itself, or the nearest Monday to Friday that is in the same month.
  private static LocalDate workingDay(LocalDate date) {
    if (!Set.of(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY).contains(date.getDayOfWeek())) {
      return date;
    }
    var isSaturday = date.getDayOfWeek() == DayOfWeek.SATURDAY;
    var near = isSaturday ? date.minusDays(1) : date.plusDays(1);
    if (near.getMonth() == date.getMonth()) {
      return near;
    }
    return isSaturday ? date.plusDays(2) : date.minusDays(2);
  }
}
