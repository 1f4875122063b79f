package dev.longhaul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// One table in Markdown, with the facts that it needs to be believed.
final class Report {
  private final String title;
  private final List<String> columns;
  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> pictures = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  Report(String title, String... columns) {
    this.title = title;
    this.columns = List.of(columns);
  }

  Report row(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          "%d cells for %d columns".formatted(cells.length, columns.size()));
    }
    rows.add(List.of(cells));
    return this;
  }

  Report note(String note) {
    notes.add(note);
    return this;
  }

  /// Shown under the table.
  ///
  /// @param file beside the page
  Report picture(String text, String file) {
    pictures.add("![%s](%s)".formatted(text, file));
    return this;
  }

  String markdown() {
    var lines = new ArrayList<String>();
    lines.add("# " + title);
    lines.add("");
    lines.add(line(columns));
    lines.add(line(Collections.nCopies(columns.size(), "---")));
    rows.forEach(row -> lines.add(line(row)));
    lines.add("");
    for (var picture : pictures) {
      lines.add(picture);
      lines.add("");
    }
    notes.forEach(note -> lines.add("- " + note));
    return String.join("\n", lines) + "\n";
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }

  /// Prints the page, and keeps it as `bench/results/NAME.md`.
  void publish(String name) throws IOException {
    System.out.println(markdown());
    var directory = Files.createDirectories(Project.root().resolve("bench").resolve("results"));
    Files.writeString(directory.resolve(name + ".md"), markdown());
  }
}
