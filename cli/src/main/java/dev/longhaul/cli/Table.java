package dev.longhaul.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Aligned columns. Columns that hold nothing are left out. On a terminal of known width only the
/// last column is cut: the others hold names, which are for copying.
final class Table {
  /// A cut text shorter than this says nothing: rather let the terminal wrap the line.
  private static final int MIN_LAST_COLUMN = 16;

  private static final String GAP = "  ";

  private final String[] headings;
  private final int width;
  private final List<String[]> rows = new ArrayList<>();

  /// @param width of the terminal; `Integer.MAX_VALUE` where there is none
  Table(int width, String... headings) {
    this.width = width;
    this.headings = headings.clone();
  }

  void row(String... cells) {
    rows.add(Arrays.stream(cells).map(Table::oneLine).toArray(String[]::new));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  void print(PrintWriter out) {
    int[] widths = new int[headings.length];
    for (int column = 0; column < widths.length; column++) {
      for (String[] row : rows) {
        widths[column] = Math.max(widths[column], length(row[column]));
      }
      if (widths[column] > 0) {
        widths[column] = Math.max(widths[column], length(headings[column]));
      }
    }
    if (Arrays.stream(headings).anyMatch(heading -> !heading.isEmpty())) {
      out.println(line(headings, widths));
    }
    rows.forEach(row -> out.println(line(row, widths)));
  }

  private String line(String[] cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    int used = 0;
    for (int column = 0; column < cells.length; column++) {
      if (widths[column] == 0) {
        continue;
      }
      if (used > 0) {
        line.append(GAP);
        used += GAP.length();
      }
      boolean last = column == cells.length - 1;
      String cell = last ? cut(cells[column], width - used) : cells[column];
      line.append(cell).repeat(' ', Math.max(0, widths[column] - length(cell)));
      used += widths[column];
    }
    return line.toString().stripTrailing();
  }

  static String cut(String text, int room) {
    if (length(text) <= room || room < MIN_LAST_COLUMN) {
      return text;
    }
    int end = 0;
    for (int used = 0; ; end += Character.charCount(text.codePointAt(end))) {
      used += columns(text.codePointAt(end));
      if (used > room - 1) {
        return text.substring(0, end) + "…";
      }
    }
  }

  /// In columns of a terminal, which gives two to an East Asian character and none to an accent
  /// that stands for itself.
  private static int length(String text) {
    return text.codePoints().map(Table::columns).sum();
  }

  private static int columns(int character) {
    return switch (Character.getType(character)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
      default ->
          switch (Character.UnicodeScript.of(character)) {
            case HAN, HIRAGANA, KATAKANA, HANGUL -> 2;
            default -> 1;
          };
    };
  }

  /// Messages come from a database: a line break or an escape sequence in them must not reach the
  /// terminal.
  static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
  }

  static int terminalWidth(@Nullable String columns) {
    try {
      return columns == null ? Integer.MAX_VALUE : Integer.parseInt(columns);
    } catch (NumberFormatException notATerminal) {
      return Integer.MAX_VALUE;
    }
  }
}
