package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.PgBouncer;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.TestContext;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.model.Message;

/// What [PoolerTest] shows with a pooler of our own, at a real PgBouncer.
@Tag("fault")
@Timeout(60)
class PgBouncerTest {
  /// A little more than an executor keeps for winding up.
  private static final Duration SHORT = TimeBudget.TO_WIND_UP.plusMillis(1900);

  private static final String REASON =
      "cancelled after 1 s, when the function's time was up: the statement could not be left to the"
          + " server, since there is a pooler before this target (the server's process is not the"
          + " one that the connection was told of)";

  @TempDir private Path directory;
  private final Database database = Database.create();

  @BeforeEach
  void fill() {
    database.execute("create table t (n int); insert into t select generate_series(1, 1000)");
  }

  private PgBouncer start(String poolMode) throws IOException {
    Optional<Path> command = PgBouncer.command();
    assumeTrue(command.isPresent(), "SKIPPED: the pgbouncer command is not on this machine");
    return PgBouncer.start(command.orElseThrow(), database, poolMode, directory);
  }

  private static CompletableFuture<Void> begin(Fixture longhaul) {
    Message message = longhaul.queue.receive().getFirst();
    longhaul.queue.delete(message);
    return CompletableFuture.runAsync(
        () -> longhaul.invoke("execute", Fixture.event(message).toString(), TestContext.of(SHORT)),
        Thread::startVirtualThread);
  }

  private static void awaitEnd(CompletableFuture<Void> execution) {
    assertThat(execution).as("ends before the function's deadline").succeedsWithin(SHORT);
  }

  private Connection block() throws SQLException {
    Connection blocker = database.connect();
    blocker.setAutoCommit(false);
    try (Statement statement = blocker.createStatement()) {
      statement.execute("insert into t values (0)");
    }
    return blocker;
  }

  @Test
  void inSessionModeWhatFitsIntoTheFunctionsTimeIsDone() throws Exception {
    try (PgBouncer pooler = start("session");
        Fixture longhaul = new Fixture(database, Map.of("DATABASE_URL", pooler.url()))) {
      longhaul.register("index", "create index concurrently t_n on t (n)", "");
      longhaul.register("script", "insert into t values (-1); insert into t values (-2)", "");
      longhaul.executeUntil("index", "FINISHED");
      longhaul.executeUntil("script", "FINISHED");
    }
    assertThat(database.query("select n from t where n < 0 order by n"))
        .containsExactly("-2", "-1");
  }

  @Test
  void inSessionModeAStatementIsBoundedByTheDeadlineAndTheErrorSaysWhy() throws Exception {
    try (PgBouncer pooler = start("session");
        Fixture longhaul = new Fixture(database, Map.of("DATABASE_URL", pooler.url()))) {
      longhaul.register(
          Fixture.migration("long", "create table u (n int); select pg_sleep(30)", "")
              .put("detach_after", "100ms")
              .toString());
      awaitEnd(begin(longhaul));
      JsonNode status = longhaul.control("status", "long");
      assertThat(status.path("status").asText()).as(status.toString()).isEqualTo("ERROR");
      assertThat(status.path("meta").path("error").path("message").asText()).isEqualTo(REASON);
      assertThat(status.path("meta").path("error").path("next").asText())
          .contains("the writer itself");
      assertThat(longhaul.pathOf("long")).containsExactly("STARTED", "IN PROGRESS", "ERROR");
      assertThat(
              longhaul.database.value(
                  "select count(*) from longhaul.async_migration where detached_at is not null"))
          .isEqualTo("0");
      assertThat(database.value("select to_regclass('u')")).isEqualTo("null");
    }
  }

  /// What it leaves behind cannot be removed while the other transaction lasts.
  @Test
  void inSessionModeABuildThatIsCancelledLeavesNoIndexBehind() throws Exception {
    try (PgBouncer pooler = start("session");
        Fixture longhaul = new Fixture(database, Map.of("DATABASE_URL", pooler.url()))) {
      longhaul.register("index", "create index concurrently t_n on t (n)", "");
      try (Connection blocker = block()) {
        awaitEnd(begin(longhaul));
        blocker.rollback();
      }
      assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
      assertThat(longhaul.queue.delayed()).as("the next look").isGreaterThan(0);
      longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"index\"}");
      longhaul.executeUntil("index", "ERROR");
      JsonNode error = longhaul.control("status", "index").path("meta").path("error");
      assertThat(error.path("message").asText()).isEqualTo(REASON);
      assertThat(database.value("select to_regclass('t_n')")).isEqualTo("null");
      longhaul.control("retry", "index");
      longhaul.executeUntil("index", "FINISHED");
      assertThat(database.query("select indisvalid from pg_index where indrelid = 't'::regclass"))
          .isEqualTo(List.of("t"));
    }
  }

  @Test
  void inSessionModeAStepThatOthersHaveLeftNoTimeForGoesOnInTheNextFunction() throws Exception {
    try (PgBouncer pooler = start("session");
        Fixture longhaul = new Fixture(database, Map.of("DATABASE_URL", pooler.url()))) {
      longhaul.register("steps", "select pg_sleep(1); create index concurrently t_n on t (n)", "");
      try (Connection blocker = block()) {
        CompletableFuture<Void> execution = begin(longhaul);
        database.await(
            """
            select progress ->> 'phase' is not distinct from 'removing what the statement has left'
            from longhaul.async_migration
            """);
        blocker.rollback();
        awaitEnd(execution);
      }
      JsonNode status = longhaul.control("status", "steps");
      assertThat(status.path("status").asText()).as(status.toString()).isEqualTo("STARTED");
      longhaul.executeUntil("steps", "FINISHED");
      assertThat(longhaul.control("status", "steps").path("attempt").asInt()).isEqualTo(2);
    }
  }

  @Test
  void inTransactionModeNothingIsTakenOn() throws Exception {
    try (PgBouncer pooler = start("transaction")) {
      try (Fixture longhaul = new Fixture(database, Map.of("DATABASE_URL", pooler.url()))) {
        Refused.by(() -> longhaul.register("late", "select 1", ""))
            .is("TargetUnavailable", "pool_mode = transaction", "give the writer's own address");
      }
      // What was registered before.
      try (Fixture direct = new Fixture(database, Map.of())) {
        direct.register("script", "insert into t values (-1)", "");
        Message message = direct.queue.receive().getFirst();
        try (Fixture longhaul = new Fixture(database, Map.of("DATABASE_URL", pooler.url()))) {
          assertThat(longhaul.execute(message)).hasSize(1);
        }
        assertThat(direct.status("script")).isEqualTo("STARTED");
      }
    }
    assertThat(database.value("select count(*) from t where n < 0")).isEqualTo("0");
  }
}
