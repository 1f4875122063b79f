package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.sqs.model.Message;

/// Statements that outlive their executor.
@Tag("fault")
@Timeout(60)
class DetachTest {
  private static final String OWNER =
      "select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid"
          + " from pg_database where datname = current_database()) limit 1";

  private final Fixture longhaul = new Fixture();

  @BeforeEach
  void fill() {
    longhaul.database.execute(
        "create table t (n int); insert into t select generate_series(1, 1000)");
  }

  @AfterEach
  void close() {
    longhaul.close();
  }

  /// A transaction that a concurrent index build of `t` waits for.
  private final class Blocker implements AutoCloseable {
    private final Connection connection = longhaul.database.connect();

    Blocker() throws SQLException {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("set application_name = 'report'");
        statement.execute("insert into t values (0)");
      }
    }

    @Override
    public void close() throws SQLException {
      connection.rollback();
      connection.close();
    }
  }

  private void register(String name, String forwards) {
    longhaul.register(
        Fixture.migration(name, forwards, "").put("detach_after", "300ms").toString());
  }

  /// What an executor does whose delayed message has arrived.
  private void look(String name) {
    longhaul.database.execute(
        "update longhaul.async_migration set next_look_at = now() where next_look_at is not null");
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"" + name + "\"}");
    longhaul.executeAll();
  }

  /// The same with hardly any of the function's time left.
  private void lookInHaste(String name) {
    longhaul.database.execute(
        "update longhaul.async_migration set next_look_at = now() where next_look_at is not null");
    longhaul.queue.drain();
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"" + name + "\"}");
    Message message = longhaul.queue.receive().getFirst();
    long begin = System.nanoTime();
    longhaul.invoke("execute", Fixture.event(message).toString(), new TestContext(2000));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
    longhaul.queue.delete(message);
  }

  private void awaitFree() {
    longhaul.database.await("select not exists (" + OWNER + ")");
  }

  private String index() {
    return longhaul.database.query("select oid from pg_class where relname = 't_n'").toString();
  }

  @Test
  void aBuildGoesOnAloneAndIsAdopted() throws Exception {
    register("index", "create index concurrently t_n on t (n)");
    String built;
    try (var _ = new Blocker()) {
      longhaul.executeNext();
      JsonNode left = longhaul.control("status", "index");
      assertThat(left.path("status").asText()).isEqualTo("IN PROGRESS");
      assertThat(left.path("meta").has("detached_at")).isTrue();
      assertThat(longhaul.database.query(OWNER)).as("the session that goes on").hasSize(1);
      built = index();

      look("index");
      JsonNode progress = longhaul.control("status", "index").path("progress");
      assertThat(progress.path("phase").asText()).isEqualTo("waiting for writers before build");
      assertThat(progress.path("done").asInt()).isZero();
      assertThat(progress.path("total").asInt()).isEqualTo(1);
      assertThat(progress.path("unit").asText()).isEqualTo("transaction");
      assertThat(progress.path("eta_seconds").isNull()).isTrue();
      assertThat(progress.path("waits_for").path("application_name").asText()).isEqualTo("report");
      assertThat(progress.path("steps_total").asInt()).isEqualTo(1);
    }
    awaitFree();
    look("index");
    JsonNode done = longhaul.control("status", "index");
    assertThat(done.path("status").asText()).isEqualTo("FINISHED");
    assertThat(done.path("attempt").asInt()).isEqualTo(2);
    assertThat(done.path("meta").path("lambda_ms").asInt()).isPositive();
    assertThat(Fixture.notes(done)).isEmpty();
    assertThat(index()).as("not built again").isEqualTo(built);
    assertThat(longhaul.database.value("select failed_attempts from longhaul.async_migration"))
        .isEqualTo("0");
    assertThat(
            longhaul.database.query(
                "select reason from longhaul.async_migration_history order by id"))
        .containsExactly(
            "registered",
            "begun",
            "looked after what was left to the server",
            "every step is done");
  }

  @Test
  void aShortFunctionStaysForASixthOfItsTime() {
    longhaul.register("script", "select pg_sleep(6)", "");
    Message message = longhaul.queue.receive().getFirst();
    longhaul.queue.delete(message);
    long begin = System.nanoTime();
    longhaul.invoke(
        "execute", Fixture.event(message).toString(), TestContext.of(Duration.ofSeconds(24)));
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofSeconds(3), Duration.ofMillis(5900));
    assertThat(longhaul.status("script")).isEqualTo("IN PROGRESS");
    longhaul.database.await(
        "select status = 'FINISHED' from longhaul.async_migration where name = 'script'");
    awaitFree();
  }

  @Test
  void aScriptFinishesByItself() {
    register("script", "insert into t values (-1); select pg_sleep(1); insert into t values (-2)");
    longhaul.executeNext();
    assertThat(longhaul.status("script")).isEqualTo("IN PROGRESS");
    longhaul.database.await(
        "select status = 'FINISHED' from longhaul.async_migration where name = 'script'");
    assertThat(longhaul.database.value("select count(*) from t where n < 0")).isEqualTo("2");
    assertThat(Fixture.notes(longhaul.control("status", "script"))).isEmpty();
    awaitFree();
    look("script");
    assertThat(longhaul.control("status", "script").path("attempt").asInt()).isEqualTo(1);
  }

  @Test
  void aScriptRecordsItsErrorByItself() {
    register("script", "insert into t values (-1); select pg_sleep(1); select 1 / 0");
    longhaul.executeNext();
    longhaul.database.await(
        "select status = 'ERROR' from longhaul.async_migration where name = 'script'");
    JsonNode error = longhaul.control("status", "script").path("meta").path("error");
    assertThat(error.path("sqlstate").asText()).isEqualTo("22012");
    assertThat(error.path("statement_number").asInt()).isEqualTo(3);
    assertThat(longhaul.database.value("select count(*) from t where n < 0")).isEqualTo("0");
    awaitFree();
  }

  @Test
  void cancelLeavesNoInvalidIndex() throws Exception {
    register("index", "create index concurrently t_n on t (n)");
    try (var _ = new Blocker()) {
      longhaul.executeNext();
      longhaul.control("cancel", "index");
      awaitFree();
      assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
    }
    look("index");
    assertThat(longhaul.status("index")).isEqualTo("CANCELLED");
    assertThat(index()).isEqualTo("[]");
  }

  @Test
  void aCancelThatGotLostIsRepeatedByTheNextLook() throws Exception {
    register("index", "create index concurrently t_n on t (n)");
    try (var _ = new Blocker()) {
      longhaul.executeNext();
      longhaul.database.execute("update longhaul.async_migration set stop_requested = 'CANCELLED'");
      look("index");
      awaitFree();
    }
    look("index");
    assertThat(longhaul.status("index")).isEqualTo("CANCELLED");
    assertThat(index()).isEqualTo("[]");
  }

  @Test
  void pauseGivesUpTheBuildAndResumeBeginsItAgain() throws Exception {
    register("index", "create index concurrently t_n on t (n)");
    try (var _ = new Blocker()) {
      longhaul.executeNext();
      longhaul.control("pause", "index");
      longhaul.executeAll();
      awaitFree();
    }
    look("index");
    assertThat(longhaul.status("index")).isEqualTo("PAUSED");
    assertThat(index()).isEqualTo("[]");
    longhaul.control("resume", "index");
    longhaul.executeUntil("index", "FINISHED");
    assertThat(
            longhaul.database.value(
                "select indisvalid from pg_index where indexrelid = 't_n'::regclass"))
        .isEqualTo("t");
  }

  @Test
  void aPauseBeforeTheExecutorLeavesIsMetWhenItLeaves() throws Exception {
    longhaul.register(
        Fixture.migration("index", "create index concurrently t_n on t (n)", "")
            .put("detach_after", "2s")
            .toString());
    try (var _ = new Blocker()) {
      var running = CompletableFuture.runAsync(longhaul::executeNext);
      longhaul.database.await(
          "select coalesce(bool_or(step_in_doubt), false) from longhaul.async_migration");
      longhaul.control("pause", "index");
      assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
      // What the build has left waits for the blocker as well, and so is left to the server.
      assertThat(running).succeedsWithin(Duration.ofSeconds(20));
      assertThat(longhaul.control("status", "index").path("progress").path("phase").asText())
          .isEqualTo("removing what the statement has left");
    }
    awaitFree();
    look("index");
    assertThat(longhaul.status("index")).isEqualTo("PAUSED");
    assertThat(index()).isEqualTo("[]");
  }

  @Test
  void aPauseCanBeWithdrawn() throws Exception {
    register("index", "create index concurrently t_n on t (n)");
    try (var _ = new Blocker()) {
      longhaul.executeNext();
      longhaul.database.execute("update longhaul.async_migration set stop_requested = 'PAUSED'");
      JsonNode goesOn = longhaul.control("resume", "index");
      assertThat(goesOn.path("status").asText()).isEqualTo("IN PROGRESS");
      assertThat(goesOn.path("meta").has("stop_requested")).isFalse();
    }
    awaitFree();
    look("index");
    assertThat(longhaul.status("index")).isEqualTo("FINISHED");
  }

  @Test
  void aUniqueBuildThatFailedAloneNamesTheDuplicateKey() throws Exception {
    longhaul.database.execute("insert into t values (7)");
    register("unique", "create unique index concurrently t_n on t (n)");
    try (var _ = new Blocker()) {
      longhaul.executeNext();
    }
    awaitFree();
    look("unique");
    JsonNode error = longhaul.control("status", "unique").path("meta").path("error");
    assertThat(error.path("sqlstate").asText()).isEqualTo("23505");
    assertThat(error.path("detail").asText()).contains("(n)=(7)");
    assertThat(index()).isEqualTo("[]");
  }

  @Test
  void whatTheServerDidNotCompleteIsTriedAgain() throws Exception {
    register("index", "create index concurrently t_n on t (n)");
    try (var _ = new Blocker()) {
      longhaul.executeNext();
      longhaul.database.query("select pg_terminate_backend(pid) from (" + OWNER + ") as owner");
      awaitFree();
    }
    look("index");
    JsonNode again = longhaul.control("status", "index");
    assertThat(again.path("status").asText()).isEqualTo("STARTED");
    assertThat(again.path("meta").path("error").path("message").asText())
        .isEqualTo(
            "statement 1 was left to the server, which did not complete it; the server's log says"
                + " why");
    assertThat(index()).isEqualTo("[]");
    longhaul.executeUntil("index", "FINISHED");
    assertThat(longhaul.database.value("select failed_attempts from longhaul.async_migration"))
        .isEqualTo("1");
  }

  @Test
  void aLookNeedsNoTimeButAMoment() throws Exception {
    register("index", "create index concurrently t_n on t (n)");
    String built;
    try (var _ = new Blocker()) {
      longhaul.executeNext();
      built = index();
      lookInHaste("index");
      assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
      assertThat(longhaul.queue.delayed()).as("the next look").isGreaterThan(0);
    }
    awaitFree();
    lookInHaste("index");
    assertThat(longhaul.status("index")).isEqualTo("FINISHED");
    assertThat(index()).as("not built again").isEqualTo(built);
  }

  @Test
  void whatALookHasNoTimeToRemoveIsLeftToTheServer() throws Exception {
    register("index", "create index concurrently t_n on t (n)");
    try (var _ = new Blocker()) {
      longhaul.executeNext();
      longhaul.database.query("select pg_terminate_backend(pid) from (" + OWNER + ") as owner");
      awaitFree();
    }
    lookInHaste("index");
    awaitFree();
    assertThat(index()).isEqualTo("[]");
    assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
    look("index");
    assertThat(longhaul.status("index")).isEqualTo("STARTED");
    longhaul.executeUntil("index", "FINISHED");
  }

  @Test
  void aScriptThatTheServerDidNotCompleteIsTriedAgain() {
    register("script", "insert into t values (-1); select pg_sleep(5)");
    longhaul.executeNext();
    longhaul.database.query("select pg_terminate_backend(pid) from (" + OWNER + ") as owner");
    awaitFree();
    look("script");
    assertThat(longhaul.status("script")).isEqualTo("STARTED");
    assertThat(longhaul.database.value("select count(*) from t where n < 0")).isEqualTo("0");
  }

  @Test
  void aDoubledMessageDoesNotDoubleTheLooks() throws Exception {
    register("index", "create index concurrently t_n on t (n)");
    try (var _ = new Blocker()) {
      Message message = longhaul.queue.receive().getFirst();
      longhaul.execute(message);
      assertThat(longhaul.queue.delayed()).isEqualTo(1);
      for (int i = 0; i < 5; i++) {
        assertThat(longhaul.execute(message)).isEmpty();
      }
      assertThat(longhaul.queue.delayed()).isEqualTo(1);
    }
    awaitFree();
    look("index");
  }

  /// The function's process is frozen, or the network is cut: the session waits for a statement
  /// that never comes.
  @Test
  void endsASessionThatIsIdleWithTheLock() throws Exception {
    longhaul.register("index", "create index concurrently t_n on t (n)", "");
    try (Connection frozen = longhaul.database.connect();
        Statement statement = frozen.createStatement()) {
      statement.execute(
          "select pg_advisory_lock(%d)".formatted(dev.longhaul.journal.SessionLock.of("index")));
      longhaul.executeNext();
      assertThat(longhaul.database.query(OWNER)).as("it may be at work").hasSize(1);
      longhaul.database.await(
          "select clock_timestamp() - state_change > interval '10 s' from pg_stat_activity where"
              + " pid = ("
              + OWNER
              + ")");
      look("index");
      awaitFree();
    }
    look("index");
    assertThat(longhaul.status("index")).isEqualTo("FINISHED");
  }

  @Test
  void aPersonSaysWhetherAnUnknownOutcomeIsDone() {
    longhaul.database.execute(
        "create procedure p() language plpgsql as $$ begin insert into t values (-1); commit;"
            + " perform pg_sleep(60); end $$");
    for (String name : List.of("done", "again")) {
      register(name, "call p(); create table " + name + " (n int)");
      longhaul.executeNext();
      longhaul.database.query("select pg_terminate_backend(pid) from (" + OWNER + ") as owner");
      awaitFree();
      look(name);
      assertThat(longhaul.status(name)).isEqualTo("ERROR");
    }
    longhaul.database.execute(
        "create or replace procedure p() language sql as $$ insert into t values (-2) $$");

    resolve("done", "done");
    longhaul.executeUntil("done", "FINISHED");
    assertThat(longhaul.database.value("select count(*) from t where n = -2")).isEqualTo("0");
    resolve("again", "not done");
    longhaul.executeUntil("again", "FINISHED");
    assertThat(longhaul.database.value("select count(*) from t where n = -2")).isEqualTo("1");
    assertThat(
            longhaul.database.query(
                "select relname from pg_class where relname in ('done', 'again')"))
        .hasSize(2);
  }

  private void resolve(String name, String outcome) {
    ObjectNode request =
        dev.longhaul.payload.JsonFunction.JSON
            .createObjectNode()
            .put("action", "resolve")
            .put("migration_name", name)
            .put("outcome", outcome);
    assertThat(longhaul.control(request.toString()).path("status").asText()).isEqualTo("STARTED");
  }
}
