package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TestContext;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A walk as one statement among others of a script, and as one of several walks.
class WalkInScriptTest {
  private final WalkedTask task = new WalkedTask();
  private final Fixture fixture = task.fixture;

  @AfterEach
  void close() {
    task.close();
  }

  private void runForTwoSeconds() {
    var message = fixture.queue.receive().getFirst();
    // Twenty seconds are kept to wind up.
    fixture.invoke(
        "execute", Fixture.event(message).toString(), TestContext.of(Duration.ofSeconds(22)));
    fixture.queue.delete(message);
  }

  /// What comes behind a walk may take as long as it needs.
  @Test
  void leavesNoLimitsToTheStatementsBehindIt() {
    fixture.database.execute("create table limits (name text, setting text)");
    ObjectNode migration = WalkedTask.migration("m", "{}");
    migration
        .putArray("sql_forwards")
        .add("update task set n = n + 1 where :batch")
        .add(
            """
            insert into limits select name, setting from pg_settings
            where name in ('statement_timeout', 'client_connection_check_interval')
            """);
    fixture.register(migration.toString());
    fixture.executeUntil("m", "FINISHED");

    assertThat(fixture.database.query("select name || ' ' || setting from limits order by name"))
        .containsExactly("client_connection_check_interval 0", "statement_timeout 0");
  }

  /// Else most of another table would be changed, and most of this one passed over.
  @Test
  void makesTheSessionOfEachWorkerAsTheScriptHasMadeItsOwn() {
    fixture.database.execute(
        """
        create schema app;
        create table app.task (id bigint primary key, n int not null default 0);
        insert into app.task (id) select generate_series(1, 20000);
        analyze app.task
        """);
    ObjectNode migration =
        WalkedTask.migration("m", "{\"parallelism\": 4, \"size\": 50, \"target_ms\": 10}");
    migration.put("sql_forwards", "set search_path = app; update task set n = n + 1 where :batch");
    ((ObjectNode) migration.path("batch")).put("table", "app.task");
    fixture.register(migration.toString());
    fixture.executeUntil("m", "FINISHED");

    assertThat(fixture.database.query("select n || ' ' || count(*) from app.task group by n"))
        .containsExactly("1 20000");
    assertThat(fixture.database.query("select distinct n from public.task")).containsExactly("0");
  }

  @Test
  void saysAtOnceWhatTheServerHasAgainstTheStatement() {
    fixture.register(
        WalkedTask.migration("m", "{}")
            .put("sql_forwards", "update task set absent = 1 where :batch")
            .toString());
    fixture.executeUntil("m", "ERROR");

    JsonNode status = fixture.control("status", "m");
    assertThat(status.at("/meta/error/sqlstate").asText()).isEqualTo("42703");
    assertThat(status.at("/meta/error/message").asText()).contains("absent");
    assertThat(status.path("attempt").asInt()).isEqualTo(1);
  }

  /// It answers 1 while it has no more time than a batch.
  @Test
  void countsWhatIsLeftForAsLongAsTheFunctionHasTime() {
    fixture.register(
        WalkedTask.migration(
                "m",
                """
                {"until_empty": "select (current_setting('statement_timeout') = '10s')::int"}
                """)
            .toString());
    fixture.executeUntil("m", "FINISHED");
    task.assertEachRowOnce();
  }

  /// The second walk, which takes two functions, makes them no fewer.
  @Test
  void knowsInTheNextFunctionHowManyWereLeftBeforeTheWalk() {
    task.slowDown();
    fixture.database.execute(
        """
        drop trigger slow on task;
        create trigger slow before update on task for each row when (old.n = 1) execute function slow()
        """);
    fixture.register(
        WalkedTask.migration("m", "{\"until_empty\": \"select 5\", \"target_ms\": 100}")
            .toString());
    runForTwoSeconds();
    assertThat(fixture.status("m")).isEqualTo("STARTED");
    assertThat(fixture.database.value("select max(n) from task")).isEqualTo("2");
    assertThat(task.progress("m").path("rows_left").asInt()).isEqualTo(5);

    task.speedUp();
    fixture.executeUntil("m", "ERROR");
    assertThat(fixture.control("status", "m").at("/meta/error/message").asText())
        .contains("until_empty still counts 5 rows");
    assertThat(fixture.database.query("select distinct n from task")).containsExactly("2");
  }

  /// They are there still after the walk, and would be after any other.
  @Test
  void doesNotWalkAgainForRowsThatItHasPassedOver() {
    fixture.database.execute("alter table task add check (n = 0 or id not in (10, 20))");
    task.slowDown();
    fixture.register(
        WalkedTask.migration(
                "m",
                """
                {"on_row_error": "skip", "target_ms": 100, "size": 100,
                 "until_empty": "select count(*) from task where n = 0"}
                """)
            .toString());
    runForTwoSeconds();
    task.speedUp();
    fixture.executeUntil("m", "FINISHED");

    assertThat(
            fixture.database.query("select n || ' ' || count(*) from task group by n order by n"))
        .containsExactly("0 2", "1 19998");
    assertThat(task.progress("m").path("rows_skipped").asInt()).isEqualTo(2);
  }
}
