package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TestContext;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

@Tag("fault")
class FaultTest {
  private static final String TERMINATE =
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like"
          + " 'longhaul:%' and datname = current_database()";

  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  /// Executes the next message beside the test.
  private CompletableFuture<Void> executeInBackground() {
    return CompletableFuture.runAsync(longhaul::executeNext);
  }

  private void awaitRunning(String name) {
    longhaul.database.await(
        "select exists (select from pg_stat_activity where application_name = 'longhaul:%s' and state = 'active' and wait_event_type in ('Timeout', 'Lock') and datname = current_database())"
            .formatted(name));
  }

  /// What the sweep does a little later by itself.
  private void sweepNow() {
    longhaul.database.execute(
        "update longhaul.async_migration set next_look_at = now() where next_look_at is not null");
    longhaul.trigger("{}");
  }

  @Test
  void runsAgainWhatATerminatedBackendHasNotCommitted() {
    longhaul.database.execute("create table t (n int)");
    longhaul.register("slow", "insert into t values (1); select pg_sleep(2)", "");
    CompletableFuture<Void> first = executeInBackground();
    awaitRunning("slow");
    longhaul.database.query(TERMINATE);
    assertThat(first).succeedsWithin(Duration.ofSeconds(5));
    assertThat(longhaul.status("slow")).isEqualTo("IN PROGRESS");

    sweepNow();
    longhaul.executeUntil("slow", "FINISHED");
    assertThat(longhaul.database.value("select count(*) from t")).isEqualTo("1");
    assertThat(longhaul.control("status", "slow").path("attempt").asInt()).isEqualTo(2);
  }

  @Test
  void givesUpWhenEveryAttemptDies() {
    longhaul.register(
        Fixture.migration("dying", "select pg_terminate_backend(pg_backend_pid())", "")
            .put("max_attempts", 2)
            .toString());
    for (int i = 0; i < 3; i++) {
      longhaul.executeAll();
      sweepNow();
    }
    longhaul.executeUntil("dying", "ERROR");
    assertThat(
            longhaul.control("status", "dying").path("meta").path("error").path("message").asText())
        .contains("2 attempts");
  }

  @Test
  void twoExecutorsNeverRunOneMigrationTwice() {
    longhaul.database.execute("create table t (n int)");
    longhaul.register("once", "select pg_sleep(0.5); insert into t values (1)", "");
    Message message = longhaul.queue.receive().getFirst();
    CompletableFuture<?>[] executors =
        java.util.stream.IntStream.range(0, 8)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> longhaul.execute(message), Thread::startVirtualThread))
            .toArray(CompletableFuture[]::new);
    assertThat(CompletableFuture.allOf(executors)).succeedsWithin(Duration.ofSeconds(20));
    assertThat(longhaul.database.value("select count(*) from t")).isEqualTo("1");
    assertThat(longhaul.pathOf("once")).containsExactly("STARTED", "IN PROGRESS", "FINISHED");
  }

  @Test
  void aStaleMessageDoesNothing() {
    longhaul.register("done", "create table t (n int)", "drop table t");
    Message message = longhaul.queue.receive().getFirst();
    assertThat(longhaul.execute(message)).isEmpty();
    assertThat(longhaul.execute(message)).isEmpty();
    assertThat(longhaul.pathOf("done")).containsExactly("STARTED", "IN PROGRESS", "FINISHED");
    longhaul.control("rollback", "done");
    longhaul.executeUntil("done", "ROLLED BACK");
    assertThat(longhaul.execute(message)).isEmpty();
    assertThat(longhaul.status("done")).isEqualTo("ROLLED BACK");
  }

  @Test
  void messagesThatAreNotOursFail() {
    for (String body :
        List.of("not JSON", "[]", "{}", "{\"target\":\"nowhere\",\"migration_name\":\"m\"}")) {
      longhaul.queue.send(body);
      Message message = longhaul.queue.receive().getFirst();
      assertThat(longhaul.execute(message)).as(body).containsExactly(message.messageId());
      longhaul.queue.delete(message);
    }
  }

  @Test
  void retriesAfterALockTimeoutUntilTheTableIsFree() throws Exception {
    longhaul.database.execute("create table t (n int)");
    longhaul.register(
        Fixture.migration("locked", "alter table t add m int", "")
            .put("lock_timeout", "100ms")
            .toString());
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("lock table t in access share mode");
      longhaul.executeNext();
      JsonNode waiting = longhaul.control("status", "locked");
      assertThat(waiting.path("status").asText()).isEqualTo("STARTED");
      assertThat(waiting.path("meta").path("error").path("sqlstate").asText()).isEqualTo("55P03");
      assertThat(waiting.path("meta").has("next_attempt_at")).isTrue();
      blocker.rollback();
    }
    longhaul.executeUntil("locked", "FINISHED");
    assertThat(Fixture.notes(longhaul.control("status", "locked"))).isEmpty();
  }

  @Test
  void endsInErrorAfterTheLastAttempt() throws Exception {
    longhaul.database.execute("create table t (n int)");
    longhaul.register(
        Fixture.migration("locked", "alter table t add m int", "")
            .put("lock_timeout", "50ms")
            .put("max_attempts", 2)
            .toString());
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("lock table t in access share mode");
      longhaul.executeUntil("locked", "ERROR");
    }
    assertThat(longhaul.pathOf("locked"))
        .containsExactly("STARTED", "IN PROGRESS", "STARTED", "IN PROGRESS", "ERROR");
    longhaul.control("retry", "locked");
    longhaul.executeUntil("locked", "FINISHED");
    assertThat(Fixture.notes(longhaul.control("status", "locked"))).isEmpty();
  }

  @Test
  void cancelsARunningStatement() {
    longhaul.register("slow", "create table t (n int); select pg_sleep(60)", "");
    CompletableFuture<Void> running = executeInBackground();
    awaitRunning("slow");
    longhaul.control("cancel", "slow");
    assertThat(running).succeedsWithin(Duration.ofSeconds(5));
    assertThat(longhaul.status("slow")).isEqualTo("CANCELLED");
    assertThat(longhaul.database.value("select to_regclass('t')")).isEqualTo("null");
  }

  @Test
  void aCancelOfADeadAttemptTakesEffectWithoutRunningIt() {
    longhaul.register("slow", "create table t (n int); select pg_sleep(60)", "");
    CompletableFuture<Void> running = executeInBackground();
    awaitRunning("slow");
    longhaul.database.query(TERMINATE);
    assertThat(running).succeedsWithin(Duration.ofSeconds(5));
    longhaul.control("cancel", "slow");
    longhaul.executeUntil("slow", "CANCELLED");
    assertThat(longhaul.database.value("select to_regclass('t')")).isEqualTo("null");
  }

  @Test
  void pausesBetweenTwoStepsAndResumes() {
    longhaul.register(
        "steps",
        "create table t (n int); select pg_sleep(1); create index concurrently t_n on t (n)",
        "");
    CompletableFuture<Void> running = executeInBackground();
    awaitRunning("steps");
    longhaul.control("pause", "steps");
    assertThat(running).succeedsWithin(Duration.ofSeconds(10));
    JsonNode paused = longhaul.control("status", "steps");
    assertThat(paused.path("status").asText()).isEqualTo("PAUSED");
    assertThat(paused.path("progress").path("done").asInt()).isEqualTo(2);
    longhaul.control("resume", "steps");
    longhaul.executeUntil("steps", "FINISHED");
  }

  @Test
  void stopsBetweenTwoStepsAtTheDeadlineAndGoesOn() {
    longhaul.register(
        "steps", "set search_path = app, public; vacuum; create table t (n int); vacuum", "");
    longhaul.database.execute("create schema app");
    Message message = longhaul.queue.receive().getFirst();
    longhaul.invoke("execute", Fixture.event(message).toString(), new TestContext(5_000));
    assertThat(longhaul.status("steps")).isEqualTo("STARTED");
    longhaul.executeUntil("steps", "FINISHED");
    assertThat(longhaul.control("status", "steps").path("attempt").asInt()).isEqualTo(2);
  }

  @Test
  void aFailedUniqueIndexLeavesNothingBehind() {
    longhaul.database.execute("create table t (n int); insert into t values (1), (1)");
    longhaul.register("unique", "create unique index concurrently t_n on t (n)", "drop index t_n");
    longhaul.executeAll();
    JsonNode error = longhaul.control("status", "unique").path("meta").path("error");
    assertThat(error.path("sqlstate").asText()).isEqualTo("23505");
    assertThat(error.path("detail").asText()).contains("(n)=(1)");
    assertThat(longhaul.database.value("select to_regclass('t_n')")).isEqualTo("null");

    longhaul.database.execute("delete from t");
    longhaul.control("retry", "unique");
    longhaul.executeUntil("unique", "FINISHED");
  }

  @Test
  void rebuildsAnIndexWhoseBuildWasKilled() throws Exception {
    longhaul.database.execute(
        "create table t (n int); insert into t select generate_series(1, 1000)");
    longhaul.register("index", "create index concurrently t_n on t (n)", "");
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("insert into t values (0)");
      CompletableFuture<Void> running = executeInBackground();
      awaitRunning("index");
      longhaul.database.query(TERMINATE);
      assertThat(running).succeedsWithin(Duration.ofSeconds(5));
    }
    assertThat(
            longhaul.database.value(
                "select indisvalid from pg_index where indexrelid = 't_n'::regclass"))
        .isEqualTo("f");
    sweepNow();
    longhaul.executeUntil("index", "FINISHED");
    assertThat(
            longhaul.database.query(
                "select indisvalid from pg_index where indrelid = 't'::regclass"))
        .containsExactly("t");
  }

  @Test
  void leavesABuildAloneWhoseExecutorIsGone() throws Exception {
    longhaul.database.execute(
        "create table t (n int); insert into t select generate_series(1, 1000)");
    longhaul.register("index", "create index concurrently t_n on t (n)", "");
    String built;
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("insert into t values (0)");
      CompletableFuture<Void> running = executeInBackground();
      awaitRunning("index");
      built = longhaul.database.value("select 't_n'::regclass::oid");
      sweepNow();
      longhaul.executeAll();
      assertThat(longhaul.control("status", "index").path("attempt").asInt()).isEqualTo(1);
      blocker.rollback();
      assertThat(running).succeedsWithin(Duration.ofSeconds(10));
    }
    longhaul.executeUntil("index", "FINISHED");
    assertThat(longhaul.database.value("select 't_n'::regclass::oid")).isEqualTo(built);
  }

  @Test
  void saysThatTheOutcomeOfAProcedureThatCommitsIsUnknownWhenItIsKilled() {
    longhaul.database.execute(
        "create table t (n int); create procedure p() language plpgsql as $$ begin insert into t"
            + " values (1); commit; perform pg_sleep(60); end $$");
    longhaul.register("procedure", "call p()", "");
    CompletableFuture<Void> running = executeInBackground();
    awaitRunning("procedure");
    longhaul.database.query(TERMINATE);
    assertThat(running).succeedsWithin(Duration.ofSeconds(5));
    sweepNow();
    longhaul.executeUntil("procedure", "ERROR");
    assertThat(
            longhaul
                .control("status", "procedure")
                .path("meta")
                .path("error")
                .path("message")
                .asText())
        .startsWith("outcome unknown");
    assertThat(longhaul.database.value("select count(*) from t")).isEqualTo("1");
  }

  @Test
  void recordsADeferredConstraintThatFailsAtTheEnd() {
    longhaul.database.execute(
        "create table p (id int primary key); create table c (p int references p deferrable"
            + " initially deferred)");
    longhaul.register("deferred", "insert into c values (1); create table t (n int)", "");
    longhaul.executeAll();
    assertThat(
            longhaul
                .control("status", "deferred")
                .path("meta")
                .path("error")
                .path("sqlstate")
                .asText())
        .isEqualTo("23503");
    assertThat(longhaul.database.value("select to_regclass('t')")).isEqualTo("null");
  }

  @Test
  void buildsOnOneTableTakeTurns() throws Exception {
    longhaul.database.execute("create table t (n int, m int); insert into t values (1, 1)");
    longhaul.register("first", "create index concurrently t_n on t (n)", "");
    longhaul.register("second", "create index concurrently t_m on t (m)", "");
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("insert into t values (0)");
      CompletableFuture<Void> running = executeInBackground();
      awaitRunning("first");
      longhaul.executeNext();
      JsonNode second = longhaul.control("status", "second");
      assertThat(second.path("status").asText()).isEqualTo("STARTED");
      assertThat(second.path("attempt").asInt()).isZero();
      assertThat(second.path("meta").path("waiting_reason").asText()).contains("same table");
      blocker.rollback();
      assertThat(running).succeedsWithin(Duration.ofSeconds(10));
    }
    sweepNow();
    longhaul.executeUntil("second", "FINISHED");
    assertThat(Fixture.notes(longhaul.control("status", "second"))).isEmpty();
  }

  @Test
  void splitsBehindAnAtomicFunctionBody() {
    longhaul.register(
        "atomic",
        """
        create function f(n int) returns int language sql
          begin atomic select case when n > 1 then 1 else 2 end; select 3; end;
        create table t (n int);
        create index concurrently t_n on t (n);
        """,
        "");
    longhaul.executeUntil("atomic", "FINISHED");
    assertThat(longhaul.control("status", "atomic").path("progress").path("total").asInt())
        .isEqualTo(3);
  }
}
