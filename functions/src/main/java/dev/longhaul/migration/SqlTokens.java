package dev.longhaul.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The words and signs of a statement, without comments, as PostgreSQL's own scanner sees them
/// (`scan.l`). Not as the driver's does, which (42.7) takes `/*/` for a whole comment, knows
/// neither escapes in a string's second line nor all letters, and sees less of a script than the
/// server.
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

  /// Every character that is not ASCII is a letter, spaces and signs among them.
  private static final String LETTERS = "A-Za-z_\\x80-\\x{10FFFF}";

  private static final Pattern WORD = Pattern.compile("[%1$s][%1$s0-9$]*+".formatted(LETTERS));
  private static final Pattern DOLLAR_QUOTE =
      Pattern.compile("[$](?:[%1$s][%1$s0-9]*+)?[$]".formatted(LETTERS));

  private final String sql;
  private final List<Token> tokens = new ArrayList<>();

  private SqlTokens(String sql) {
    this.sql = sql;
  }

  static List<Token> of(String sql) {
    return new SqlTokens(sql).scan();
  }

  /// What PostgreSQL takes for a space; to it U+00A0, U+2028 and U+3000 are letters.
  static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private List<Token> scan() {
    Matcher word = WORD.matcher(sql);
    Matcher dollarQuote = DOLLAR_QUOTE.matcher(sql);
    int end;
    for (int start = 0; start < sql.length(); start = end) {
      char c = sql.charAt(start);
      if (isSpace(c)) {
        end = start + 1;
      } else if (sql.startsWith("--", start)) {
        end = endOfLine(start);
      } else if (sql.startsWith("/*", start)) {
        end = endOfComment(start);
      } else if (c == '\'') {
        end = add(Type.STRING, start, endOfString(start, isEscapeString(start)));
      } else if (c == '"') {
        end = add(Type.QUOTED_IDENTIFIER, start, endOfQuotedIdentifier(start));
      } else if (startsWith(dollarQuote, start)) {
        end = add(Type.STRING, start, endBehind(dollarQuote.group(), dollarQuote.end()));
      } else if (startsWith(word, start)) {
        end = word.end();
        tokens.add(new Token(Type.WORD, folded(word.group()), start, end));
      } else {
        end = add(Type.SIGN, start, start + 1);
      }
    }
    return tokens;
  }

  private boolean startsWith(Matcher matcher, int start) {
    return matcher.region(start, sql.length()).lookingAt();
  }

  private int add(Type type, int start, int end) {
    tokens.add(new Token(type, sql.substring(start, end), start, end));
    return end;
  }

  /// Whether the quote begins an `E'…'`, in which a backslash escapes.
  private boolean isEscapeString(int quote) {
    return !tokens.isEmpty() && tokens.getLast().isWord("e") && tokens.getLast().end() == quote;
  }

  private int endOfString(int start, boolean escapes) {
    int i = start + 1;
    while (i < sql.length()) {
      char c = sql.charAt(i++);
      if (c == '\\' && escapes) {
        i++;
      } else if (c == '\'') {
        int next = continuation(i);
        if (next < 0) {
          return i;
        }
        i = next;
      }
    }
    return sql.length();
  }

  /// Behind the quote with which a string goes on: a quote inside is written twice, and strings in
  /// lines one below the other are one. Negative if it does not go on.
  private int continuation(int from) {
    int i = from;
    boolean isNewLine = false;
    while (i < sql.length()) {
      char c = sql.charAt(i);
      if (c == '\'') {
        return i == from || isNewLine ? i + 1 : -1;
      } else if (sql.startsWith("--", i)) {
        i = endOfLine(i);
      } else if (isSpace(c)) {
        isNewLine |= c == '\n' || c == '\r';
        i++;
      } else {
        return -1;
      }
    }
    return -1;
  }

  private int endOfQuotedIdentifier(int start) {
    int end = endBehind("\"", start + 1);
    while (sql.startsWith("\"", end)) {
      end = endBehind("\"", end + 1);
    }
    return end;
  }

  private int endOfLine(int start) {
    int i = start;
    while (i < sql.length() && sql.charAt(i) != '\n' && sql.charAt(i) != '\r') {
      i++;
    }
    return i;
  }

  /// Comments nest.
  private int endOfComment(int start) {
    int depth = 1;
    int i = start + 2;
    while (i < sql.length() && depth > 0) {
      boolean opens = sql.startsWith("/*", i);
      boolean closes = sql.startsWith("*/", i);
      depth += opens ? 1 : closes ? -1 : 0;
      i += opens || closes ? 2 : 1;
    }
    return i;
  }

  private int endBehind(String quote, int from) {
    int at = sql.indexOf(quote, from);
    return at < 0 ? sql.length() : at + quote.length();
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
}
