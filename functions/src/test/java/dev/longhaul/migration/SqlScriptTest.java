package dev.longhaul.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlScriptTest {
  @Test
  void splitsAtSemicolonsAndStrips() {
    assertThat(SqlScript.split(" select 1;select 2 ;\n\n  select 3  "))
        .isEqualTo(List.of("select 1", "select 2", "select 3"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   \n\t",
        ";",
        ";; ; ;",
        "-- nothing",
        "-- nothing; at all\n",
        "/* nothing; */",
        "/* a /* nested; */ comment; */ ; -- and more",
        "-- one\r\n-- two\r\n"
      })
  void findsNoStatementWhereThereIsNone(String script) {
    assertThat(SqlScript.split(script)).isEmpty();
  }

  /// Each is one statement, whatever stands in it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "do $$ begin perform 1; perform 2; end $$",
        "do $body$ begin perform $$a;b$$; perform '$body'; end $body$",
        "do $_1$ begin; $__$; end $_1$",
        "do $größe$ begin; end; $größe$",
        "do $🚀$ begin; end; $🚀$",
        "do language $$plpgsql$$$b$ begin; end; $b$",
        "create function f() returns text language sql as $f$ select '; $$ ;'; $f$",
        "select 'it''s; one'",
        "select E'it\\'s; one'",
        "select E'it''s \\'; one\\''",
        "select e'it''\\';', 'c:\\'",
        "select e'\\\\', 'a;b'",
        "select 'c:\\', 'a;b'",
        "select U&'d\\0061t\\+000061; x'",
        "select ('a;b' || E'\\';')",
        "select E'one'\n'it\\'s; two'",
        "select E'one' -- it's\r\n\t'\\'; two'",
        "select B'01', X'1F', N'a;b'",
        "select \"a;b\", \"a\"\"b;c\" from \"t;u\"",
        "select 1 /* a; /* b; */ c; */ + 1",
        "select 1 /*/ ; */ + 1 /*/*/ ; */ ; */",
        "select 1 -- a; b\n + 1",
        "select 1 -- it's\r + 1",
        "select 5 - -3, 4 / 2, 2 * (3 - 1)",
        "create rule r as on update to t do also (insert into a values (1); delete from b)",
        "create rule r as on insert to t do instead (select 1; (select 2); select 3)",
        "select $1, $2 from t where a = $3 and b$1 = 4",
        "select a$b$c from t$1 where x = 'y;z' and a$b$c = 1",
        "select data ? 'a;b', data ?| array['a'], data ?& array['b'], data @? '$.a ? (@ > 1)' from"
            + " t",
        "select a ?? b from t",
        "\u2028 select 1 as \u3000",
        "select '🚀; ü' as \"naïve;名前\"",
        "select '\r\n;\r\n'",
        "insert into t values ('{\"a\": \"b;c\"}'::jsonb)",
        "select 'unfinished; string",
        "select $q$ unfinished; quote",
        "select 1 /* unfinished; comment"
      })
  void keepsOneStatementWhole(String statement) {
    assertThat(SqlScript.split(statement)).isEqualTo(List.of(statement));
    assertThat(SqlScript.split("select 0;" + statement)).isEqualTo(List.of("select 0", statement));
  }

  @Test
  void doesNotTakeTextLikeADollarQuoteForOne() {
    assertThat(SqlScript.split("select 1 as 🚀$x$; select 2 as °$x$"))
        .isEqualTo(List.of("select 1 as 🚀$x$", "select 2 as °$x$"));
    assertThat(SqlScript.split("select a$x$b; select 'c'; select $1$; select $2"))
        .isEqualTo(List.of("select a$x$b", "select 'c'", "select $1$", "select $2"));
  }

  @Test
  void endsALineCommentAtTheEndOfTheLine() {
    assertThat(SqlScript.split("select 1 -- it's;\r\n; select 2 --\n; -- ;\nselect 3"))
        .isEqualTo(List.of("select 1 -- it's;", "select 2 --", "-- ;\nselect 3"));
  }

  @Test
  void keepsCommentsWithTheirStatement() {
    assertThat(SqlScript.split("-- first\nselect 1; /* second; */ select 2; -- no third"))
        .isEqualTo(List.of("-- first\nselect 1", "/* second; */ select 2"));
  }

  @Test
  void splitsLinesOfWindows() {
    assertThat(SqlScript.split("select 1;\r\nselect 2;\r\n")).hasSize(2);
  }

  /// SQL-standard function bodies: the semicolons up to their `end` belong to them, the others do
  /// not.
  @Test
  void keepsAnAtomicBodyWholeAndSplitsBehindIt() {
    String function =
        """
        create or replace function f(n int) returns int language sql
        begin atomic
          select case when n > 0 then 1 else case n when 0 then 0 else -1 end end;
          /* end; */ select 'end;';
        end\
        """;
    String procedure = "create PROCEDURE p() BEGIN /* now */ ATOMIC insert into t values (1); END";

    assertThat(
            SqlScript.split("select 1;\n" + function + ";\n" + procedure + "; select 2; select 3"))
        .isEqualTo(List.of("select 1", function, procedure, "select 2", "select 3"));
  }

  /// Psql counts each `case` and `end`, and takes the rest of the script for the body.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1 as end; select 2",
        "select 1 end; select 2",
        "select 1 as case",
        "select t.case, t.end from t",
        "select case when true then atomic end from t",
        "select case when true then 1 end end",
        "select begin atomic from t; select (1)"
      })
  void endsABodyWhereAStatementWouldBegin(String statements) {
    String function = "create function f() returns int begin atomic " + statements + "; end";

    assertThat(SqlScript.split(function + "; select 3")).isEqualTo(List.of(function, "select 3"));
  }

  @Test
  void takesAtomicBodiesForWhatTheyAreInFunctionsOnly() {
    assertThat(SqlScript.split("create table \"begin\" (atomic int); select 1; select 2"))
        .hasSize(3);
    assertThat(SqlScript.split("create view v as select case when true then 1 end; select 2"))
        .hasSize(2);
    assertThat(SqlScript.split("create function begin() returns int return 1; select 2"))
        .hasSize(2);
    assertThat(
            SqlScript.split(
                "create trigger begin before insert on t execute function f(); select 2"))
        .hasSize(2);
    assertThat(
            SqlScript.split(
                "create trigger t after insert on begin execute function begin(); select 2"))
        .hasSize(2);
    assertThat(
            SqlScript.split(
                "create function f() returns int set search_path to begin, atomic return 1;"
                    + " select 2"))
        .hasSize(2);
    assertThat(SqlScript.split("begin; select 1; end; select 2"))
        .isEqualTo(List.of("begin", "select 1", "end", "select 2"));
  }

  @Test
  void splitsBehindAParenthesisThatNobodyOpened() {
    assertThat(SqlScript.split("select 1); select 2")).hasSize(2);
  }

  @Test
  @Timeout(10)
  void splitsHugeScriptsQuickly() {
    int count = 50_000;
    StringBuilder script = new StringBuilder();
    for (int i = 0; i < count; i++) {
      script.append("insert into t values (").append(i).append(", 'a;b', $q$c;d$q$); -- ;\n");
    }
    long start = System.nanoTime();
    List<String> statements = SqlScript.split(script.toString());

    assertThat(statements).hasSize(count);
    assertThat(statements.getLast()).contains("(49999, 'a;b', $q$c;d$q$)");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  @Timeout(10)
  void takesLongStringsAndDeepNestingQuickly() {
    String literal = "insert into t values ('" + "x;''".repeat(1_000_000) + "')";
    String nested =
        "select 1 "
            + "/* ".repeat(50_000)
            + "; "
            + "*/ ".repeat(50_000)
            + "+ "
            + "(".repeat(50_000);

    assertThat(SqlScript.split(literal + ";" + nested)).hasSize(2);
  }

  @Test
  void numbersStatementsAsPostgresqlCountsThem() {
    String script = String.join(";", IntStream.range(0, 100).mapToObj(i -> "select " + i).toList());

    assertThat(SqlScript.split(script)).hasSize(100).last().isEqualTo("select 99");
  }
}
