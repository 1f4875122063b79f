package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where a statement names a table, and what the table's columns are called by there.
///
/// @param table its name, behind its schema's where that is said; as the catalog has them
/// @param alias as written
/// @param assigned the columns that are set there; as the catalog has them
public record StatementAlias(List<String> table, String alias, Use use, List<String> assigned) {
  /// What the statement does to the rows that are called so.
  public enum Use {
    CHANGES,
    /// Adds to them. Their columns have no name where the new rows are selected.
    INSERTS,
    READS
  }

  /// What may follow a table's name and is no alias.
  private static final Set<String> KEY_WORDS =
      Set.of(
          "set",
          "where",
          "using",
          "from",
          "join",
          "inner",
          "left",
          "right",
          "full",
          "cross",
          "natural",
          "on",
          "order",
          "group",
          "having",
          "limit",
          "offset",
          "fetch",
          "for",
          "returning",
          "union",
          "intersect",
          "except",
          "tablesample",
          "window",
          "when",
          "values",
          "select",
          "default",
          "overriding",
          "with");

  /// Words behind which a comma stands between other things than tables.
  private static final Set<String> ENDS_OF_FROM =
      Set.of("select", "set", "where", "group", "having", "window", "order", "returning", "values");

  private static final Set<String> ENDS_OF_SET = Set.of("where", "returning");

  public StatementAlias {
    table = List.copyOf(table);
    assigned = List.copyOf(assigned);
  }

  /// In their order; also of what only looks like a table, such as a function's argument.
  public static List<StatementAlias> of(String statement) {
    List<Token> tokens = SqlTokens.of(statement);
    List<StatementAlias> found = new ArrayList<>();
    List<Boolean> isInFrom = new ArrayList<>(List.of(false));
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.isSign('(') || token.isSign('[')) {
        isInFrom.add(token.isSign('(') && isInFrom.getLast() && !isFreeName(tokens, i - 1));
      } else if ((token.isSign(')') || token.isSign(']')) && isInFrom.size() > 1) {
        isInFrom.removeLast();
      } else if (ENDS_OF_FROM.contains(token.text())) {
        isInFrom.set(isInFrom.size() - 1, false);
      } else if (beginsFrom(tokens, i)) {
        isInFrom.set(isInFrom.size() - 1, true);
      }
      @Nullable Use use = target(tokens, i);
      boolean isListed = isInFrom.getLast() && (token.isSign(',') || token.isSign('('));
      if (use == null && (isListed || beginsFrom(tokens, i))) {
        use = Use.READS;
      }
      if (use != null) {
        read(tokens, i + 1, use).ifPresent(found::add);
      }
    }
    return found;
  }

  /// What a word does to the table that follows; null where none does that is changed.
  private static @Nullable Use target(List<Token> tokens, int i) {
    if (isWord(tokens, i, "update")) {
      boolean isRowLock = isWord(tokens, i - 1, "for") || isWord(tokens, i - 1, "key");
      // "On conflict do update set", and a merge's, are about the table that was named before.
      return isRowLock || isWord(tokens, i + 1, "set") ? null : Use.CHANGES;
    }
    if (isWord(tokens, i, "into")) {
      return isWord(tokens, i - 1, "merge") ? Use.CHANGES : Use.INSERTS;
    }
    return isWord(tokens, i, "from") && isWord(tokens, i - 1, "delete") ? Use.CHANGES : null;
  }

  private static boolean beginsFrom(List<Token> tokens, int i) {
    return isFrom(tokens, i) || isWord(tokens, i, "using") || isWord(tokens, i, "join");
  }

  /// Not that of `is distinct from`.
  private static boolean isFrom(List<Token> tokens, int i) {
    return isWord(tokens, i, "from") && !isWord(tokens, i - 1, "distinct");
  }

  private static Optional<StatementAlias> read(List<Token> tokens, int at, Use use) {
    int next = at;
    next += isWord(tokens, next, "only") ? 1 : 0;
    boolean isInBrackets = next > at && isSign(tokens, next, '(');
    next += isInBrackets ? 1 : 0;
    List<String> name = new ArrayList<>();
    while (isFreeName(tokens, next)) {
      name.add(plain(tokens.get(next)));
      next++;
      if (!isSign(tokens, next, '.')) {
        break;
      }
      next++;
    }
    boolean isFunction = use == Use.READS && isSign(tokens, next, '(');
    if (name.isEmpty() || !isFreeName(tokens, next - 1) || isFunction) {
      return Optional.empty();
    }
    String alias = tokens.get(next - 1).text();
    next += isSign(tokens, next, '*') || (isInBrackets && isSign(tokens, next, ')')) ? 1 : 0;
    boolean isSaid = isWord(tokens, next, "as");
    next += isSaid ? 1 : 0;
    if (isSaid ? isName(tokens, next) : isFreeName(tokens, next)) {
      alias = tokens.get(next).text();
    }
    // What stands before the schema is the database.
    return Optional.of(
        new StatementAlias(
            name.subList(Math.max(0, name.size() - 2), name.size()),
            alias,
            use,
            use == Use.READS ? List.of() : assigned(tokens, next)));
  }

  /// What is set until the next table is changed: `set a = …, (b, c) = …`.
  private static List<String> assigned(List<Token> tokens, int from) {
    List<String> columns = new ArrayList<>();
    // Of the brackets behind "set"; negative where none is.
    int depth = -1;
    for (int i = from; i < tokens.size() && target(tokens, i) == null; i++) {
      Token token = tokens.get(i);
      if (token.isSign('(') || token.isSign('[')) {
        depth += depth < 0 ? 0 : 1;
      } else if (token.isSign(')') || token.isSign(']')) {
        depth -= depth < 0 ? 0 : 1;
      } else if (depth <= 0 && token.isWord("set")) {
        depth = 0;
        columns.addAll(leading(tokens, i + 1));
      } else if (depth == 0 && token.isSign(',')) {
        columns.addAll(leading(tokens, i + 1));
      } else if (depth == 0 && (ENDS_OF_SET.contains(token.text()) || isFrom(tokens, i))) {
        depth = -1;
      }
    }
    return columns;
  }

  /// The column, or the columns in brackets, of an assignment.
  private static List<String> leading(List<Token> tokens, int at) {
    if (isName(tokens, at)) {
      return List.of(plain(tokens.get(at)));
    }
    List<String> columns = new ArrayList<>();
    for (int i = at; isSign(tokens, at, '(') && i + 1 < tokens.size(); i++) {
      if ((i == at || tokens.get(i).isSign(',')) && isName(tokens, i + 1)) {
        columns.add(plain(tokens.get(i + 1)));
      } else if (tokens.get(i).isSign(')')) {
        break;
      }
    }
    return columns;
  }

  /// Whether an update changes the table itself.
  public static boolean isUpdated(String statement, String table) {
    List<Token> tokens = SqlTokens.of(statement);
    for (int i = 0; i + 1 < tokens.size(); i++) {
      if (tokens.get(i).isWord("update")) {
        int name = i + 1;
        name += tokens.get(name).isWord("only") ? 1 : 0;
        while (name + 2 < tokens.size() && tokens.get(name + 1).isSign('.')) {
          name += 2;
        }
        if (name < tokens.size() && isNamed(tokens.get(name), table)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isNamed(Token token, String table) {
    return token.isName()
        && (token.text().equals(table)
            || token.text().equals('"' + table + '"')
            || ('"' + token.text() + '"').equals(table));
  }

  private static String plain(Token name) {
    return name.type() == SqlTokens.Type.WORD
        ? name.text()
        : name.text().substring(1, Math.max(1, name.text().length() - 1)).replace("\"\"", "\"");
  }

  private static boolean isWord(List<Token> tokens, int i, String word) {
    return i >= 0 && i < tokens.size() && tokens.get(i).isWord(word);
  }

  private static boolean isSign(List<Token> tokens, int i, char sign) {
    return i < tokens.size() && tokens.get(i).isSign(sign);
  }

  private static boolean isName(List<Token> tokens, int i) {
    return i < tokens.size() && tokens.get(i).isName();
  }

  private static boolean isFreeName(List<Token> tokens, int i) {
    return i >= 0 && isName(tokens, i) && !KEY_WORDS.contains(tokens.get(i).text());
  }
}
