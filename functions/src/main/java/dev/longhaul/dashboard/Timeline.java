package dev.longhaul.dashboard;

import dev.longhaul.html.Attribute;
import dev.longhaul.html.Html;
import dev.longhaul.html.Tag;
import dev.longhaul.journal.HistoryEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Attempts and transitions on a line of time. A status that was over in no time keeps a width that
/// can be seen, so the line is true to order, and to scale only as far as there is room.
final class Timeline {
  private static final int WIDTH = 1000;
  private static final int LEAST = 12;
  private static final int TOP = 4;
  private static final int BAR = 20;

  private Timeline() {}

  /// How long each status lasted, in the order of the transitions.
  ///
  /// @param transitions the latest first
  /// @param isOver whether the last status is an end, which has no length
  static List<Duration> lengths(List<HistoryEntry> transitions, boolean isOver, Instant now) {
    List<Duration> lengths = new ArrayList<>();
    for (int i = 0; i < transitions.size(); i++) {
      Instant end = i == 0 ? now : transitions.get(i - 1).at();
      Duration length = Duration.between(transitions.get(i).at(), end);
      lengths.add((i == 0 && isOver) || length.isNegative() ? Duration.ZERO : length);
    }
    return lengths;
  }

  /// @param transitions the latest first
  static Html of(List<HistoryEntry> transitions, List<Duration> theirLengths) {
    List<HistoryEntry> inOrder = transitions.reversed();
    List<Duration> lengths = theirLengths.reversed();
    double all = Math.max(1, lengths.stream().mapToLong(Duration::toMillis).sum());
    double room = WIDTH - (double) LEAST * inOrder.size();
    Html svg =
        Html.of(Tag.SVG, "lh-timeline")
            .with(Attribute.VIEW_BOX, "0 0 " + WIDTH + " " + (TOP + BAR + 4))
            .with(Attribute.PRESERVE_ASPECT_RATIO, "none")
            .with(Attribute.ROLE, "img")
            .with(Attribute.ARIA_LABEL, words(inOrder, lengths));
    double x = 0;
    for (int i = 0; i < inOrder.size(); i++) {
      HistoryEntry entry = inOrder.get(i);
      double width = LEAST + Math.max(0, room) * lengths.get(i).toMillis() / all;
      svg.add(
          Html.of(Tag.SVG_RECT, "lh-t lh-t-" + Parts.cssName(entry.to()))
              .with(Attribute.X, x)
              .with(Attribute.Y, TOP)
              .with(Attribute.WIDTH, Math.max(1, width - 2))
              .with(Attribute.HEIGHT, BAR)
              .with(Attribute.RX, 2)
              .add(Html.of(Tag.SVG_TITLE).text(words(entry, lengths.get(i)))));
      x += width;
    }
    return svg;
  }

  private static String words(HistoryEntry entry, Duration length) {
    return "%s, attempt %d, %s".formatted(entry.to(), entry.attempt(), Words.of(length));
  }

  private static String words(List<HistoryEntry> inOrder, List<Duration> lengths) {
    List<String> words = new ArrayList<>();
    for (int i = Math.max(0, inOrder.size() - 12); i < inOrder.size(); i++) {
      words.add(words(inOrder.get(i), lengths.get(i)));
    }
    return "timeline: " + String.join("; ", words);
  }
}
