package dev.longhaul.migration;

import java.util.ArrayList;
import java.util.List;
import org.postgresql.core.Parser;

/// The words and signs of a statement, without comments. Quotes, comments and dollar quotes end
/// where the driver's own scanner says that they end.
final class SqlTokens {
  enum Type {
    /// A key word or a plain identifier, folded to lower case as PostgreSQL folds it.
    WORD,
    /// `"…"`, with its quotes.
    QUOTED_IDENTIFIER,
    /// `'…'` or `$tag$…$tag$`, with its quotes.
    STRING,
    /// Any other single character.
    SIGN
  }

  record Token(Type type, String text, int start, int end) {
    boolean isWord(String word) {
      return type == Type.WORD && text.equals(word);
    }

    boolean isSign(char sign) {
      return type == Type.SIGN && text.charAt(0) == sign;
    }

    boolean isName() {
      return type == Type.WORD || type == Type.QUOTED_IDENTIFIER;
    }
  }

  private SqlTokens() {}

  static List<Token> of(String sql) {
    char[] chars = sql.toCharArray();
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < chars.length; i++) {
      int start = i;
      char c = chars[i];
      if (Character.isWhitespace(c)) {
        continue;
      }
      if (c == '-' && startsComment(chars, i, '-')) {
        i = Parser.parseLineComment(chars, i);
      } else if (c == '/' && startsComment(chars, i, '*')) {
        i = Parser.parseBlockComment(chars, i);
      } else if (c == '\'') {
        boolean isStandard = !isEscapeString(chars, i);
        i = Parser.parseSingleQuotes(chars, i, isStandard);
        // A quote inside is written twice, where the driver sees two strings, of which it knows how
        // to read the first alone.
        while (i + 1 < chars.length && chars[i + 1] == '\'') {
          i = Parser.parseSingleQuotes(chars, i + 1, isStandard);
        }
        tokens.add(token(Type.STRING, sql, start, i));
      } else if (c == '"') {
        i = Parser.parseDoubleQuotes(chars, i);
        // A quote inside is written twice, where the driver sees two identifiers.
        while (i + 1 < chars.length && chars[i + 1] == '"') {
          i = Parser.parseDoubleQuotes(chars, i + 1);
        }
        tokens.add(token(Type.QUOTED_IDENTIFIER, sql, start, i));
      } else if (c == '$' && Parser.parseDollarQuotes(chars, i) > i) {
        i = Parser.parseDollarQuotes(chars, i);
        tokens.add(token(Type.STRING, sql, start, i));
      } else if (Parser.isIdentifierStartChar(c)) {
        while (i + 1 < chars.length && Parser.isIdentifierContChar(chars[i + 1])) {
          i++;
        }
        tokens.add(new Token(Type.WORD, folded(sql.substring(start, i + 1)), start, i + 1));
      } else {
        tokens.add(token(Type.SIGN, sql, start, i));
      }
    }
    return tokens;
  }

  /// In a database in UTF-8, PostgreSQL folds ASCII letters and no others (`downcase_identifier` in
  /// `scansup.c`).
  private static String folded(String word) {
    StringBuilder folded = new StringBuilder(word);
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        folded.setCharAt(i, (char) (c + ('a' - 'A')));
      }
    }
    return folded.toString();
  }

  /// Whether the quote at `i` begins an `E'…'`, in which a backslash escapes.
  private static boolean isEscapeString(char[] chars, int i) {
    return i > 0
        && (chars[i - 1] == 'E' || chars[i - 1] == 'e')
        && (i == 1 || !Parser.isIdentifierContChar(chars[i - 2]));
  }

  private static boolean startsComment(char[] chars, int i, char second) {
    return i + 1 < chars.length && chars[i + 1] == second;
  }

  private static Token token(Type type, String sql, int start, int last) {
    int end = Math.min(last + 1, sql.length());
    return new Token(type, sql.substring(start, end), start, end);
  }
}
