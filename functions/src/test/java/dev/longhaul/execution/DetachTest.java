package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TestContext;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.sqs.model.Message;

/// Statements that outlive their executor.
@Tag("fault")
@Timeout(60)
class DetachTest {
  private final DetachedTask task = new DetachedTask();
  private final Fixture longhaul = task.longhaul;

  @AfterEach
  void close() {
    task.close();
  }

  @Test
  void aBuildGoesOnAloneAndIsAdopted() throws Exception {
    task.registerIndex();
    List<String> built;
    try (var _ = task.block()) {
      longhaul.executeNext();
      JsonNode left = longhaul.control("status", "index");
      assertThat(left.path("status").asText()).isEqualTo("IN PROGRESS");
      assertThat(left.path("meta").has("detached_at")).isTrue();
      assertThat(task.owner()).as("the session that goes on").hasSize(1);
      built = task.index();

      task.look("index");
      JsonNode progress = longhaul.control("status", "index").path("progress");
      assertThat(progress.path("phase").asText()).isEqualTo("waiting for writers before build");
      assertThat(progress.path("done").asInt()).isZero();
      assertThat(progress.path("total").asInt()).isEqualTo(1);
      assertThat(progress.path("unit").asText()).isEqualTo("transaction");
      assertThat(progress.path("eta_seconds").isNull()).isTrue();
      assertThat(progress.path("waits_for").path("application_name").asText()).isEqualTo("report");
      assertThat(progress.path("steps_total").asInt()).isEqualTo(1);
    }
    task.awaitFree();
    task.look("index");
    JsonNode done = longhaul.control("status", "index");
    assertThat(done.path("status").asText()).isEqualTo("FINISHED");
    assertThat(done.path("attempt").asInt()).isEqualTo(2);
    assertThat(done.path("meta").path("lambda_ms").asInt()).isPositive();
    assertThat(Fixture.notes(done)).isEmpty();
    assertThat(task.index()).as("not built again").isEqualTo(built);
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
    task.awaitFree();
  }

  @Test
  void aScriptFinishesByItself() {
    task.register(
        "script", "insert into t values (-1); select pg_sleep(1); insert into t values (-2)");
    longhaul.executeNext();
    assertThat(longhaul.status("script")).isEqualTo("IN PROGRESS");
    longhaul.database.await(
        "select status = 'FINISHED' from longhaul.async_migration where name = 'script'");
    assertThat(longhaul.database.value("select count(*) from t where n < 0")).isEqualTo("2");
    assertThat(Fixture.notes(longhaul.control("status", "script"))).isEmpty();
    task.awaitFree();
    task.look("script");
    assertThat(longhaul.control("status", "script").path("attempt").asInt()).isEqualTo(1);
  }

  @Test
  void aScriptRecordsItsErrorByItself() {
    task.register("script", "insert into t values (-1); select pg_sleep(1); select 1 / 0");
    longhaul.executeNext();
    longhaul.database.await(
        "select status = 'ERROR' from longhaul.async_migration where name = 'script'");
    JsonNode error = longhaul.control("status", "script").path("meta").path("error");
    assertThat(error.path("sqlstate").asText()).isEqualTo("22012");
    assertThat(error.path("statement_number").asInt()).isEqualTo(3);
    assertThat(longhaul.database.value("select count(*) from t where n < 0")).isEqualTo("0");
    task.awaitFree();
  }

  @Test
  void aUniqueBuildThatFailedAloneNamesTheDuplicateKey() throws Exception {
    longhaul.database.execute("insert into t values (7)");
    task.register("unique", "create unique index concurrently t_n on t (n)");
    try (var _ = task.block()) {
      longhaul.executeNext();
    }
    task.awaitFree();
    task.look("unique");
    JsonNode error = longhaul.control("status", "unique").path("meta").path("error");
    assertThat(error.path("sqlstate").asText()).isEqualTo("23505");
    assertThat(error.path("detail").asText()).contains("(n)=(7)");
    assertThat(task.index()).isEmpty();
  }

  @Test
  void whatTheServerDidNotCompleteIsTriedAgain() throws Exception {
    task.registerIndex();
    try (var _ = task.block()) {
      longhaul.executeNext();
      task.terminateOwner();
    }
    task.look("index");
    JsonNode again = longhaul.control("status", "index");
    assertThat(again.path("status").asText()).isEqualTo("STARTED");
    assertThat(again.path("meta").path("error").path("message").asText())
        .isEqualTo(
            "statement 1 was left to the server, which did not complete it; the server's log says"
                + " why");
    assertThat(task.index()).isEmpty();
    longhaul.executeUntil("index", "FINISHED");
    assertThat(longhaul.database.value("select failed_attempts from longhaul.async_migration"))
        .isEqualTo("1");
  }

  @Test
  void aLookNeedsNoTimeButAMoment() throws Exception {
    task.registerIndex();
    List<String> built;
    try (var _ = task.block()) {
      longhaul.executeNext();
      built = task.index();
      task.lookInHaste("index");
      assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
      assertThat(longhaul.queue.delayed()).as("the next look").isGreaterThan(0);
    }
    task.awaitFree();
    task.lookInHaste("index");
    assertThat(longhaul.status("index")).isEqualTo("FINISHED");
    assertThat(task.index()).as("not built again").isEqualTo(built);
  }

  @Test
  void whatALookHasNoTimeToRemoveIsLeftToTheServer() throws Exception {
    task.registerIndex();
    try (var _ = task.block()) {
      longhaul.executeNext();
      task.terminateOwner();
    }
    // One that has no time at all may go before the server has heard of it.
    for (int looks = 0; looks < 10 && !task.index().isEmpty(); looks++) {
      task.lookInHaste("index");
      task.awaitFree();
    }
    assertThat(task.index()).isEmpty();
    assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
    task.look("index");
    assertThat(longhaul.status("index")).isEqualTo("STARTED");
    longhaul.executeUntil("index", "FINISHED");
  }

  @Test
  void aScriptThatTheServerDidNotCompleteIsTriedAgain() {
    task.register("script", "insert into t values (-1); select pg_sleep(5)");
    longhaul.executeNext();
    task.terminateOwner();
    task.look("script");
    assertThat(longhaul.status("script")).isEqualTo("STARTED");
    assertThat(longhaul.database.value("select count(*) from t where n < 0")).isEqualTo("0");
  }

  @Test
  void aDoubledMessageDoesNotDoubleTheLooks() throws Exception {
    task.registerIndex();
    try (var _ = task.block()) {
      Message message = longhaul.queue.receive().getFirst();
      longhaul.execute(message);
      assertThat(longhaul.queue.delayed()).isEqualTo(1);
      for (int i = 0; i < 5; i++) {
        assertThat(longhaul.execute(message)).isEmpty();
      }
      assertThat(longhaul.queue.delayed()).isEqualTo(1);
    }
    task.awaitFree();
    task.look("index");
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
      assertThat(task.owner()).as("it may be at work").hasSize(1);
      longhaul.database.await(
          "select clock_timestamp() - state_change > interval '10 s' from pg_stat_activity where"
              + " pid = "
              + task.owner().getFirst());
      task.look("index");
      task.awaitFree();
    }
    task.look("index");
    assertThat(longhaul.status("index")).isEqualTo("FINISHED");
  }

  @Test
  void aPersonSaysWhetherAnUnknownOutcomeIsDone() {
    longhaul.database.execute(
        "create procedure p() language plpgsql as $$ begin insert into t values (-1); commit;"
            + " perform pg_sleep(60); end $$");
    for (String name : List.of("done", "again")) {
      task.register(name, "call p(); create table " + name + " (n int)");
      longhaul.executeNext();
      task.terminateOwner();
      task.look(name);
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
