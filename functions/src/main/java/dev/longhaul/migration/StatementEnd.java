package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import java.util.Arrays;

/// Finds the semicolon that ends a statement, by the rules of psql (`psqlscan.l`): not one in
/// parentheses, as rules have it, and not one in the body of a function or procedure between `begin
/// atomic` and its `end`; nor, for SQLite, one between the `begin` and the `end` of a trigger. The
/// driver's own splitter (42.7) does not see where such a body ends and takes the rest of the
/// script for a part of it.
final class StatementEnd {
  private static final int LEADING_WORDS = 4;

  private final StringBuilder leading = new StringBuilder();
  private String before = "";
  private boolean onTable;
  private int words;
  private int parentheses;
  private int blocks;

  /// Call it for each token of the statement in turn.
  boolean isAt(Token token) {
    if (token.isSign('(')) {
      parentheses++;
    } else if (token.isSign(')')) {
      parentheses = Math.max(0, parentheses - 1);
    } else if (token.isSign(';')) {
      return parentheses == 0 && blocks == 0;
    } else if (token.type() == SqlTokens.Type.WORD) {
      word(token);
    }
    return false;
  }

  private void word(Token token) {
    if (words < LEADING_WORDS) {
      words++;
      leading.append(token.text()).append(' ');
    }
    boolean opens =
        (token.isWord("atomic") && before.equals("begin") && starts("function", "procedure"))
            || (token.isWord("begin") && onTable && starts("trigger"));
    onTable |= token.isWord("on");
    before = token.text();
    if (parentheses > 0) {
      return;
    }
    if (opens || (token.isWord("case") && blocks > 0)) {
      blocks++;
    } else if (token.isWord("end")) {
      blocks = Math.max(0, blocks - 1);
    }
  }

  /// Whether the statement creates an object of one of these kinds.
  private boolean starts(String... kinds) {
    String start = leading.toString();
    return Arrays.stream(kinds)
        .anyMatch(kind -> start.matches("create (or replace |temp |temporary )?" + kind + " .*"));
  }
}
