package dev.longhaul.migration;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Collections;
import java.util.EnumSet;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// When a migration may begin: while the clock on the wall, in `zone`, shows a time from `from` and
/// before `to`. That is the whole rule, daylight saving included: an hour that is skipped opens
/// nothing, and one that comes twice opens twice.
///
/// @param days on which it opens; one that goes on over midnight belongs to the day before
/// @param to midnight is the end of the day
public record Window(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
  /// Two weeks, for the window of one day of the week that lies in a skipped hour once, and a day
  /// on either side for what goes on over midnight.
  private static final int DAYS_AHEAD = 16;

  /// @throws IllegalArgumentException if it never opens or never closes
  public Window {
    if (days.isEmpty()) {
      throw new IllegalArgumentException("a window that never opens");
    }
    boolean wholeDay = from.equals(to) && from.equals(LocalTime.MIDNIGHT);
    if (from.equals(to) && (!wholeDay || days.size() == DayOfWeek.values().length)) {
      throw new IllegalArgumentException("a window that never closes");
    }
    days = Collections.unmodifiableSet(EnumSet.copyOf(days));
  }

  public boolean isOpen(Instant time) {
    LocalDateTime wall = LocalDateTime.ofInstant(time, zone);
    LocalTime clock = wall.toLocalTime();
    DayOfWeek today = wall.getDayOfWeek();
    boolean overMidnight = !from.isBefore(to);
    return overMidnight
        ? (days.contains(today) && !clock.isBefore(from))
            || (days.contains(today.minus(1)) && clock.isBefore(to))
        : days.contains(today) && !clock.isBefore(from) && clock.isBefore(to);
  }

  /// The first moment at which it is open, `time` itself included.
  public Instant nextOpening(Instant time) {
    return isOpen(time) ? time : next(time, true);
  }

  /// When the window closes that is open at `time`, or the next one that opens.
  public Instant closesAt(Instant time) {
    return next(nextOpening(time), false);
  }

  private Instant next(Instant after, boolean open) {
    return changes(LocalDate.ofInstant(after, zone)).tailSet(after, false).stream()
        .filter(change -> isOpen(change) == open)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no change of " + this + " after " + after));
  }

  /// Every moment from the day before `day` on at which it may open or close.
  private NavigableSet<Instant> changes(LocalDate day) {
    ZoneRules rules = zone.getRules();
    NavigableSet<Instant> changes = new TreeSet<>();
    for (int i = -1; i <= DAYS_AHEAD; i++) {
      for (LocalTime clock : new LocalTime[] {from, to}) {
        LocalDateTime wall = day.plusDays(i).atTime(clock);
        for (ZoneOffset offset : rules.getValidOffsets(wall)) {
          changes.add(wall.toInstant(offset));
        }
        @Nullable ZoneOffsetTransition shift = rules.getTransition(wall);
        if (shift != null) {
          changes.add(shift.getInstant());
        }
      }
    }
    return changes;
  }
}
