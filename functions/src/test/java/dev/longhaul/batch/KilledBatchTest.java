package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.migration.Migration;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.queue.Pointer;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.sqs.model.Message;

/// The sessions of a walk, or its connections, end at moments that nobody has chosen.
@Tag("fault")
class KilledBatchTest {
  private static final int ROWS = 3000;
  private static final int KILLS = 3;
  private static final long SEED = 42;

  enum Fault {
    /// One worker's session.
    TERMINATED,
    /// All connections of the function.
    CUT
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void losesAndDoublesNoRow(Fault fault) throws Exception {
    try (Fixture fixture = new Fixture();
        TcpProxy network = TcpProxy.to(URI.create(fixture.database.url()));
        Fixture walking = new Fixture(fixture.database, through(network, fixture))) {
      fill(fixture);
      Random random = new Random(SEED);
      int killed = 0;
      CompletableFuture<Void> run =
          CompletableFuture.runAsync(() -> execute(fixture, walking), Thread::startVirtualThread);
      while (killed < KILLS && !run.isDone()) {
        String done = fixture.database.value("select sum(n) from task");
        while (!run.isDone() && fixture.database.value("select sum(n) from task").equals(done)) {
          Thread.sleep(10);
        }
        Thread.sleep(random.nextInt(200));
        killed +=
            switch (fault) {
              case TERMINATED -> terminateOne(fixture.database);
              case CUT -> cutAll(fixture.database, network);
            };
        // The next look comes after 15 s; a doubled message is as good.
        fixture.queue.send(new Pointer(Migration.DEFAULT_TARGET, "killed").toJson());
      }
      run.join();
      assertThat(killed).isEqualTo(KILLS);
      assertThat(fixture.database.query("select n || ' ' || count(*) from task group by n"))
          .containsExactly("1 " + ROWS);
    }
  }

  private static Map<String, String> through(TcpProxy network, Fixture fixture) {
    Map<String, String> environment = new HashMap<>(fixture.environment());
    String url = fixture.database.url();
    environment.put(
        "DATABASE_URL",
        url.replace(":" + URI.create(url).getPort() + "/", ":" + network.port() + "/"));
    return environment;
  }

  private static void fill(Fixture fixture) throws Exception {
    fixture.database.execute(
        """
        create table task (id bigint primary key, n int not null default 0);
        insert into task (id) select generate_series(1, %d);
        analyze task;
        create function slow() returns trigger language plpgsql as $$
          begin perform pg_sleep(0.0005); return new; end $$;
        create trigger slow before update on task for each row execute function slow();
        """
            .formatted(ROWS));
    fixture.register(
        Fixture.migration("killed", "update task set n = n + 1 where :batch", "")
            .<com.fasterxml.jackson.databind.node.ObjectNode>set(
                "batch",
                JsonFunction.JSON.readTree(
                    """
                    {"table": "task", "key": "id", "size": 50, "target_ms": 10, "parallelism": 3}
                    """))
            .toString());
  }

  /// A message that failed comes back by itself.
  private static void execute(Fixture fixture, Fixture walking) {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    while (!fixture.status("killed").equals("FINISHED")) {
      assertThat(Instant.now()).as("finished in time").isBefore(deadline);
      for (Message message : fixture.queue.receive()) {
        if (walking.execute(message).isEmpty()) {
          fixture.queue.delete(message);
        }
      }
    }
  }

  private static int terminateOne(Database database) {
    return Integer.parseInt(
        database.value(
            """
            select count(pg_terminate_backend(pid)) from (
              select pid from pg_stat_activity
              where application_name = 'longhaul:killed' and datname = current_database()
              order by random() limit 1) as chosen
            """));
  }

  /// @return 1 if a walk was cut off
  private static int cutAll(Database database, TcpProxy network) {
    String walks =
        database.value(
            """
            select count(*) from pg_stat_activity
            where application_name = 'longhaul:killed' and datname = current_database()
            """);
    network.cut();
    return walks.equals("0") ? 0 : 1;
  }
}
