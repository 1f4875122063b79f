package dev.longhaul.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Window;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The window of a migration in the journal: JSON, spelled as in the contract, with every default
/// filled in.
final class WindowColumn {
  private static final String END_OF_DAY = "24:00";

  private WindowColumn() {}

  static @Nullable String write(@Nullable Window window) {
    if (window == null) {
      return null;
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode days = json.putArray("days");
    window.days().forEach(day -> days.add(label(day)));
    return json.put("from", window.from().toString())
        .put("to", window.to().equals(LocalTime.MIDNIGHT) ? END_OF_DAY : window.to().toString())
        .put("time_zone", window.zone().getId())
        .toString();
  }

  static @Nullable Window read(@Nullable String text) {
    if (text == null) {
      return null;
    }
    JsonNode json = Rows.json(text);
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    json.path("days")
        .forEach(
            label ->
                Arrays.stream(DayOfWeek.values())
                    .filter(day -> label(day).equals(label.asText()))
                    .forEach(days::add));
    String to = json.path("to").asText();
    return new Window(
        days,
        LocalTime.parse(json.path("from").asText()),
        to.equals(END_OF_DAY) ? LocalTime.MIDNIGHT : LocalTime.parse(to),
        ZoneId.of(json.path("time_zone").asText()));
  }

  private static String label(DayOfWeek day) {
    return day.name().substring(0, 3);
  }
}
