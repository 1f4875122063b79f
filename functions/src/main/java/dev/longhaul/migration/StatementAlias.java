package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The other names that a statement gives a table.
public final class StatementAlias {
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

  private StatementAlias() {}

  /// @param table the table's name without its schema, quoted where it must be
  public static List<String> of(String statement, String table) {
    List<Token> tokens = SqlTokens.of(statement);
    List<String> aliases = new ArrayList<>();
    for (int i = 0; i + 1 < tokens.size(); i++) {
      if (isTable(tokens, i, table)) {
        int next = i + 1;
        next += tokens.get(next).isSign('*') ? 1 : 0;
        boolean isSaid = next < tokens.size() && tokens.get(next).isWord("as");
        next += isSaid ? 1 : 0;
        if (next < tokens.size()
            && tokens.get(next).isName()
            && (isSaid || !KEY_WORDS.contains(tokens.get(next).text()))
            && !aliases.contains(tokens.get(next).text())) {
          aliases.add(tokens.get(next).text());
        }
      }
    }
    return aliases;
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

  /// A table's name where one is used, and not a column's qualifier.
  private static boolean isTable(List<Token> tokens, int i, String table) {
    return isNamed(tokens.get(i), table) && !tokens.get(i + 1).isSign('.');
  }

  private static boolean isNamed(Token token, String table) {
    return token.isName()
        && (token.text().equals(table)
            || token.text().equals('"' + table + '"')
            || ('"' + token.text() + '"').equals(table));
  }
}
