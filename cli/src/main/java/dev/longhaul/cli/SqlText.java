package dev.longhaul.cli;

/// The little that has to be known of SQL here; splitting it is the functions' work.
final class SqlText {
  private SqlText() {}

  /// Whether there is nothing but white space and comments. Block comments nest, as in PostgreSQL.
  static boolean isBlank(CharSequence sql) {
    int depth = 0;
    for (int i = 0; i < sql.length(); i++) {
      char next = i + 1 < sql.length() ? sql.charAt(i + 1) : '\0';
      char current = sql.charAt(i);
      if (current == '/' && next == '*') {
        depth++;
        i++;
      } else if (depth > 0 && current == '*' && next == '/') {
        depth--;
        i++;
      } else if (depth == 0 && current == '-' && next == '-') {
        while (i < sql.length() && sql.charAt(i) != '\n') {
          i++;
        }
      } else if (depth == 0 && !Character.isWhitespace(current)) {
        return false;
      }
    }
    // A comment that nobody closed is for the functions to refuse.
    return depth == 0;
  }
}
