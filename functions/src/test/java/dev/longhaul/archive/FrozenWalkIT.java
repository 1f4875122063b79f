package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// SIGSTOP of the function's process while it walks, and SIGCONT when another is in the middle of
/// what it had before it.
@Tag("fault")
@Timeout(120)
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class FrozenWalkIT {
  /// Cut into sixteen ranges of 36 rows or a few more.
  private static final int ROWS = 600;

  /// Rows near the beginning of two ranges, and how far from there a later batch is.
  private static final int ONE = 80;

  private static final int OTHER = 230;
  private static final int LATER = 25;

  private static final String WAITING =
      "select count(*) = %d from pg_stat_activity where datname = current_database() and"
          + " wait_event_type = 'Lock' and application_name = 'longhaul:add'";

  /// One of two workers hangs at a row when the process stops, and its session does that batch
  /// nevertheless. The other worker's session is the lease, and has nothing more to do.
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void doublesNoRowWhenItThaws() throws Exception {
    try (Fixture longhaul = new Fixture();
        Connection atOne = longhaul.database.connect();
        Connection atOther = longhaul.database.connect();
        Connection later = longhaul.database.connect()) {
      register(longhaul);
      try (FunctionProcess executor =
          FunctionProcess.start(Archive.CODE, Archive.EXECUTOR, longhaul.environment())) {
        int pidAtOne = hold(atOne, ONE);
        hold(atOther, OTHER);
        CompletableFuture<Answer> running = executor.send(Archive.take(longhaul));
        longhaul.database.await(WAITING.formatted(2));
        boolean leaseIsAtOne =
            longhaul
                .database
                .value(
                    "select %d = any (pg_blocking_pids(backend_pid)) from longhaul.async_migration"
                        .formatted(pidAtOne))
                .equals("t");
        (leaseIsAtOne ? atOne : atOther).rollback();
        longhaul.database.await(
            "select count(*) = 1 from longhaul.async_migration_range where not done");
        executor.freeze();

        hold(later, (leaseIsAtOne ? OTHER : ONE) + LATER);
        (leaseIsAtOne ? atOther : atOne).rollback();
        // What a look does once it has been idle for a while.
        longhaul.database.query(
            "select pg_terminate_backend(backend_pid, 5000) from longhaul.async_migration");
        CompletableFuture<Void> next =
            CompletableFuture.runAsync(() -> goOn(longhaul), Thread::startVirtualThread);
        longhaul.database.await(WAITING.formatted(1));
        executor.thaw();
        awaitNextBatchOf(running, longhaul);
        later.rollback();

        assertThat(running).succeedsWithin(Duration.ofSeconds(20));
        assertThat(running.get().body()).isEqualTo("{\"batchItemFailures\":[]}");
        assertThat(next).succeedsWithin(Duration.ofSeconds(20));
      }
      assertThat(longhaul.database.query("select n || ' ' || count(*) from task group by n"))
          .containsExactly("1 " + ROWS);
      assertThat(longhaul.pathOf("add"))
          .containsExactly("STARTED", "IN PROGRESS", "IN PROGRESS", "FINISHED");
      longhaul.queue.drain();
    }
  }

  /// A row takes a millisecond, so that a batch of ten is as long as it should be.
  private static void register(Fixture longhaul) throws Exception {
    longhaul.database.execute(
        """
        create table task (id bigint primary key, n int not null default 0);
        insert into task (id) select generate_series(1, %d);
        analyze task;
        create function slow() returns trigger language plpgsql as $$
          begin perform pg_sleep(0.001); return new; end $$;
        create trigger slow before update on task for each row execute function slow();
        """
            .formatted(ROWS));
    ObjectNode migration =
        Fixture.migration("add", "update task set n = n + 1 where :batch", "")
            .put("lock_timeout", "60s");
    migration.set(
        "batch",
        JsonFunction.JSON.readTree(
            """
            {"table": "task", "key": "id", "size": 10, "target_ms": 10, "parallelism": 2, "stripes": 1}
            """));
    longhaul.register(migration.toString());
  }

  /// @return the server's process that holds the row
  private static int hold(Connection connection, int id) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("select from task where id = " + id + " for update");
      try (var row = statement.executeQuery("select pg_backend_pid()")) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  private static void goOn(Fixture longhaul) {
    longhaul.database.execute("update longhaul.async_migration set next_look_at = now()");
    longhaul.trigger("{}");
    longhaul.executeUntil("add", "FINISHED");
  }

  /// The thawed worker waits for the cursor that the other's batch holds, unless it has been told
  /// before that it is out.
  private static void awaitNextBatchOf(CompletableFuture<Answer> running, Fixture longhaul) {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
    while (!running.isDone() && longhaul.database.value(WAITING.formatted(2)).equals("f")) {
      assertThat(Instant.now()).as("goes on, or ends").isBefore(deadline);
    }
  }
}
