package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Statuses;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// The ends that an attempt at a bare step can meet.
record Interruption(Fixture longhaul) {

  /// The journal says that the statement begins, and the function dies.
  void beforeTheStatement(String name) {
    Statuses.claimAndVanish(longhaul, name);
    begin(name, 0);
  }

  /// The first statement is done, the journal says that the second begins, and the function dies.
  void beforeTheSecondStatement(String name, String first) {
    Statuses.claimAndVanish(longhaul, name);
    longhaul.database.execute(first);
    begin(name, 1);
  }

  private void begin(String name, int done) {
    longhaul.database.execute(
        """
        update longhaul.async_migration set steps_done = %d, step_in_doubt = true,
          step_begun_at = now(), step_begun_xid = pg_current_xact_id()
        where name = '%s'
        """
            .formatted(done, name));
  }

  /// The server has done it all, and nobody is there to hear it.
  void afterTheStatement(String name, String statement) {
    beforeTheStatement(name);
    longhaul.database.execute(statement);
  }

  /// Really runs it, has it wait for another session's transaction, and ends its backend there.
  ///
  /// @param blocking what the other transaction does
  void inTheMiddle(String name, String blocking) throws SQLException {
    inTheMiddle(name, blocking, "true");
  }

  /// @param there tells that the statement has come as far as it should
  void inTheMiddle(String name, String blocking, String there) throws SQLException {
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute(blocking);
      CompletableFuture<Void> running = CompletableFuture.runAsync(longhaul::executeNext);
      longhaul.database.await(
          """
          select exists (select from pg_stat_activity where application_name = 'longhaul:%s'
            and state = 'active' and wait_event_type = 'Lock' and datname = current_database()) and (%s)
          """
              .formatted(name, there));
      longhaul.database.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name like"
              + " 'longhaul:%' and datname = current_database()");
      assertThat(running).succeedsWithin(Duration.ofSeconds(10));
      longhaul.database.await(
          "select not exists (select from pg_stat_activity where application_name like"
              + " 'longhaul:%' and datname = current_database())");
      blocker.rollback();
    }
    assertThat(longhaul.status(name)).isEqualTo("IN PROGRESS");
  }

  /// A person cancels it while it waits for another session's transaction.
  ///
  /// @param blocking what the other transaction does
  /// @param there tells that the statement has come as far as it should
  void byACancel(String name, String blocking, String there) throws SQLException {
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute(blocking);
      CompletableFuture<Void> running = CompletableFuture.runAsync(longhaul::executeNext);
      longhaul.database.await("select " + there);
      longhaul.control("cancel", name);
      assertThat(running).succeedsWithin(Duration.ofSeconds(10));
      blocker.rollback();
    }
    assertThat(longhaul.status(name)).isEqualTo("CANCELLED");
  }

  /// What the sweep brings about a little later.
  void look() {
    longhaul.database.execute(
        "update longhaul.async_migration set next_look_at = now() where next_look_at is not null");
    longhaul.trigger("{}");
  }

  void goOn(String name) {
    look();
    longhaul.executeUntil(name, "FINISHED");
    assertThat(Fixture.notes(longhaul.control("status", name))).isEmpty();
    longhaul.queue.drain();
  }

  /// What a person says of a statement.
  JsonNode resolve(String name, String outcome) {
    return longhaul.control(
        JsonFunction.JSON
            .createObjectNode()
            .put("action", "resolve")
            .put("migration_name", name)
            .put("outcome", outcome)
            .toString());
  }

  String error(String name) {
    longhaul.executeUntil(name, "ERROR");
    return longhaul.control("status", name).path("meta").path("error").path("message").asText();
  }
}
