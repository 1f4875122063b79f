package dev.longhaul.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.Statuses;
import dev.longhaul.testing.TestContext;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

class RollbackTest {
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  private String table(String name) {
    return longhaul.database.value("select to_regclass('%s')".formatted(name));
  }

  private void finish(ObjectNode migration) {
    longhaul.register(migration.toString());
    longhaul.executeUntil(migration.path("migration_name").asText(), "FINISHED");
  }

  @Test
  void undoesAndCanBeAppliedAgain() {
    Statuses.bring(longhaul, "m", MigrationStatus.FINISHED);
    for (int i = 0; i < 2; i++) {
      longhaul.control("rollback", "m");
      longhaul.executeUntil("m", "ROLLED BACK");
      assertThat(table("m")).isEqualTo("null");
      assertThat(longhaul.control("status", "m").path("direction").asText()).isEqualTo("backwards");
      longhaul.control("retry", "m");
      longhaul.executeUntil("m", "FINISHED");
      assertThat(table("m")).isEqualTo("m");
    }
  }

  @Test
  void runsNoSqlForWhatNeverRan() {
    longhaul.register("m", "create table m (n int)", "create table trace (n int)");
    JsonNode status = longhaul.control("rollback", "m");
    longhaul.executeAll();

    assertThat(status.path("status").asText()).isEqualTo("ROLLED BACK");
    assertThat(table("trace")).isEqualTo("null");
    assertThat(table("m")).isEqualTo("null");
    assertThat(longhaul.control("status", "m").path("attempt").asInt()).isZero();
  }

  @Test
  void runsNoSqlForAScriptThatFailedAsAWhole() {
    longhaul.register(
        "m",
        "create table m (n int); insert into missing values (1)",
        "create table trace (n int)");
    longhaul.executeUntil("m", "ERROR");

    assertThat(longhaul.control("rollback", "m").path("status").asText()).isEqualTo("ROLLED BACK");
    assertThat(Fixture.notes(longhaul.control("status", "m"))).isEmpty();
    assertThat(table("trace")).isEqualTo("null");
  }

  @Test
  void undoesTheStepsOfAScriptThatFailedInTheMiddle() {
    longhaul.register(
        "m",
        "create table m (n int); create index concurrently m_n on m (n); selec 1",
        "drop table m");
    longhaul.executeUntil("m", "ERROR");
    assertThat(longhaul.control("rollback", "m").path("status").asText()).isEqualTo("STARTED");
    longhaul.executeUntil("m", "ROLLED BACK");

    assertThat(table("m")).isEqualTo("null");
  }

  /// Nobody knows whether the statement has happened, so "nothing had been applied" may be wrong.
  @Test
  void runsTheBackwardsScriptWhereTheOutcomeIsUnknown() {
    longhaul.register("m", "alter system reset work_mem", "create table trace (n int)");
    Statuses.claimAndVanish(longhaul, "m");
    longhaul.database.execute("update longhaul.async_migration set step_in_doubt = true");
    longhaul.executeUntil("m", "ERROR");
    assertThat(longhaul.control("status", "m").at("/meta/error/message").asText())
        .startsWith("outcome unknown");

    longhaul.control("rollback", "m");
    longhaul.executeUntil("m", "ROLLED BACK");
    assertThat(table("trace")).isEqualTo("trace");
  }

  /// A procedure that commits by itself may have done half of its work.
  @Test
  void runsTheBackwardsScriptAfterAProcedureThatCommitted() {
    longhaul.database.execute(
        "create table t (n int); create procedure half() language plpgsql as $$ begin insert into t"
            + " values (1); commit; perform 1/0; end $$");
    longhaul.register("m", "call half()", "delete from t");
    longhaul.executeUntil("m", "ERROR");
    assertThat(longhaul.database.value("select count(*) from t")).isEqualTo("1");

    longhaul.control("rollback", "m");
    longhaul.executeUntil("m", "ROLLED BACK");
    assertThat(longhaul.database.value("select count(*) from t")).isEqualTo("0");
  }

  @Test
  void refusesWhatCannotBeUndone() {
    finish(Fixture.migration("m", "create table m (n int)", ""));
    Refused.by(() -> longhaul.control("rollback", "m"))
        .is("InvalidTransition", "empty sql_backwards", "register a migration that repairs");

    assertThat(longhaul.status("m")).isEqualTo("FINISHED");
  }

  @Test
  void refusesWhileOthersHaveBeenBuiltOnIt() {
    finish(Fixture.migration("a", "create table a (n int)", "drop table a"));
    ObjectNode b = Fixture.migration("b", "create index b on a (n)", "drop index b");
    b.putArray("depends_on").add("a");
    finish(b);
    ObjectNode c = Fixture.migration("c", "select 1", "select 1");
    c.putArray("depends_on").add("a");
    finish(c);

    Refused.by(() -> longhaul.control("rollback", "a"))
        .is("InvalidTransition", "2 migrations have been built on it; roll back first: b, c");
    longhaul.control("rollback", "c");
    longhaul.executeUntil("c", "ROLLED BACK");
    Refused.by(() -> longhaul.control("rollback", "a"))
        .is("InvalidTransition", "one migration has been built on it; roll back first: b");
    longhaul.control("rollback", "b");
    longhaul.executeUntil("b", "ROLLED BACK");
    longhaul.control("rollback", "a");
    longhaul.executeUntil("a", "ROLLED BACK");
    assertThat(table("a")).isEqualTo("null");
  }

  @Test
  void refusesWhileOneThatIsHalfAppliedIsBetweenTwoAttempts() {
    finish(Fixture.migration("a", "create table a (n int)", "drop table a"));
    ObjectNode b =
        Fixture.migration(
            "b", "create index concurrently b on a (n); create table c (n int)", "drop index b");
    b.putArray("depends_on").add("a");
    longhaul.register(b.toString());
    Message message = longhaul.queue.receive().getFirst();
    longhaul.invoke("execute", Fixture.event(message).toString(), untilAStepIsDone("b"));
    longhaul.queue.delete(message);
    assertThat(table("b") + " " + table("c") + " " + longhaul.status("b"))
        .isEqualTo("b null STARTED");

    assertRollbackOfItsBaseIsRefused();
    longhaul.control("pause", "b");
    assertRollbackOfItsBaseIsRefused();
    longhaul.control("cancel", "b");
    assertRollbackOfItsBaseIsRefused();
    longhaul.control("rollback", "b");
    longhaul.executeUntil("b", "ROLLED BACK");
    longhaul.control("rollback", "a");
    longhaul.executeUntil("a", "ROLLED BACK");
  }

  private void assertRollbackOfItsBaseIsRefused() {
    Refused.by(() -> longhaul.control("rollback", "a"))
        .is("InvalidTransition", "one migration has been built on it; roll back first: b");
  }

  /// An invocation whose time is up once a step is done.
  private TestContext untilAStepIsDone(String name) {
    String done =
        "select steps_done from longhaul.async_migration where name = '%s'".formatted(name);
    return new TestContext(
        () -> longhaul.database.value(done).equals("0") ? 900_000 : 0,
        "arn:aws:lambda:us-east-1:123456789012:function:test");
  }

  /// The claim is not committed when the rollback begins to look.
  @Test
  void refusesWhileOneThatDependsOnItIsBeingClaimed() throws Exception {
    finish(Fixture.migration("a", "create table a (n int)", "drop table a"));
    ObjectNode b = Fixture.migration("b", "create index b on a (n)", "drop index b");
    b.putArray("depends_on").add("a");
    longhaul.register(b.toString());
    try (Connection executor = longhaul.database.connect();
        Statement claim = executor.createStatement()) {
      executor.setAutoCommit(false);
      claim.execute(
          """
          update longhaul.async_migration set status = 'IN PROGRESS', attempt = 1,
            backend_pid = 2000000000, backend_start = now() where name = 'b'
          """);
      var rollback =
          CompletableFuture.runAsync(
              this::assertRollbackOfItsBaseIsRefused, Thread::startVirtualThread);
      longhaul.database.await(
          "select exists (select from pg_stat_activity where application_name = 'longhaul' and"
              + " wait_event_type = 'Lock' and datname = current_database())");
      executor.commit();
      assertThat(rollback).succeedsWithin(Duration.ofSeconds(10));
    }
    assertThat(longhaul.status("a")).isEqualTo("FINISHED");
  }

  @Test
  void canBeTriedAgainWhenItFails() {
    finish(Fixture.migration("m", "create table m (n int)", "drop table other; drop table m"));
    longhaul.control("rollback", "m");
    longhaul.executeUntil("m", "ERROR");
    JsonNode failed = longhaul.control("status", "m");
    assertThat(failed.path("direction").asText()).isEqualTo("backwards");
    assertThat(failed.at("/meta/error/statement_number").asInt()).isEqualTo(1);
    assertThat(table("m")).isEqualTo("m");

    longhaul.database.execute("create table other (n int)");
    assertThat(Fixture.notes(longhaul.control("rollback", "m"))).isEmpty();
    longhaul.executeUntil("m", "ROLLED BACK");
    assertThat(table("m")).isEqualTo("null");
  }

  @Test
  void forgetsTheOldErrorOnRetry() {
    Statuses.bring(longhaul, "m", MigrationStatus.ERROR);
    JsonNode retried = longhaul.control("retry", "m");
    assertThat(Fixture.notes(retried)).isEmpty();
    assertThat(retried.path("finished_at").isNull()).isTrue();

    longhaul.database.execute("create table missing_m (n int)");
    longhaul.executeUntil("m", "FINISHED");
    assertThat(Fixture.notes(longhaul.control("status", "m"))).isEmpty();
  }

  @Test
  void goesOnAfterAPauseBetweenSteps() {
    longhaul.register(
        "m", "create table m (n int); create index concurrently m_n on m (n)", "drop table m");
    longhaul.control("pause", "m");
    longhaul.executeAll();
    assertThat(longhaul.status("m")).isEqualTo("PAUSED");
    assertThat(table("m")).isEqualTo("null");

    longhaul.control("resume", "m");
    longhaul.executeUntil("m", "FINISHED");
    assertThat(longhaul.pathOf("m"))
        .isEqualTo(List.of("STARTED", "PAUSED", "STARTED", "IN PROGRESS", "FINISHED"));
  }
}
