package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.health.HealthLimits;
import dev.longhaul.migration.Batch;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a key must be, so that each row is met once.
class KeyedTableTest {
  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static ObjectNode migration(String table, String key, String forwards) {
    ObjectNode migration = Fixture.migration("keyed", forwards, "");
    migration.putObject("batch").put("table", table).put("key", key);
    return migration;
  }

  private Refused refused(ObjectNode migration) {
    return Refused.by(() -> fixture.register(migration.toString()));
  }

  private void makeTask() {
    fixture.database.execute(
        """
        create table task (id bigint primary key, "Id" bigint not null unique, n int not null default 0);
        create table other (id bigint primary key, n int);
        insert into task (id, "Id") select i, -i from generate_series(1, 500) as i
        """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          id   | id | update task set n = 1, id = id + 1000 where :batch
          ID   | id | update task set id = id + 1000 where :batch
          ID   | id | update task set "id" = id + 1000 where :batch
          id   | id | update task set Id = id + 1000 where :batch
          Id   | Id | update task set "Id" = id + 1000 where :batch
          "Id" | Id | update task set (n, "Id") = (1, 2) where :batch
          id   | id | update only public."task" as t set (n, ID) = (select 1, 2) where :batch
          id   | id | update task set n = (id is distinct from n)::int, id = id + 1000 where :batch
          id   | id | update task set n = case when id is distinct from n then 1 else 2 end, id = id + 1000 where :batch
          id   | id | with x as (update task set id = id + 1000 where :batch returning id) insert into other select id from x
          id   | id | merge into task using other on other.id = task.id and :batch when matched then update set id = 1 when not matched then insert (id) values (1)
          """)
  void refusesAStatementThatChangesTheKey(String key, String column, String statement) {
    makeTask();
    refused(migration("task", key, statement))
        .is(
            "InvalidMigration",
            "sql_forwards: statement 1: batch.key: the statement changes \"" + column + "\"",
            "walk by another key");
    assertThat(fixture.registered()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          id   | update task set "Id" = -"Id" where :batch
          "Id" | update task set n = n + 1, id = id + 1000 where :batch
          id   | merge into other using task on other.id = task.id and :batch when matched then update set id = other.id + 1000 when not matched then insert (id) values (task.id)
          id   | insert into other (id) select id from task where :batch on conflict (id) do update set id = excluded.id + 1000
          """)
  void letsColumnsOfTheSameNameBeChanged(String key, String statement) {
    makeTask();
    fixture.register(migration("task", key, statement).toString());
    fixture.executeUntil("keyed", "FINISHED");
  }

  @Test
  void endsInErrorWhereTheKeyOfALaterTableIsChanged() {
    fixture.register(
        migration(
                "late",
                "ID",
                "create table late (id int primary key); update late set id = id + 1 where :batch")
            .toString());
    fixture.executeUntil("keyed", "ERROR");
    assertThat(
            fixture.control("status", "keyed").path("meta").path("error").path("message").asText())
        .startsWith("batch.key: the statement changes \"id\"");
  }

  /// PostgreSQL 18 takes such a column for one that is not null.
  @Test
  void refusesAKeyThatMayStillBeNullInOldRows() {
    assumeThat(
            fixture.database.value("select current_setting('server_version_num')::int >= 180000"))
        .isEqualTo("t");
    fixture.database.execute(
        """
        create table task (code int, n int not null default 0);
        create index on task (code);
        insert into task values (1), (null);
        alter table task add constraint "Coded" not null code not valid
        """);
    ObjectNode migration = migration("task", "code", "update task set n = n + 1 where :batch");
    refused(migration)
        .is(
            "InvalidMigration",
            "batch.key: code may be null in rows that are older than the constraint \"Coded\"",
            "alter table public.task validate constraint \"Coded\"");
    fixture.database.execute(
        "update task set code = 2 where code is null; alter table task validate constraint"
            + " \"Coded\"");
    fixture.register(migration.toString());
    fixture.executeUntil("keyed", "FINISHED");
    assertThat(fixture.database.query("select n from task")).containsExactly("1", "1");
  }

  private static Batch batch(String column) {
    return new Batch(
        "moment",
        List.of(column),
        1,
        Batch.DEFAULT_TARGET,
        1,
        Batch.AUTO,
        false,
        null,
        HealthLimits.NONE);
  }

  /// A window that one session has begun may be ended by another.
  @ParameterizedTest
  @ValueSource(strings = {"zoned", "plain", "day", "amount"})
  void cutsTheSameStripesInEverySession(String column) throws Exception {
    fixture.database.execute(
        """
        create table moment (n int not null, zoned timestamptz not null unique, plain timestamp not null unique,
          day date not null unique, amount numeric not null unique);
        insert into moment
        select i, '2026-03-28 12:34:56.5+00'::timestamptz + i * interval '61 min', '2026-03-28 12:34:56.5'::timestamp + i * interval '61 min',
          date '2026-03-28' + i, i / 10.0
        from generate_series(1, 500) as i
        """);
    List<String> inUtc = stripes(column, "UTC", "ISO, MDY");
    assertThat(inUtc).hasSize(5).doesNotContainNull();
    assertThat(stripes(column, "Asia/Kathmandu", "ISO, DMY")).isEqualTo(inUtc);
    assertThat(stripes(column, "America/New_York", "ISO, YMD")).isEqualTo(inUtc);
  }

  /// An executor of the release before may have begun a window.
  @Test
  void cutsTimesInUtcAsTheirTextIs() throws Exception {
    fixture.database.execute(
        """
        create table moment (n int not null, zoned timestamptz not null unique);
        insert into moment select i, '2026-03-28 12:34:56+00'::timestamptz + i * interval '61 min' from generate_series(1, 500) as i
        """);
    assertThat(stripes("zoned", "UTC", "ISO, MDY").getFirst())
        .isEqualTo(
            fixture.database.value(
                """
                select string_agg(n::text, ' ' order by n) from moment
                where (hashtextextended(to_char(zoned at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"+00"'), 0) % 5 + 5) % 5 = 0
                """));
  }

  /// The rows of each stripe of a key's column, as a session with these settings selects them.
  private List<String> stripes(String column, String timeZone, String dateStyle)
      throws SQLException, KeyedTable.Unwalkable {
    List<String> stripes = new ArrayList<>();
    try (Connection connection = fixture.database.connect();
        Statement statement = connection.createStatement()) {
      KeyedTable table = KeyedTable.find(connection, batch(column));
      statement.execute("set time zone '%s'; set datestyle = '%s'".formatted(timeZone, dateStyle));
      for (int i = 0; i < 5; i++) {
        try (ResultSet row =
            statement.executeQuery(
                "select string_agg(n::text, ' ' order by n) from moment where "
                    + table.stripe("", 5, i))) {
          row.next();
          stripes.add(row.getString(1));
        }
      }
    }
    return stripes;
  }
}
