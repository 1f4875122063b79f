package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `:batch` in a statement: where the condition stands that selects the rows of one batch.
public final class Placeholder {
  public static final String TEXT = ":batch";

  private Placeholder() {}

  public static boolean isIn(String statement) {
    return !positions(statement).isEmpty();
  }

  /// The statement with a condition in the placeholder's stead.
  public static String replace(String statement, String condition) {
    StringBuilder text = new StringBuilder();
    int end = 0;
    for (int position : positions(statement)) {
      text.append(statement, end, position).append('(').append(condition).append(')');
      end = position + TEXT.length();
    }
    return text.append(statement.substring(end)).toString();
  }

  /// Outside of quotes and comments; not the cast `::batch`, and not the end of an array's slice,
  /// `[1:batch]`.
  private static List<Integer> positions(String statement) {
    List<Integer> positions = new ArrayList<>();
    List<Token> tokens = SqlTokens.of(statement);
    int brackets = 0;
    for (int i = 0; i + 1 < tokens.size(); i++) {
      Token token = tokens.get(i);
      brackets += token.isSign('[') ? 1 : token.isSign(']') ? -1 : 0;
      boolean isCast =
          i > 0 && tokens.get(i - 1).isSign(':') && tokens.get(i - 1).end() == token.start();
      if (token.isSign(':')
          && brackets == 0
          && !isCast
          && tokens.get(i + 1).isWord("batch")
          && tokens.get(i + 1).start() == token.end()) {
        positions.add(token.start());
      }
    }
    return positions;
  }

  /// Why a statement cannot be run in batches: a sentence with the way out; empty if it can.
  ///
  /// @param key columns that it must leave as they are
  public static Optional<String> objection(String statement, List<String> key) {
    List<Token> tokens = SqlTokens.of(statement);
    if (!(StatementKind.of(statement) instanceof StatementKind.Data)
        || tokens.getFirst().isWord("select")
        || tokens.getFirst().isWord("copy")) {
      return Optional.of(
          "holds :batch, but is none that changes rows: only update, delete, insert, merge and"
              + " \"with\" run in batches");
    }
    if (limitsWithoutOrder(tokens)) {
      return Optional.of(
          "takes some rows by \"limit\" without \"order by\": which ones differs from time to time;"
              + " leave it out, :batch limits the rows");
    }
    // What an insert sets on conflict are another table's columns, as a rule.
    boolean inserts = tokens.stream().anyMatch(token -> token.isWord("insert"));
    return key.stream()
        .filter(column -> !inserts && assigns(tokens, column))
        .findFirst()
        .map(
            column ->
                "changes \"%s\", the key that it is walked by: a row would be met again or missed; walk by another key"
                    .formatted(column));
  }

  private static boolean limitsWithoutOrder(List<Token> tokens) {
    List<Boolean> isOrdered = new ArrayList<>(List.of(false));
    for (Token token : tokens) {
      if (token.isSign('(')) {
        isOrdered.add(false);
      } else if (token.isSign(')') && isOrdered.size() > 1) {
        isOrdered.removeLast();
      } else if (token.isWord("order")) {
        isOrdered.set(isOrdered.size() - 1, true);
      } else if ((token.isWord("limit") || token.isWord("fetch")) && !isOrdered.getLast()) {
        return true;
      }
    }
    return false;
  }

  /// Whether an update sets the column: `set a = …, key = …` or `set (a, key) = …`.
  private static boolean assigns(List<Token> tokens, String column) {
    boolean inSet = false;
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      depth += token.isSign('(') ? 1 : token.isSign(')') ? -1 : 0;
      if (token.isWord("set")) {
        inSet = true;
        depth = 0;
      } else if (depth == 0
          && (token.isWord("where") || token.isWord("from") || token.isWord("returning"))) {
        inSet = false;
      } else if (inSet && isNamed(token, column) && isAssigned(tokens, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isNamed(Token token, String column) {
    return token.isName()
        && (token.text().equals(column) || token.text().equals('"' + column + '"'));
  }

  /// Behind `set`, `,` or `(`, and before `=`, `,` or `)` that an `=` follows.
  private static boolean isAssigned(List<Token> tokens, int i) {
    Token before = tokens.get(i - 1);
    boolean begins = before.isWord("set") || before.isSign(',') || before.isSign('(');
    if (!begins || i + 1 >= tokens.size()) {
      return false;
    }
    if (tokens.get(i + 1).isSign('=')) {
      return !before.isSign('(');
    }
    int end = i + 1;
    while (end < tokens.size() && (tokens.get(end).isName() || tokens.get(end).isSign(','))) {
      end++;
    }
    return end + 1 < tokens.size()
        && tokens.get(end).isSign(')')
        && tokens.get(end + 1).isSign('=');
  }
}
