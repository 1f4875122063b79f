package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import software.amazon.awssdk.services.sqs.model.Message;

/// SIGKILL of the function's process while several workers walk through a table and add to every
/// row, at moments that nobody has chosen; `-Dwalk.kills` and `-Dwalk.seed` choose how often and
/// which.
@Tag("fault")
@Timeout(300)
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class KilledWalkIT {
  private static final int ROWS = 100_000;
  private static final int KILLS = Integer.getInteger("walk.kills", 3);
  private static final long SEED = Long.getLong("walk.seed", 7);
  private static final int LONGEST_LIFE = 600;

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void losesAndDoublesNoRow() throws Exception {
    try (Fixture longhaul = new Fixture()) {
      register(longhaul, ROWS, 0.0005 * Math.max(1, KILLS / 3));
      Random random = new Random(SEED);
      for (int kill = 0; kill < KILLS; kill++) {
        Event event = next(longhaul);
        String before = rowsDone(longhaul);
        try (FunctionProcess executor =
            FunctionProcess.start(Archive.CODE, Archive.EXECUTOR, longhaul.environment())) {
          CompletableFuture<Answer> running = executor.send(event);
          longhaul.database.await(
              "select coalesce(sum(rows_done), 0) > %s from longhaul.async_migration_range"
                  .formatted(before));
          Thread.sleep(random.nextInt(LONGEST_LIFE));
          assertThat(running).as("seed %d: alive until it is killed", SEED).isNotDone();
          executor.kill();
          running.handle((_, _) -> "its end is no answer").join();
        }
        awaitEnd(longhaul);
        assertThat(
                longhaul.database.value(
                    "select max(n) <= 1 and sum(n) >= %s from task".formatted(rowsDone(longhaul))))
            .as("no row twice, none of those that are said to be done missing; seed %d", SEED)
            .isEqualTo("t");
      }
      longhaul.database.execute("drop trigger slow on task");
      longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"add\"}");
      longhaul.executeUntil("add", "FINISHED");
      assertThat(longhaul.database.query("select n || ' ' || count(*) from task group by n"))
          .as("seed %d", SEED)
          .isEqualTo(List.of("1 " + ROWS));
    }
  }

  /// The network loses whatever is sent: no FIN, no RST. The session that holds the lease is ended
  /// once it has been idle for a while, and the others' last batches stand.
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void goesOnBesideSessionsThatTheNetworkHasForgotten() throws Exception {
    int rows = 2000;
    try (Fixture longhaul = new Fixture();
        TcpProxy network = TcpProxy.to(URI.create(longhaul.database.url()))) {
      register(longhaul, rows, 0.03);
      try (FunctionProcess executor = Archive.executor(longhaul, network)) {
        CompletableFuture<Answer> running = executor.send(next(longhaul));
        longhaul.database.await(
            "select count(distinct number) = 3 from longhaul.async_migration_range where rows_done"
                + " > 0");
        network.swallow();
        longhaul.database.await(
            """
            select bool_and(state_change < now() - interval '10 s' and state = 'idle') from pg_stat_activity
            where datname = current_database() and application_name = 'longhaul:add'
            """);
        assertThat(
                longhaul.database.value(
                    "select max(n) <= 1 and sum(n) >= %s from task".formatted(rowsDone(longhaul))))
            .as("no row twice, none of those that are said to be done missing")
            .isEqualTo("t");
        longhaul.database.execute("drop trigger slow on task");
        Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
        while (!longhaul.status("add").equals("FINISHED")) {
          assertThat(Instant.now()).as("taken over").isBefore(deadline);
          Message message = messageOfSweep(longhaul);
          longhaul.execute(message);
        }
        assertThat(running).as("cut off, and alive").isNotDone();
        assertThat(longhaul.database.query("select n || ' ' || count(*) from task group by n"))
            .isEqualTo(List.of("1 " + rows));
        // What keepalives end on a network that does not answer them.
        longhaul.database.query(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname ="
                + " current_database() and application_name like 'longhaul%' and state = 'idle'"
                + " and pid <> pg_backend_pid()");
      }
      longhaul.queue.drain();
    }
  }

  /// @param pause of every tenth row, in seconds
  private static void register(Fixture longhaul, int rows, double pause) throws IOException {
    longhaul.database.execute(
        """
        create table task (id bigint primary key, n int not null default 0);
        insert into task (id) select generate_series(1, %d);
        analyze task;
        create function slow() returns trigger language plpgsql as $$
          begin if new.id %% 10 = 0 then perform pg_sleep(%s); end if; return new; end $$;
        create trigger slow before update on task for each row execute function slow();
        """
            .formatted(rows, pause));
    ObjectNode migration = Fixture.migration("add", "update task set n = n + 1 where :batch", "");
    migration.set(
        "batch",
        JsonFunction.JSON.readTree(
            """
            {"table": "task", "key": "id", "size": 200, "target_ms": 50, "parallelism": 3}
            """));
    longhaul.register(migration.toString());
  }

  /// A message, which the sweep sends again once the killed one's sessions are gone.
  private static Event next(Fixture longhaul) {
    return Event.of(Fixture.event(messageOfSweep(longhaul)).toString());
  }

  private static Message messageOfSweep(Fixture longhaul) {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
    List<Message> messages = longhaul.queue.receive();
    while (messages.isEmpty()) {
      assertThat(Instant.now()).as("the sweep sends it again").isBefore(deadline);
      longhaul.database.execute(
          "update longhaul.async_migration set next_look_at = now() - interval '1 minute',"
              + " not_before = null where status <> 'FINISHED'");
      longhaul.trigger("{}");
      messages = longhaul.queue.receive();
    }
    longhaul.queue.delete(messages.getFirst());
    return messages.getFirst();
  }

  private static String rowsDone(Fixture longhaul) {
    return longhaul.database.exists("longhaul.async_migration_range")
        ? longhaul.database.value(
            "select coalesce(sum(rows_done), 0) from longhaul.async_migration_range")
        : "0";
  }

  /// The server's sessions may have a batch to end.
  private static void awaitEnd(Fixture longhaul) {
    longhaul.database.await(
        """
        select not exists (select from pg_stat_activity where datname = current_database()
                             and application_name = 'longhaul:add')
        """);
  }
}
