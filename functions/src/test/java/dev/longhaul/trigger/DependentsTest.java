package dev.longhaul.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DependentsTest {
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  private static ObjectNode migration(String name, String sql, String... dependsOn) {
    ObjectNode migration = Fixture.migration(name, sql, "select 1");
    for (String dependency : dependsOn) {
      migration.withArray("depends_on").add(dependency);
    }
    return migration;
  }

  private void register(ObjectNode... migrations) {
    longhaul.register("{\"migrations\": " + List.of(migrations) + "}");
  }

  private JsonNode meta(String name) {
    return Fixture.notes(longhaul.control("status", name));
  }

  @Test
  void wakesDependentsWhenTheirDependencyFinishes() {
    longhaul.register(migration("a", "create table a (n int)").toString());
    longhaul.queue.drain();
    longhaul.register(migration("b", "insert into a values (1)", "a").toString());
    longhaul.executeAll();

    assertThat(longhaul.status("b")).isEqualTo("STARTED");
    assertThat(meta("b").path("waiting_for").toString()).isEqualTo("[\"a\"]");
    assertThat(meta("b").path("waiting_reason").asText())
        .isEqualTo("depends on \"a\", which is STARTED");
    assertThat(longhaul.control("status", "b").path("progress").path("phase").asText())
        .isEqualTo("waiting");
    assertThat(longhaul.control("status", "b").path("attempt").asInt()).isZero();

    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"a\"}");
    longhaul.executeAll();
    assertThat(longhaul.status("b")).isEqualTo("FINISHED");
    assertThat(meta("b")).isEmpty();
  }

  @Test
  void wakesDependentsWhenTheMessageThatShouldHaveIsLost() {
    register(migration("a", "select 1"), migration("b", "select 1", "a"));
    longhaul.queue.drain();
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"b\"}");
    longhaul.executeAll();
    longhaul.trigger("{}");
    assertThat(longhaul.queue.drain())
        .containsExactly("{\"target\":\"main\",\"migration_name\":\"a\"}");
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"a\"}");
    longhaul.executeUntil("a", "FINISHED");
    longhaul.queue.drain();

    longhaul.trigger("{}");

    assertThat(longhaul.queue.drain())
        .containsExactly("{\"target\":\"main\",\"migration_name\":\"b\"}");
  }

  @Test
  void saysSoWhenADependencyHasFailed() {
    register(migration("a", "selec 1"), migration("b", "select 1", "a"));
    longhaul.executeUntil("a", "ERROR");
    longhaul.executeAll();

    assertThat(longhaul.status("b")).isEqualTo("STARTED");
    assertThat(meta("b").path("waiting_for").toString()).isEqualTo("[\"a\"]");
    assertThat(meta("b").path("waiting_reason").asText())
        .isEqualTo("depends on \"a\", which is ERROR: it runs once that has finished");
  }

  @Test
  void runsDependentsOnceTheFailedDependencyIsMended() {
    register(
        migration("a", "insert into t values (1)"),
        migration("b", "insert into t values (2)", "a"));
    longhaul.executeUntil("a", "ERROR");
    longhaul.executeAll();
    longhaul.database.execute("create table t (n int)");
    longhaul.control("retry", "a");
    longhaul.executeUntil("b", "FINISHED");

    assertThat(longhaul.database.query("select n from t order by n")).isEqualTo(List.of("1", "2"));
  }

  @Test
  void tellsDependentsThatADependencyWasCancelled() {
    register(migration("a", "select 1"), migration("b", "select 1", "a"));
    longhaul.control("cancel", "a");
    longhaul.executeAll();

    assertThat(meta("b").path("waiting_reason").asText()).contains("\"a\", which is CANCELLED");
  }

  @Test
  void findsDependentsWhoseMessageWasLost() {
    register(migration("a", "select 1"), migration("b", "select 1", "a"));
    longhaul.queue.drain();
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"a\"}");
    longhaul.executeNext();
    longhaul.queue.drain();
    assertThat(longhaul.status("b")).isEqualTo("STARTED");

    longhaul.trigger("{}");
    longhaul.executeUntil("b", "FINISHED");
  }

  /// Its executor has found the dependency FINISHED, and then is slow.
  @Test
  void runsNothingWhereTheDependencyIsRolledBackBeforeTheClaim() throws Exception {
    register(migration("a", "create table a (n int)"));
    longhaul.executeUntil("a", "FINISHED");
    register(migration("b", "create table b (n int)", "a"));
    try (var blocker = longhaul.database.connect();
        var statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("select from longhaul.async_migration where name = 'b' for update");
      Thread executor = Thread.startVirtualThread(longhaul::executeNext);
      longhaul.database.await(
          "select count(*) > 0 from pg_stat_activity where application_name = 'longhaul:b' and"
              + " wait_event_type = 'Lock' and datname = current_database()");
      longhaul.database.execute(
          """
          update longhaul.async_migration set status = 'STARTED', direction = 'BACKWARDS',
            steps_done = 0, finished_at = null, next_look_at = now() where name = 'a'
          """);
      blocker.rollback();
      executor.join();
    }
    assertThat(longhaul.status("b")).isEqualTo("STARTED");
    assertThat(longhaul.database.exists("b")).isFalse();
    assertThat(meta("b").path("waiting_reason").asText()).contains("has been rolled back");
    longhaul.queue.drain();
  }

  @Test
  void doesNotSayThatItWaitsWhileItRuns() throws Exception {
    register(migration("a", "select 1"), migration("b", "lock table t; select 1", "a"));
    longhaul.database.execute("create table t (n int)");
    longhaul.queue.drain();
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"b\"}");
    longhaul.executeAll();
    assertThat(meta("b").has("waiting_for")).isTrue();

    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"a\"}");
    try (var blocker = longhaul.database.connect();
        var statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("lock table t");
      Thread executor = Thread.startVirtualThread(longhaul::executeAll);
      longhaul.database.await(
          "select count(*) > 0 from pg_stat_activity where application_name = 'longhaul:b' and"
              + " wait_event_type = 'Lock' and datname = current_database()");
      assertThat(longhaul.status("b")).isEqualTo("IN PROGRESS");
      assertThat(meta("b")).isEmpty();
      blocker.rollback();
      executor.join();
    }
    longhaul.executeUntil("b", "FINISHED");
  }
}
