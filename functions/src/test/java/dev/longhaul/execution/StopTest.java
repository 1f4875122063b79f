package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.database.Dialect;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.BoundSql;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalConnection;
import dev.longhaul.migration.ErrorDetails;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Fixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What somebody has asked of an attempt is met at its end, also where it would go back to the
/// queue.
class StopTest {
  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  enum Requeue {
    RETRY(
        attempt ->
            attempt.retry(
                new ErrorDetails("55P03", "canceled", null, null, null, null, null, "-"),
                Duration.ofSeconds(5))),
    WAIT(attempt -> attempt.waitFor("something is in the way")),
    CONTINUE(Attempt::continueLater),
    STOP(Attempt::stop);

    @SuppressWarnings("ImmutableEnumChecker") // A function without a state.
    private final Function<Attempt, BoundSql> sql;

    Requeue(Function<Attempt, BoundSql> sql) {
      this.sql = sql;
    }
  }

  private void ask(String action) {
    ObjectNode payload =
        JsonFunction.JSON
            .createObjectNode()
            .put("action", action)
            .put("migration_name", "asked")
            .put("requested_by", "ada");
    fixture.control(payload.toString());
  }

  private void assertStopped(String status, String reason) {
    assertThat(fixture.status("asked")).isEqualTo(status);
    JsonNode last = fixture.control("history", "asked").path("history").path(2);
    assertThat(last.path("from").asText()).isEqualTo("IN PROGRESS");
    assertThat(last.path("to").asText()).isEqualTo(status);
    assertThat(last.path("requested_by").asText()).isEqualTo("ada");
    assertThat(last.path("reason").asText()).isEqualTo(reason);
    assertThat(
            fixture.database.value(
                "select next_look_at is null and not_before is null and stop_requested is null and"
                    + " (finished_at is not null) = (status = 'CANCELLED') from"
                    + " longhaul.async_migration"))
        .isEqualTo("t");
  }

  @ParameterizedTest
  @CsvSource({
    "RETRY, pause, PAUSED, paused",
    "RETRY, cancel, CANCELLED, cancelled",
    "WAIT, pause, PAUSED, paused",
    "WAIT, cancel, CANCELLED, cancelled",
    "CONTINUE, pause, PAUSED, paused",
    "CONTINUE, cancel, CANCELLED, cancelled",
    "STOP, pause, PAUSED, paused",
    "STOP, cancel, CANCELLED, cancelled"
  })
  void isMetWhereTheAttemptGoesBackToTheQueue(
      Requeue requeue, String action, String status, String reason) throws SQLException {
    fixture.register("asked", "select 1", "");
    end(requeue, action);
    assertStopped(status, reason);
    fixture.control(status.equals("PAUSED") ? "resume" : "retry", "asked");
    fixture.executeUntil("asked", "FINISHED");
  }

  /// An attempt that has heard of a pause.
  @Test
  void isWhatWasAskedLast() throws SQLException {
    fixture.register("asked", "select 1", "");
    end(Requeue.STOP, "pause", "cancel");
    assertStopped("CANCELLED", "cancelled");
  }

  @Test
  void isNothingWhereThePauseWasWithdrawn() throws SQLException {
    fixture.register("asked", "select 1", "");
    end(Requeue.STOP, "pause", "resume");
    assertThat(fixture.status("asked")).isEqualTo("STARTED");
    fixture.executeUntil("asked", "FINISHED");
    assertThat(fixture.pathOf("asked"))
        .containsExactly("STARTED", "IN PROGRESS", "STARTED", "IN PROGRESS", "FINISHED");
  }

  /// An attempt of which something is asked just before its end.
  private void end(Requeue requeue, String... actions) throws SQLException {
    try (Connection connection = fixture.database.connect()) {
      JournalConnection work = new JournalConnection(connection, Dialect.POSTGRESQL);
      try (Journal journal = new Journal(work, "main", () -> {})) {
        Attempt attempt = Attempt.claim(work, journal.find("asked").orElseThrow()).orElseThrow();
        for (String action : actions) {
          ask(action);
        }
        attempt.execute(requeue.sql.apply(attempt));
      }
    }
  }

  @Test
  void isMetWhereTheStatementRunsIntoALockTimeout() throws SQLException {
    fixture.database.execute("create table t (n int)");
    fixture.register(
        Fixture.migration("asked", "alter table t add m int", "")
            .put("lock_timeout", "2s")
            .toString());
    try (Connection blocker = fixture.database.connect();
        Statement lock = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      lock.execute("lock table t in share update exclusive mode");
      CompletableFuture<Void> run =
          CompletableFuture.runAsync(fixture::executeNext, Thread::startVirtualThread);
      fixture.database.await(
          "select count(*) > 0 from pg_locks where relation = 't'::regclass and not granted");
      ask("pause");
      run.join();
      assertStopped("PAUSED", "paused");
      blocker.rollback();
    }
    fixture.control("resume", "asked");
    fixture.executeUntil("asked", "FINISHED");
  }

  /// Each of two people who set something else at the same moment gets what they have asked for.
  @Test
  void settingsOfTwoPeopleAtOnceAreBothKept() {
    fixture.database.execute("create table t (id bigint primary key, n int)");
    ObjectNode migration = Fixture.migration("asked", "update t set n = 1 where :batch", "");
    migration.putObject("batch").put("table", "t").put("key", "id");
    fixture.register(migration.toString());
    // Whoever comes second has read the row before the first has written it.
    fixture.database.execute(
        """
        create function slow() returns trigger language plpgsql as $$
          begin perform pg_sleep(0.5); return new; end $$;
        create trigger slow before update on longhaul.async_migration for each row execute function slow()
        """);
    CompletableFuture<?>[] people =
        java.util.stream.Stream.of(
                "{\"size\": 77}",
                "{\"target_ms\": 88}",
                "{\"health\": {\"vcpus\": 4}}",
                "{\"health\": {\"blocked_sessions\": 0}}")
            .map(
                batch ->
                    CompletableFuture.runAsync(
                        () -> fixture.control("set", "asked", batch), Thread::startVirtualThread))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(people).join();
    assertThat(
            fixture.database.value(
                "select concat_ws(' ', batch -> 'size', batch -> 'target_ms', batch -> 'health')"
                    + " from longhaul.async_migration"))
        .isEqualTo("77 88 {\"vcpus\": 4, \"blocked_sessions\": 0}");
  }
}
