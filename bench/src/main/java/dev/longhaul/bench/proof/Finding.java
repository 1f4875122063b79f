package dev.longhaul.bench.proof;

import java.util.List;

/// What a part has to say for the page.
///
/// @param title of its section
/// @param figures for the page's first table
/// @param text the section, in Markdown
/// @param violations what does not hold, in words; none if all does
record Finding(String title, List<Figure> figures, String text, List<String> violations) {
  /// @param what in words, like "states explored"
  record Figure(String what, String number) {}
}
