package dev.longhaul.migration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.Hostile;
import dev.longhaul.testing.SimpleQuery;
import dev.longhaul.testing.SimpleQuery.Command;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The splitter against PostgreSQL's own parser: a script that the server takes whole is, taken
/// statement by statement, the same commands with the same results.
class ServerSplitTest {
  private static final List<String> GAPS =
      List.of(
          " ",
          " ",
          " ",
          "\n",
          "\t",
          "\r\n",
          "\f",
          " -- it's; $$\n",
          " --\r",
          "/* ; */",
          "/* it's /* ; */ \" */",
          "/*/ ; */",
          "/***/",
          " /*/**/;*/ ",
          "\n--;\n\n");

  private static final List<String> ENDS =
      List.of(";", ";", ";\n", "; ;", ";;\n", " ;--x\n", ";/* ; */", "\n;\r\n", ";-- it's\r");

  /// What stands in quotes. None holds the tag or the sign by which its quotes could end.
  private static final List<String> PIECES =
      List.of(
          "a",
          " ",
          ";",
          "; ",
          "--",
          "--\n",
          "/*",
          "*/",
          "$$",
          "$a$",
          "$1",
          "\"",
          "(",
          ")",
          "end;",
          "begin atomic",
          "case",
          "\n",
          "\r",
          "é",
          "名",
          "🚀",
          "\u00a0",
          "\u2028",
          "'");

  private static final List<String> TAGS =
      List.of("$q$", "$q1_$", "$größe$", "$🚀q$", "$°$", "$_$");

  private static final List<String> LABELS =
      List.of(
          "c",
          "\"c;\"",
          "\"c\"\";\"",
          "\"'\"",
          "\"$$\"",
          "\"--\"",
          "\"/*\"",
          "\"\\\"",
          "end",
          "case",
          "begin",
          "atomic",
          "a$b$c",
          "b$$",
          "e",
          "größe",
          "名前",
          "🚀$a$",
          "°",
          "x\u00a0y",
          "x\u3000",
          "\u2028",
          "U&\"d\\0061t;\"",
          "U&\"!003b;\" uescape '!'");

  private static final SimpleQuery server = new SimpleQuery(Database.create());
  private static int schemas;

  @AfterAll
  static void leave() {
    server.close();
  }

  static Stream<Arguments> regression() throws IOException {
    try (InputStream file =
        ServerSplitTest.class.getResourceAsStream("/statements/regression.sql")) {
      String text = new String(Objects.requireNonNull(file).readAllBytes(), UTF_8);
      return Arrays.stream(text.split("(?m)^==== ", -1))
          .skip(1)
          .map(part -> part.split("\n", 2))
          .map(part -> Arguments.argumentSet(part[0], part[1]));
    }
  }

  @ParameterizedTest
  @MethodSource("regression")
  void splitsAsTheServerDoes(String script) {
    compare(script);
    // The file ends each with a line's end.
    compare(script.strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1;\r\nselect 2 -- it's\r\n;\r\n",
        "select 1 -- it's\r; select 2 -- ;\r, 3;--\r",
        "select\f1;\fselect\t2\f;\u000b select\u000b3;\u000b;",
        "select 'one;'\r'two\\';\r\nselect E'one'\f\r'two\\'; three'",
        "select 1 as x\u00a0y; select 2 as \u00a0; select\f3",
        "select 1 as x\u3000; select 2 as \u3000y; select 3 \u2028; select 4 as \u2028x\u2028",
        "select 1 as \u2028$a$; select 2 as x\u00a0$a$; select 3 as \u200b$a$",
        "do $\u00a0$ begin end; $\u00a0$; select $\u2028$;$\u2028$, $x\u3000$;'$x\u3000$",
        "select 1 as \u0085; select 2 \u0085\u0085"
      })
  void takesForSpaceWhatTheServerDoes(String script) {
    compare(script);
  }

  @Test
  void splitsAsTheServerDoesWhateverIsPutTogether() {
    Hostile.tryAll("splitter and server", 3, hostile -> compare(new Script(hostile).text()));
  }

  private static void compare(String script) {
    enterNewSchema();
    List<Command> whole = server.run(script);
    List<String> statements = SqlScript.split(script);
    assertThat(statements).as(script).hasSameSizeAs(whole);
    enterNewSchema();
    List<Command> alone = new ArrayList<>();
    for (String statement : statements) {
      List<Command> commands = server.run(statement);
      assertThat(commands).as(statement).hasSize(1);
      alone.addAll(commands);
    }
    assertThat(alone).as(script).isEqualTo(whole);
  }

  private static void enterNewSchema() {
    String schema = "s" + schemas++;
    server.run("discard all");
    server.run("create schema %1$s; set search_path to %1$s".formatted(schema));
  }

  /// Statements at random, all of which the server takes.
  private static final class Script {
    private final Hostile hostile;
    private int names;

    Script(Hostile hostile) {
      this.hostile = hostile;
    }

    String text() {
      StringBuilder text = new StringBuilder("create table t (x text)");
      for (int i = hostile.upTo(12); i >= 0; i--) {
        text.append(hostile.oneOf(ENDS)).append(gap()).append(statement());
      }
      return text.append(hostile.oneIn(2) ? hostile.oneOf(ENDS) : gap()).toString();
    }

    private String statement() {
      String name = "n" + names++;
      return switch (hostile.upTo(10)) {
        case 0 -> words("do", dollarQuoted("begin perform '" + quoted() + "'; end "));
        case 1 -> words("create", "procedure", name, "(begin int)", body());
        case 2 ->
            words("create or", "replace", "function", name, "() returns void language sql", body());
        case 3 ->
            words("create rule", name, "as on insert to t do also (", query(), ";", query(), ";)");
        case 4 -> words("create view", name, "as", query());
        case 5 -> words("comment on table t is", constant());
        case 6 -> words("update t set x =", value(), "where x =", value());
        case 7 -> words("delete from t where x in (", value(), ",", value(), ")");
        default -> query();
      };
    }

    private String body() {
      StringBuilder body = new StringBuilder(words("begin", "atomic", ""));
      for (int i = hostile.upTo(4); i > 0; i--) {
        body.append(hostile.oneIn(3) ? words("delete from t where x =", value()) : query())
            .append(hostile.oneOf(ENDS))
            .append(gap());
      }
      return body.append("end").toString();
    }

    private String query() {
      String label = hostile.oneOf(LABELS);
      return words("select", value(), hostile.oneIn(4) ? "end" : words("as", label));
    }

    private String value() {
      return switch (hostile.upTo(14)) {
        case 0 -> words("case when true then", value(), "else", value(), "end");
        case 1 -> words("case", value(), "when", value(), "then", value(), "end");
        case 2 -> words("(", value(), "||", value(), ")");
        case 3 -> words("(", "1 - -1 */**/ 2 +--;\n 3", ")::text");
        case 4 -> words("(array[", value(), ",", value(), "])[1:2]::text");
        default -> string();
      };
    }

    private String string() {
      return switch (hostile.upTo(10)) {
        case 0 -> "N'" + quoted() + "'";
        case 1 -> words("(", hostile.oneOf(List.of("B'01'", "X'1F'", "b'0'\n'1'")), ")::text");
        default -> constant();
      };
    }

    private String constant() {
      return switch (hostile.upTo(6)) {
        case 0 -> "E'" + escaped() + "'";
        case 1 -> "e'" + escaped() + "'" + lineEnd() + "'" + escaped() + "'";
        case 2 -> "'" + quoted() + "\\'" + lineEnd() + "'\\'";
        case 3 -> words("U&'" + quoted() + "\\'", "uescape", "'!'");
        case 4 -> dollarQuoted(pieces());
        default -> "'" + quoted() + (hostile.oneIn(3) ? "\\" : "") + "'";
      };
    }

    private String escaped() {
      return quoted() + hostile.oneOf(List.of("", "''", "\\'", "\\\\", "\\';", "\\\n", "\\x27"));
    }

    private String quoted() {
      return pieces().replace("'", "''");
    }

    private String dollarQuoted(String text) {
      String tag = hostile.oneOf(TAGS);
      return tag + text + tag;
    }

    private String pieces() {
      return IntStream.range(0, hostile.upTo(6))
          .mapToObj(i -> hostile.oneOf(PIECES))
          .collect(Collectors.joining());
    }

    /// Behind which a string goes on.
    private String lineEnd() {
      return hostile.oneOf(List.of("\n", "\r", " \r\n\t", " -- it's;\n", "\f--\r--;\n "));
    }

    private String words(String... words) {
      return Arrays.stream(words).collect(Collectors.joining(gap()));
    }

    private String gap() {
      return hostile.oneOf(GAPS);
    }
  }
}
