package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import dev.longhaul.migration.StatementKind.TransactionControl;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/// Splits scripts into statements with the PostgreSQL driver's own parser, and finds what must not
/// stand in them.
public final class SqlScript {
  private SqlScript() {}

  /// The statements of a script, in order, without those that hold nothing but comments. Strings
  /// are read as `standard_conforming_strings = on` says, which every session of ours sets.
  public static List<String> split(String script) {
    try {
      List<String> statements = new ArrayList<>();
      for (NativeQuery query : Parser.parseJdbcSql(script, true, false, true, false, false)) {
        String statement = query.nativeSql.strip();
        List<Token> tokens = SqlTokens.of(statement);
        int end = endOfAtomicBody(tokens);
        if (end > 0) {
          statements.add(statement.substring(0, end).strip());
          statements.addAll(split(statement.substring(end + 1)));
        } else if (!tokens.isEmpty()) {
          statements.add(statement);
        }
      }
      return statements;
    } catch (SQLException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /// The driver's parser does not split behind a `begin atomic … end` body (as of 42.7.14). Where
  /// the semicolon behind the first such body stands; 0 if there is none.
  private static int endOfAtomicBody(List<Token> tokens) {
    int open = 0;
    boolean atomic = false;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.isWord("begin") && i + 1 < tokens.size() && tokens.get(i + 1).isWord("atomic")) {
        atomic = true;
        open++;
      } else if (atomic && token.isWord("case")) {
        open++;
      } else if (atomic && token.isWord("end")) {
        open--;
      } else if (atomic && open == 0 && token.isSign(';')) {
        return token.start();
      }
    }
    return 0;
  }

  /// Why Longhaul will not run this statement: a sentence with the way out; empty if it will.
  public static Optional<String> objection(String statement) {
    List<Token> tokens = SqlTokens.of(statement);
    if (tokens.stream().anyMatch(token -> token.isSign('\\'))) {
      return Optional.of(
          "holds a psql meta-command (a backslash): only psql knows these, the server does not;"
              + " write SQL");
    }
    return switch (StatementKind.of(statement)) {
      case TransactionControl(String words) ->
          Optional.of(
              "\"%s\" is transaction control: Longhaul commits each unit of work together with its journal entry, so a script must not; leave it out"
                  .formatted(words));
      case CreateIndexConcurrently index when index.index() == null ->
          Optional.of(
              "creates an index concurrently without a name: an interrupted build is recognised by"
                  + " its name; name the index");
      default -> copyObjection(tokens).or(() -> selectIntoObjection(tokens));
    };
  }

  /// Whether a statement says `concurrently` where PostgreSQL would understand it.
  public static boolean isConcurrent(String statement) {
    return SqlTokens.of(statement).stream().anyMatch(token -> token.isWord("concurrently"));
  }

  private static Optional<String> copyObjection(List<Token> tokens) {
    boolean fromStdin = false;
    for (int i = 0; i + 1 < tokens.size(); i++) {
      fromStdin |= tokens.get(i).isWord("from") && tokens.get(i + 1).isWord("stdin");
    }
    return tokens.getFirst().isWord("copy") && fromStdin
        ? Optional.of("copies from stdin, where no data will come: use insert, or a foreign table")
        : Optional.empty();
  }

  /// PL/pgSQL's EXECUTE, inside which a script runs, does not implement `select … into` (SQLSTATE
  /// 0A000), which is `create table … as` by another name.
  private static Optional<String> selectIntoObjection(List<Token> tokens) {
    if (!tokens.getFirst().isWord("select")) {
      return Optional.empty();
    }
    int depth = 0;
    for (Token token : tokens) {
      depth += token.isSign('(') ? 1 : token.isSign(')') ? -1 : 0;
      if (depth == 0 && token.isWord("into")) {
        return Optional.of("is a \"select … into\": write \"create table … as select …\" instead");
      }
    }
    return Optional.empty();
  }
}
