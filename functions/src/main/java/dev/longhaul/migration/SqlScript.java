package dev.longhaul.migration;

import dev.longhaul.migration.SqlTokens.Token;
import dev.longhaul.migration.StatementKind.CreateIndexConcurrently;
import dev.longhaul.migration.StatementKind.Setting;
import dev.longhaul.migration.StatementKind.TransactionControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

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
          statements.add(stripped(script, start, token.start()));
        }
        start = token.end();
        empty = true;
        end = new StatementEnd();
      } else {
        empty = false;
      }
    }
    if (!empty) {
      statements.add(stripped(script, start, script.length()));
    }
    return statements;
  }

  /// Without spaces around it, but with all that is a letter to PostgreSQL and a space to Java.
  private static String stripped(String script, int start, int end) {
    int first = start;
    while (first < end && SqlTokens.isSpace(script.charAt(first))) {
      first++;
    }
    int last = end;
    while (last > first && SqlTokens.isSpace(script.charAt(last - 1))) {
      last--;
    }
    return script.substring(first, last);
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
      case Setting(String name) -> settingObjection(name, tokens);
      default ->
          lockObjection(tokens)
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

  private static Optional<String> lockObjection(List<Token> tokens) {
    boolean discardsAll =
        tokens.size() > 1 && tokens.get(0).isWord("discard") && tokens.get(1).isWord("all");
    return discardsAll || tokens.stream().anyMatch(token -> token.isWord("pg_advisory_unlock_all"))
        ? Optional.of(
            "gives up the session's locks, by which Longhaul knows that the migration runs; leave"
                + " it out")
        : Optional.empty();
  }

  /// The driver reads what the server sends in one encoding and one style of dates, and closes the
  /// connection when they change (`receiveParameterStatus` in its `QueryExecutorImpl`).
  private static Optional<String> settingObjection(String name, List<Token> tokens) {
    String words =
        tokens.stream()
            .map(token -> token.text().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(" "));
    boolean isOtherEncoding =
        (name.equals("client_encoding") || name.equals("names"))
            && !words.matches("reset.*|.*\\b(default|utf-?8|unicode)\\b.*");
    boolean isOtherStyle =
        name.equals("datestyle") && words.matches(".*\\b(german|sql|postgres).*");
    return isOtherEncoding || isOtherStyle
        ? Optional.of(
            "changes how the server writes to its client, at which the driver closes the"
                + " connection; leave it out, or do what needs it in a function with \"set %s\""
                    .formatted(isOtherStyle ? "datestyle" : "client_encoding"))
        : name.equals("authorization")
            ? Optional.of(
                "changes whose session it is, and with it who writes the journal: use \"set role\"")
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
