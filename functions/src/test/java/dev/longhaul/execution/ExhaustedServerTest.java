package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.LogLines;
import dev.longhaul.testing.Refused;
import java.io.IOException;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.sqs.model.Message;

/// The server has no connection left (53300), and then has again.
@Tag("fault")
@Timeout(60)
class ExhaustedServerTest {
  private static final String ROLE = "crowded";

  private final Database database = Database.create();

  /// As a role that, other than a superuser, can be refused.
  private final Fixture longhaul =
      new Fixture(
          database, Map.of("DATABASE_URL", database.url().replace("postgres@", ROLE + "@")));

  @BeforeEach
  void createRole() {
    database.execute(
        """
        do $$ begin
          if not exists (select from pg_roles where rolname = 'crowded') then
            create role crowded login;
            grant pg_monitor to crowded;
          end if;
          execute format('grant create on database %I to crowded', current_database());
        end $$;
        grant create on schema public to crowded;
        """);
    allow(-1);
  }

  @AfterEach
  void close() {
    allow(-1);
    longhaul.close();
  }

  /// So many connections from now on, and those that there are stay; -1 for any number.
  private void allow(int connections) {
    database.execute("alter role " + ROLE + " connection limit " + connections);
  }

  private static ObjectNode batched(String name, String sql, String batch) {
    ObjectNode migration = Fixture.migration(name, sql, "");
    try {
      migration.set("batch", JsonFunction.JSON.readTree(batch));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return migration;
  }

  @Test
  void aRegistrationWithoutAConnectionWritesNothingAndSaysSo() {
    allow(0);
    Refused.by(() -> longhaul.register("m", "select 1", ""))
        .is("TargetUnavailable", "53300", "too many connections", "try again");

    allow(-1);
    assertThat(longhaul.registered()).isEmpty();
    assertThat(longhaul.register("m", "select 1", "").path("created").asBoolean()).isTrue();
    longhaul.executeUntil("m", "FINISHED");
  }

  @Test
  void aSweepWithoutAConnectionSaysSoAndTheNextOneSends() {
    longhaul.register("m", "select 1", "");
    longhaul.queue.drain();
    allow(0);
    database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'crowded'");
    Refused.by(() -> longhaul.trigger("{}")).is("TargetUnavailable", "53300");

    allow(-1);
    longhaul.trigger("{}");
    longhaul.executeUntil("m", "FINISHED");
  }

  /// The journal's connection is there, and the one for the work is not to be had.
  @Test
  void aMessageComesBackUntilThereIsAConnectionForTheWork() {
    database.execute("create table t (n int); grant all on t to crowded");
    longhaul.register("m", "insert into t values (1)", "");
    allow(1);
    Message message = longhaul.queue.receive().getFirst();
    assertThat(longhaul.execute(message)).containsExactly(message.messageId());
    assertThat(longhaul.control("status", "m").path("attempt").asInt())
        .as("an attempt that nobody could make is none")
        .isZero();

    allow(-1);
    longhaul.executeUntil("m", "FINISHED");
    assertThat(database.value("select count(*) from t")).isEqualTo("1");
  }

  @Test
  void aWalkGoesOnWithTheWorkersThatItGets() {
    database.execute(
        """
        create table task (id bigint primary key, n int not null default 0);
        insert into task (id) select generate_series(1, 3000);
        analyze task;
        create function slow() returns trigger language plpgsql as $$
          begin perform pg_sleep(0.0005); return new; end $$;
        create trigger slow before update on task for each row execute function slow();
        alter table task owner to crowded;
        """);
    longhaul.register(
        batched(
                "walk",
                "update task set n = n + 1 where :batch",
                """
                {"table": "task", "key": "id", "size": 50, "target_ms": 10, "parallelism": 4}
                """)
            .toString());
    // The journal's, the lease's, and one more worker's.
    allow(3);
    try (LogLines log = LogLines.capture()) {
      longhaul.executeUntil("walk", "FINISHED");
      assertThat(log.all())
          .filteredOn(line -> line.path("message").asText().equals("fewer workers than asked for"))
          .as("said, and not twice a second")
          .hasSize(1)
          .allSatisfy(line -> assertThat(line.path("reason").asText()).contains("53300"));
    }
    assertThat(database.query("select n || ' ' || count(*) from task group by n"))
        .isEqualTo(List.of("1 3000"));
    assertThat(longhaul.control("status", "walk").path("attempt").asInt()).isEqualTo(1);
  }

  /// While the build that it is to look at runs, and when that has ended.
  @Test
  void aLookComesBackUntilThereIsAConnection() throws Exception {
    database.execute(
        "create table t (n int); insert into t values (1); alter table t owner to crowded");
    longhaul.register(
        Fixture.migration("index", "create index concurrently t_n on t (n)", "")
            .put("detach_after", "100ms")
            .toString());
    try (Connection blocker = database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("insert into t values (0)");
      longhaul.executeNext();
      // The journal's, and the build's.
      allow(2);
      assertThatALookComesBack();
    }
    database.await("select not exists (select from pg_locks where locktype = 'advisory')");
    allow(1);
    assertThatALookComesBack();
    String built = database.value("select oid from pg_class where relname = 't_n'");

    allow(-1);
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"index\"}");
    longhaul.executeUntil("index", "FINISHED");
    assertThat(longhaul.control("status", "index").path("attempt").asInt()).isEqualTo(2);
    assertThat(database.value("select 't_n'::regclass::oid")).isEqualTo(built);
  }

  private void assertThatALookComesBack() {
    longhaul.queue.drain();
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"index\"}");
    Message look = longhaul.queue.receive().getFirst();
    assertThat(longhaul.execute(look)).containsExactly(look.messageId());
    assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
    assertThat(longhaul.control("status", "index").path("attempt").asInt()).isEqualTo(1);
  }
}
