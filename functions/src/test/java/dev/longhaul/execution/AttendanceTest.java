package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.LogLines;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Who stays with a statement while the journal fails.
@Tag("fault")
@Timeout(60)
class AttendanceTest {
  private final DetachedTask task = new DetachedTask();
  private final Fixture longhaul = task.longhaul;

  @AfterEach
  void close() {
    longhaul.queue.drain();
    task.close();
  }

  @Test
  void staysWithAStatementWhoseProgressItCannotReport() throws Exception {
    longhaul.register("index", "create index concurrently t_n on t (n)", "");
    CompletableFuture<Void> running;
    try (LogLines log = LogLines.capture();
        var _ = task.block()) {
      running = CompletableFuture.runAsync(longhaul::executeNext);
      longhaul.database.await(
          "select coalesce(bool_or(step_in_doubt), false) from longhaul.async_migration");
      longhaul.database.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name ="
              + " 'longhaul' and datname = current_database()");
      while (!log.text().contains("progress was not reported")) {
        assertThat(running).isNotDone();
        Thread.sleep(Duration.ofMillis(50));
      }
    }
    assertThat(running).succeedsWithin(Duration.ofSeconds(20));
    assertThat(longhaul.status("index")).isEqualTo("FINISHED");
    assertThat(longhaul.control("status", "index").path("attempt").asInt()).isEqualTo(1);
  }

  /// The journal has it for the migration's backend, so a cancel would meet whatever it serves.
  @Test
  void keepsNoSessionThatTheJournalStillNames() {
    longhaul.register("index", "create index concurrently t_n on t (n)", "");
    longhaul.database.execute(
        """
        create function refuse() returns trigger language plpgsql as $$
          begin raise exception 'no'; end $$;
        create trigger refuse before update on longhaul.async_migration for each row
          when (new.step_in_doubt) execute function refuse()
        """);
    longhaul.executeNext();
    assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
    longhaul.database.await(
        "select not exists (select from pg_stat_activity as a join longhaul.async_migration as m on"
            + " m.backend_pid = a.pid and m.backend_start = a.backend_start)");
  }
}
