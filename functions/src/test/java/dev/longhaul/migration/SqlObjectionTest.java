package dev.longhaul.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlObjectionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "begin",
        "BEGIN isolation level serializable",
        "Start Transaction",
        "commit",
        "commit and chain",
        "commit prepared 'x'",
        "end",
        "end work",
        "abort",
        "rollback",
        "rollback to savepoint a",
        "/* why */ rollback -- not\n",
        "savepoint a",
        "release a",
        "release savepoint a",
        "prepare transaction 'x'",
        "set transaction isolation level serializable",
        "set local transaction isolation level serializable",
        "set session transaction read only"
      })
  void refusesTransactionControl(String statement) {
    assertThat(SqlScript.objection(statement))
        .hasValueSatisfying(
            objection ->
                assertThat(objection)
                    .contains("is transaction control", "together with its journal entry")
                    .endsWith("leave it out"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\i other.sql",
        "\\set n 1\nselect 1",
        "select 1 \\gexec",
        "select 1 \\;",
        "/* a */ \\timing on"
      })
  void refusesMetaCommandsOfPsql(String statement) {
    assertThat(SqlScript.objection(statement))
        .hasValueSatisfying(
            objection -> assertThat(objection).contains("psql meta-command").endsWith("write SQL"));
  }

  @Test
  void refusesAnIndexBuiltConcurrentlyWithoutAName() {
    for (String statement :
        List.of(
            "create index concurrently on t (n)",
            "create unique index concurrently on only app.t (n)",
            "CREATE INDEX /* */ CONCURRENTLY ON t (n)")) {
      assertThat(SqlScript.objection(statement))
          .as(statement)
          .hasValueSatisfying(
              objection ->
                  assertThat(objection).contains("without a name").endsWith("name the index"));
    }
  }

  @Test
  void refusesWhatReadsStandardInput() {
    assertThat(SqlScript.objection("copy t (a, b) from stdin"))
        .hasValueSatisfying(objection -> assertThat(objection).contains("stdin", "use insert"));
    assertThat(SqlScript.objection("COPY t FROM STDIN with (format csv)")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * into u from t",
        "select a, (select 1) into temp u from t",
        "with x as (select 1) select * into u from x"
      })
  void refusesSelectInto(String statement) {
    assertThat(SqlScript.objection(statement))
        .hasValueSatisfying(
            objection -> assertThat(objection).contains("create table … as select …"));
  }

  /// They give up the session's locks, and with them the claim.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "discard all",
        "DISCARD /* */ ALL",
        "select pg_advisory_unlock_all()",
        "select n, PG_CATALOG.pg_advisory_unlock_all() from t"
      })
  void refusesToDiscardTheSession(String statement) {
    assertThat(SqlScript.objection(statement))
        .hasValueSatisfying(
            objection -> assertThat(objection).contains("lock").endsWith("leave it out"));
  }

  /// The driver would close the connection at them.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "set datestyle = german",
        "SET SESSION DateStyle TO 'SQL, DMY'",
        "set datestyle to postgres, mdy",
        "set client_encoding = 'latin1'",
        "set names 'WIN1252'",
        "select set_config('client_encoding', 'latin1', false)"
      })
  void refusesToHaveTheServerWriteOtherwise(String statement) {
    assertThat(SqlScript.objection(statement))
        .hasValueSatisfying(
            objection ->
                assertThat(objection).contains("driver closes the connection", "leave it out"));
  }

  @Test
  void refusesASessionOfSomebodyElse() {
    assertThat(SqlScript.objection("set session authorization app"))
        .hasValueSatisfying(objection -> assertThat(objection).endsWith("use \"set role\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create function f() returns int language plpgsql as $$ begin return 1; end $$",
        "create function f() returns int language sql begin atomic select 1; end",
        "do $$ begin commit; end $$",
        "select '\\i not a command'",
        "select E'\\n', U&'\\0061', \"a\\b\" from t",
        "comment on table t is 'begin; commit;' -- \\d",
        "prepare q as select 1",
        "set lock_timeout = '1s'",
        "set session characteristics as transaction read only",
        "set constraints all deferred",
        "reset role",
        "reset client_encoding",
        "set client_encoding = 'UTF8'",
        "set client_encoding to default",
        "set names 'utf-8'",
        "set datestyle = iso, dmy",
        "set datestyle to 'DMY'",
        "set local datestyle = german",
        "select 'pg_advisory_unlock_all'",
        "copy t from program 'x'",
        "copy t from '/stdin'",
        "insert into t select 1",
        "with x as (insert into t values (1) returning 1) select * from x",
        "with x as (select 1) insert into t select * from x",
        "select (select 1) as \"into\"",
        "create index concurrently \"on\" on t (n)",
        "create index on t (n)",
        "discard temp",
        "alter table t rename column \"begin\" to \"end\""
      })
  void hasNothingAgainstTheRest(String statement) {
    assertThat(SqlScript.objection(statement)).isEmpty();
  }

  @Test
  void seesConcurrentlyOutsideOfQuotesOnly() {
    assertThat(SqlScript.isConcurrent("create index Concurrently i on t (n)")).isTrue();
    assertThat(SqlScript.isConcurrent("refresh materialized view concurrently v")).isTrue();
    assertThat(SqlScript.isConcurrent("select 'concurrently' -- concurrently")).isFalse();
    assertThat(SqlScript.isConcurrent("select \"concurrently\" from concurrently_t")).isFalse();
  }
}
