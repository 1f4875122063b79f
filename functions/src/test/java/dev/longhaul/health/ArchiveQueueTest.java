package dev.longhaul.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ArchiveQueueTest {
  private static final String NAME = "archive_queue_segments";
  private static final HealthLimits LIMITS =
      new HealthLimits(
          Limit.OFF, Limit.OFF, Limit.OFF, null, new Limit(2, 4, 1000), Limit.OFF, Limit.OFF);

  private static EmbeddedPostgres start() throws IOException {
    return EmbeddedPostgres.builder()
        .setServerConfig("wal_level", "replica")
        .setServerConfig("archive_mode", "on")
        .start();
  }

  private static void archiveWith(Database database, String command) {
    database.execute("alter system set archive_command = '" + command + "'");
    database.value("select pg_reload_conf()");
    database.await("select current_setting('archive_command') = '" + command + "'");
  }

  private static void completeSegments(Database database, int count) {
    for (int i = 0; i < count; i++) {
      database.execute("create table if not exists t (n int); insert into t values (1)");
      database.value("select pg_switch_wal()");
    }
  }

  private static Reading await(HealthCheck check, Level level) {
    long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    Reading reading = check.read();
    while (reading.level() != level) {
      assertThat(System.nanoTime()).as(reading.toString()).isLessThan(deadline);
      reading = check.read();
    }
    return reading;
  }

  @Test
  void growsWhileArchivingFailsAndShrinksOnceItWorks() throws Exception {
    try (EmbeddedPostgres server = start()) {
      String address = "127.0.0.1:" + server.getPort() + "/postgres";
      Database database = new Database("postgresql://postgres@" + address);
      database.execute("create role plain login");
      archiveWith(database, "false");
      try (Connection connection =
          DriverManager.getConnection("jdbc:postgresql://" + address + "?user=plain")) {
        HealthCheck check = new HealthCheck(connection, LIMITS, 0, Set::of);
        assertThat(check.read().level()).isEqualTo(Level.GOOD);
        completeSegments(database, 2);
        await(check, Level.DEGRADED);
        completeSegments(database, 2);
        database.await("select failed_count > 0 from pg_stat_archiver");
        Reading failing = await(check, Level.BAD);
        assertThat(failing.reason())
            .startsWith(NAME + ": 4 segments of WAL wait to be archived, and archiving 0000000100")
            .endsWith(" fails: see the server's log (bad from 4 on)");
        // One that knows nothing of the time before.
        assertThat(new HealthCheck(connection, LIMITS, 0, Set::of).read().reason())
            .isEqualTo(failing.reason());

        archiveWith(database, "true");
        // After a failure the archiver rests for a minute, unless there is more to do.
        completeSegments(database, 1);
        await(check, Level.GOOD);
      }
    }
  }

  private static Signal judge(ArchiveQueue queue, @Nullable Double archived, double current) {
    return queue.judge(List.of(new Row(NAME, null, archived, current, null)), 0, LIMITS);
  }

  @Test
  void countsFromTheFirstReadingWhereTheArchiverHasNeverEnded() {
    ArchiveQueue queue = new ArchiveQueue();

    assertThat(judge(queue, null, 100).value()).isEqualTo(0.0);
    assertThat(judge(queue, null, 104).level()).isEqualTo(Level.BAD);
    assertThat(judge(queue, 103.0, 104).value()).isEqualTo(0.0);
    assertThat(judge(queue, 100.0, 104).value()).isEqualTo(3.0);
  }

  @Test
  void isGoodWhereNothingIsArchived() {
    assertThat(new ArchiveQueue().judge(List.of(), 0, LIMITS)).isEqualTo(Signal.good(NAME, null));
  }
}
