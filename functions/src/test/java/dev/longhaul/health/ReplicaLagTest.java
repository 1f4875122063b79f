package dev.longhaul.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.Standby;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real streaming replica that is slow.
@Timeout(120)
class ReplicaLagTest {
  private static final String NAME = "replica_lag_seconds";
  private static final HealthLimits LIMITS =
      new HealthLimits(
          new Limit(0.3, 1, 3600), Limit.OFF, Limit.OFF, null, Limit.OFF, Limit.OFF, Limit.OFF);

  @TempDir private Path directory;
  private EmbeddedPostgres primary;
  private Database writer;

  @BeforeEach
  void start() throws IOException {
    primary = start(directory.resolve("primary"));
    writer = database(primary);
    writer.execute("create table t (n int); create role plain login");
  }

  @AfterEach
  void stop() throws IOException {
    primary.close();
  }

  private static EmbeddedPostgres start(Path data) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setServerConfig("max_wal_senders", "4")
        .setServerConfig("wal_level", "replica")
        .setServerConfig("wal_receiver_status_interval", "1")
        .start();
  }

  private static Database database(EmbeddedPostgres server) {
    return new Database("postgresql://postgres@127.0.0.1:" + server.getPort() + "/postgres");
  }

  private EmbeddedPostgres standby(String settings) throws IOException, SQLException {
    Path copy = directory.resolve("standby");
    Standby.copy(writer, directory.resolve("primary"), copy, settings);
    EmbeddedPostgres standby = start(copy);
    writer.await("select exists (select from pg_stat_replication where state = 'streaming')");
    return standby;
  }

  private static HealthCheck check(Connection connection) {
    return new HealthCheck(connection, LIMITS, 0, Set::of);
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
  void seesAReplicaThatHasStoppedToReplay() throws Exception {
    try (EmbeddedPostgres standby = standby("");
        Connection connection = writer.connect()) {
      HealthCheck check = check(connection);
      writer.execute("insert into t values (1)");
      database(standby).await("select count(*) = 1 from t");
      await(check, Level.GOOD);

      database(standby).value("select pg_wal_replay_pause()");
      writer.execute("insert into t values (2)");
      Reading reading = await(check, Level.BAD);
      assertThat(reading.reason()).startsWith(NAME + ": replica \"").contains(" s behind (bad");

      database(standby).value("select pg_wal_replay_resume()");
      await(check, Level.GOOD);
    }
  }

  /// A replica that has confirmed nothing since it connected has no `replay_lag`.
  @Test
  void seesAReplicaThatNeverBeganToReplay() throws Exception {
    try (EmbeddedPostgres standby = standby("recovery_min_apply_delay = '1h'");
        Connection connection = writer.connect()) {
      HealthCheck check = check(connection);
      assertThat(check.read().level()).isEqualTo(Level.GOOD);
      writer.execute("insert into t values (1)");

      assertThat(await(check, Level.BAD).reason()).contains(" s behind (bad");
      assertThat(database(standby).value("select count(*) from t")).isEqualTo("0");
    }
  }

  @Test
  void isGoodWhereAllIsReplayedAndNothingIsWritten() throws Exception {
    try (EmbeddedPostgres standby = standby("");
        Connection connection = writer.connect()) {
      assertThat(standby.getPort()).isPositive();
      writer.execute("insert into t values (1)");
      writer.await(
          "select count(*) = 1 from pg_stat_replication where replay_lag is null"
              + " and replay_lsn = pg_current_wal_lsn()");

      assertThat(check(connection).read().signals()).isEqualTo(List.of(Signal.good(NAME, 0.0)));
    }
  }

  @Test
  void isBlindWithoutTheRightToSeeTheLag() throws Exception {
    String url = "jdbc:" + writer.url().replace("postgres@", "") + "?user=plain";
    try (Connection connection = DriverManager.getConnection(url)) {
      assertThat(check(connection).read().level()).as("without replica").isEqualTo(Level.GOOD);
      try (EmbeddedPostgres standby = standby("")) {
        assertThat(standby.getPort()).isPositive();
        Reading reading = check(connection).read();
        assertThat(reading.level()).isEqualTo(Level.BLIND);
        assertThat(reading.reason()).contains("grant it pg_read_all_stats").contains("switch");

        writer.execute("grant pg_read_all_stats to plain");
        await(check(connection), Level.GOOD);
      }
    }
  }
}
