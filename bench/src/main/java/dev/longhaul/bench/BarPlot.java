package dev.longhaul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Horizontal bars in SVG, two to a line: throughput, where longer is better, and WAL, where
/// shorter is.
final class BarPlot {
  private static final int LABEL = 330;
  private static final int WIDTH = 900;
  private static final int LINE = 34;
  private static final int HEAD = 64;

  private record Bars(String label, double throughput, double wal) {}

  private final String title;
  private final List<Bars> lines = new ArrayList<>();

  BarPlot(String title) {
    this.title = title;
  }

  BarPlot bars(String label, double throughput, double wal) {
    lines.add(new Bars(label, throughput, wal));
    return this;
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  String svg() {
    var longest =
        lines.stream().mapToDouble(line -> Math.max(line.throughput, line.wal)).max().orElse(1);
    var scale = (WIDTH - LABEL - 70) / Math.max(1, longest);
    var height = HEAD + LINE * lines.size() + 10;
    var svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
        <rect width="%d" height="%d" fill="#ffffff"/>
        <text x="10" y="22" font-size="16">%s</text>
        <rect x="10" y="34" width="12" height="12" fill="#1f6feb"/><text x="27" y="44">throughput, more is better</text>
        <rect x="210" y="34" width="12" height="12" fill="#d29922"/><text x="227" y="44">WAL, less is better</text>
        """
            .formatted(WIDTH, height, WIDTH, height, escaped(title)));
    for (var i = 0; i < lines.size(); i++) {
      var line = lines.get(i);
      var y = HEAD + i * LINE;
      svg.append(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n"
              .formatted(LABEL - 8, y + 16, escaped(line.label)));
      svg.append(bar(y, line.throughput, scale, "#1f6feb"));
      svg.append(bar(y + 13, line.wal, scale, "#d29922"));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\" stroke=\"#57606a\""
                + " stroke-dasharray=\"4 3\"/>\n",
            LABEL + scale,
            HEAD - 8,
            height - 6));
    return svg.append("</svg>\n").toString();
  }

  private static String bar(int y, double value, double scale, String color) {
    return String.format(
        Locale.ROOT,
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"11\" fill=\"%s\"/><text x=\"%.1f\""
            + " y=\"%d\" font-size=\"10\">%.2f</text>\n",
        LABEL,
        y,
        value * scale,
        color,
        LABEL + value * scale + 4,
        y + 10,
        value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /// Keeps it as `bench/results/NAME.svg`.
  void publish(String name) throws IOException {
    var directory = Files.createDirectories(Project.root().resolve("bench").resolve("results"));
    Files.writeString(directory.resolve(name + ".svg"), svg());
  }
}
