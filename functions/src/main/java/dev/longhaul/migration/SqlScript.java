package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import dev.longhaul.migration.StatementKind.TransactionControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Splits scripts into statements, and finds what must not stand in them.
public final class SqlScript {
  private SqlScript() {}

  /// The statements of a script, in order, without those that hold nothing but comments. Strings
  /// are read as `standard_conforming_strings = on` says, which every session of ours sets.
  public static List<String> split(String script) {
    List<String> statements = new ArrayList<>();
    StatementEnd end = new StatementEnd();
    int start = 0;
    boolean empty = true;
    for (Token token : SqlTokens.of(script)) {
      if (end.isAt(token)) {
        if (!empty) {
          statements.add(script.substring(start, token.start()).strip());
        }
        start = token.end();
        empty = true;
        end = new StatementEnd();
      } else {
        empty = false;
      }
    }
    if (!empty) {
      statements.add(script.substring(start).strip());
    }
    return statements;
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
      default ->
          discardObjection(tokens)
              .or(() -> copyObjection(tokens))
              .or(() -> selectIntoObjection(tokens));
    };
  }

  /// Whether a statement only reads, as far as its first word tells.
  public static boolean isQuery(String statement) {
    return SqlTokens.of(statement).getFirst().isWord("select");
  }

  /// Whether a statement says `concurrently` where PostgreSQL would understand it.
  public static boolean isConcurrent(String statement) {
    return SqlTokens.of(statement).stream().anyMatch(token -> token.isWord("concurrently"));
  }

  private static Optional<String> discardObjection(List<Token> tokens) {
    return tokens.size() > 1 && tokens.get(0).isWord("discard") && tokens.get(1).isWord("all")
        ? Optional.of(
            "gives up the session's locks, by which Longhaul knows that the migration runs; leave"
                + " it out")
        : Optional.empty();
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
    if (!tokens.getFirst().isWord("select") && !tokens.getFirst().isWord("with")) {
      return Optional.empty();
    }
    int depth = 0;
    for (int i = 1; i < tokens.size(); i++) {
      Token before = tokens.get(i - 1);
      Token token = tokens.get(i);
      depth += token.isSign('(') ? 1 : token.isSign(')') ? -1 : 0;
      if (depth == 0
          && token.isWord("into")
          && !before.isWord("insert")
          && !before.isWord("merge")) {
        return Optional.of("is a \"select … into\": write \"create table … as select …\" instead");
      }
    }
    return Optional.empty();
  }
}
