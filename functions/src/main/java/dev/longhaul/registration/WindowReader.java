package dev.longhaul.registration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Window;
import dev.longhaul.payload.Fields;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads the field `window` of a migration, strictly.
final class WindowReader {
  private static final Pattern CLOCK = Pattern.compile("([01]\\d|2[0-3]):[0-5]\\d");

  /// ISO-8601's name for the end of a day.
  private static final String END_OF_DAY = "24:00";

  private final Fields fields;

  private WindowReader(ObjectNode window, String path, List<String> problems) {
    this.fields = new Fields(window, path, problems);
  }

  /// @param path of the field itself
  /// @return null where none is asked for, or where there were problems
  static @Nullable Window read(JsonNode value, String path, List<String> problems) {
    if (value.isNull()) {
      return null;
    }
    if (value instanceof ObjectNode object) {
      int before = problems.size();
      @Nullable Window window = new WindowReader(object, path + ".", problems).read();
      return problems.size() == before ? window : null;
    }
    problems.add(
        path
            + ": must be an object like {\"days\": [\"SAT\", \"SUN\"], \"from\": \"02:00\","
            + " \"to\": \"06:00\", \"time_zone\": \"Europe/Berlin\"}, not "
            + Fields.describe(value));
    return null;
  }

  private @Nullable Window read() {
    Set<DayOfWeek> days = days();
    Optional<LocalTime> from = clock("from", false);
    Optional<LocalTime> to = clock("to", true);
    ZoneId zone = zone();
    fields.refuseUnknown();
    if (from.isEmpty() || to.isEmpty() || days.isEmpty()) {
      return null;
    }
    if (from.equals(to)) {
      boolean isWholeDay = fields.value("to").asText().equals(END_OF_DAY);
      if (!isWholeDay) {
        fields.problem(
            "to",
            "is the same as from, so the window would be empty or never close; for whole days say"
                + " from 00:00 to 24:00, and for any time leave the window out");
        return null;
      }
      if (days.size() == DayOfWeek.values().length) {
        fields.problem("days", "all day on every day is no window; leave the window out");
        return null;
      }
    }
    return new Window(days, from.get(), to.get(), zone);
  }

  private Set<DayOfWeek> days() {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    if (!fields.has("days")) {
      return EnumSet.allOf(DayOfWeek.class);
    }
    if (fields.value("days").isArray() && fields.value("days").isEmpty()) {
      fields.problem("days", "is empty, so the window never opens; leave it out for every day");
    }
    for (String name : fields.strings("days")) {
      Optional<DayOfWeek> day =
          Arrays.stream(DayOfWeek.values()).filter(one -> label(one).equals(name)).findFirst();
      if (day.isEmpty()) {
        fields.problem(
            "days",
            "\"%s\" is no day; there are %s"
                .formatted(
                    name,
                    Arrays.stream(DayOfWeek.values())
                        .map(WindowReader::label)
                        .collect(Collectors.joining(", "))));
      }
      day.ifPresent(days::add);
    }
    return days;
  }

  private static String label(DayOfWeek day) {
    return day.name().substring(0, 3);
  }

  private Optional<LocalTime> clock(String field, boolean isEnd) {
    if (!fields.has(field)) {
      fields.problem(field, "is missing; say when the window " + (isEnd ? "closes" : "opens"));
      return Optional.empty();
    }
    Optional<String> text = fields.string(field);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (isEnd && text.get().equals(END_OF_DAY)) {
      return Optional.of(LocalTime.MIDNIGHT);
    }
    if (!CLOCK.matcher(text.get()).matches()) {
      fields.problem(
          field,
          "must be a time of the day, hours and minutes, like 02:00 or 22:30"
              + (isEnd ? "; 24:00 is the end of the day" : ""));
      return Optional.empty();
    }
    return Optional.of(LocalTime.parse(text.get()));
  }

  /// Names only: an offset knows no daylight saving, and an abbreviation means several things.
  private ZoneId zone() {
    return fields
        .string("time_zone")
        .flatMap(
            name -> {
              if (ZoneId.getAvailableZoneIds().contains(name)) {
                return Optional.of(ZoneId.of(name));
              }
              fields.problem(
                  "time_zone",
                  "\"%s\" is no time zone; give a name of the IANA database, like Europe/Berlin, which knows daylight saving, or UTC"
                      .formatted(name));
              return Optional.empty();
            })
        .orElse(ZoneId.of("UTC"));
  }
}
