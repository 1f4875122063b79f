package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.migration.Migration;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.queue.Pointer;
import dev.longhaul.testing.Fixture;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// The sessions of a walk end at moments that nobody has chosen.
class KilledBatchTest {
  private static final int KILLS = 3;
  private static final long SEED = 42;

  @Test
  void losesAndDoublesNoRow() throws Exception {
    try (Fixture fixture = new Fixture()) {
      fixture.database.execute(
          """
          create table task (id bigint primary key, n int not null default 0);
          insert into task (id) select generate_series(1, 3000);
          analyze task;
          create function slow() returns trigger language plpgsql as $$
            begin perform pg_sleep(0.0005); return new; end $$;
          create trigger slow before update on task for each row execute function slow();
          """);
      fixture.register(
          Fixture.migration("killed", "update task set n = n + 1 where :batch", "")
              .<com.fasterxml.jackson.databind.node.ObjectNode>set(
                  "batch",
                  JsonFunction.JSON.readTree(
                      """
                      {"table": "task", "key": "id", "size": 50, "target_ms": 10, "parallelism": 3}
                      """))
              .toString());
      Random random = new Random(SEED);
      int killed = 0;
      CompletableFuture<Void> run =
          CompletableFuture.runAsync(
              () -> fixture.executeUntil("killed", "FINISHED"), Thread::startVirtualThread);
      while (killed < KILLS && !run.isDone()) {
        String done = fixture.database.value("select sum(n) from task");
        while (!run.isDone() && fixture.database.value("select sum(n) from task").equals(done)) {
          Thread.sleep(10);
        }
        Thread.sleep(random.nextInt(200));
        killed +=
            Integer.parseInt(
                fixture.database.value(
                    """
                    select count(pg_terminate_backend(pid)) from (
                      select pid from pg_stat_activity
                      where application_name = 'longhaul:killed' and datname = current_database()
                      order by random() limit 1) as chosen
                    """));
        // The next look comes after 15 s; a doubled message is as good.
        fixture.queue.send(new Pointer(Migration.DEFAULT_TARGET, "killed").toJson());
      }
      run.join();
      assertThat(killed).isEqualTo(KILLS);
      assertThat(fixture.database.query("select n || ' ' || count(*) from task group by n"))
          .containsExactly("1 3000");
    }
  }
}
