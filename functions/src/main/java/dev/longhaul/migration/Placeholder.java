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
  public static Optional<String> objection(String statement) {
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
    return Optional.empty();
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
}
