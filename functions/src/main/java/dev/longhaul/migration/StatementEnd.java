package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import java.util.Arrays;
import java.util.Set;

/// Finds the semicolon that ends a statement: not one in parentheses, as rules have it, and not one
/// in the body of a function or procedure between `begin atomic` and its `end`; nor, for SQLite,
/// one between the `begin` and the `end` of a trigger. The driver's own splitter (42.7) does not
/// see where such a body ends and takes the rest of the script for a part of it; psql
/// (`psqlscan.l`) counts each `case` and `end`, and errs where a column has that name. But by the
/// grammar (`routine_body_stmt_list` in `gram.y`) each statement of a body has its semicolon, so
/// the body's `end` is the one that stands where a statement would begin.
final class StatementEnd {
  private static final int LEADING_WORDS = 4;

  /// How a statement in a trigger of SQLite begins
  /// (<https://www.sqlite.org/lang_createtrigger.html>).
  private static final Set<String> TRIGGERED =
      Set.of("delete", "insert", "replace", "select", "update", "values", "with");

  private final StringBuilder leading = new StringBuilder();
  private String before = "";
  private int words;
  private int parentheses;
  private boolean isInBody;

  /// Where a statement of the body would begin.
  private boolean isAtStart;

  /// Call it for each token of the statement in turn.
  boolean isAt(Token token) {
    boolean starts = token.isSign(';');
    if (token.isSign('(')) {
      parentheses++;
    } else if (token.isSign(')')) {
      parentheses = Math.max(0, parentheses - 1);
    } else if (token.type() == SqlTokens.Type.WORD) {
      starts = word(token);
    }
    isAtStart = starts;
    before = token.text();
    return token.isSign(';') && parentheses == 0 && !isInBody;
  }

  /// Whether a body begins behind the word.
  private boolean word(Token token) {
    if (words < LEADING_WORDS) {
      words++;
      leading.append(token.text()).append(' ');
    }
    if (parentheses > 0) {
      return false;
    }
    boolean opens = !isInBody && opensBody(token);
    isInBody = opens || (isInBody && !(isAtStart && token.isWord("end")));
    return opens;
  }

  private boolean opensBody(Token token) {
    return before.equals("begin")
        && ((token.isWord("atomic") && creates("function", "procedure"))
            || (TRIGGERED.contains(token.text()) && creates("trigger")));
  }

  /// Whether the statement creates an object of one of these kinds.
  private boolean creates(String... kinds) {
    String start = leading.toString();
    return Arrays.stream(kinds)
        .anyMatch(kind -> start.matches("create (or replace |temp |temporary )?" + kind + " .*"));
  }
}
