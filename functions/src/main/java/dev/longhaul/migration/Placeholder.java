package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `:batch` in a statement: where the condition stands that selects the rows of one batch.
public final class Placeholder {
  public static final String TEXT = ":batch";

  /// Each begins another condition, or ends one.
  private static final Set<String> CLAUSES =
      Set.of(
          "select",
          "from",
          "using",
          "where",
          "on",
          "when",
          "then",
          "set",
          "values",
          "returning",
          "group",
          "having",
          "order",
          "union");

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
    if (isAlternative(statement, tokens)) {
      return Optional.of(
          "holds :batch beside \"or\" or behind \"not\", so that some rows would be changed in"
              + " every batch; put the other conditions in parentheses, like \"(a or b) and"
              + " :batch\"");
    }
    return Optional.empty();
  }

  /// A condition as far as it has been read: within one pair of parentheses, and one clause.
  private static final class Condition {
    boolean hasOr;
    boolean isNegated;
    boolean holdsPlaceholder;
  }

  /// Whether rows outside of the batch may be changed with it.
  private static boolean isAlternative(String statement, List<Token> tokens) {
    List<Integer> placeholders = positions(statement);
    Deque<Condition> open = new ArrayDeque<>(List.of(new Condition()));
    for (Token token : tokens) {
      if (token.isSign('(')) {
        open.push(new Condition());
        continue;
      }
      boolean isInner = token.isSign(')') && open.size() > 1 && open.pop().holdsPlaceholder;
      Condition condition = open.element();
      if (CLAUSES.stream().anyMatch(token::isWord)) {
        open.pop();
        open.push(new Condition());
      } else if (token.isWord("or")) {
        condition.hasOr = true;
        condition.isNegated = false;
      } else if (token.isWord("and")) {
        condition.isNegated = false;
      } else if (token.isWord("not")) {
        condition.isNegated = true;
      } else if (isInner || placeholders.contains(token.start())) {
        condition.holdsPlaceholder = true;
        if (condition.isNegated) {
          return true;
        }
      }
      if (condition.holdsPlaceholder && condition.hasOr) {
        return true;
      }
    }
    return false;
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
