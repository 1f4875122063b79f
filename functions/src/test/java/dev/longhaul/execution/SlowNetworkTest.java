package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Every answer of the database takes as long as from another continent: all is slower, and nothing
/// else.
@Tag("fault")
class SlowNetworkTest {
  private static final Duration DELAY = Duration.ofMillis(60);

  private final Database database = Database.create();
  private final URI server = URI.create(database.url().replaceFirst("\\?.*", ""));
  private final TcpProxy way = TcpProxy.to(server);
  private final Fixture longhaul =
      new Fixture(
          database,
          Map.of(
              "ALLOW_SCHEDULED_MIGRATIONS",
              "true",
              "DATABASE_URL",
              database.url().replace(":" + server.getPort() + "/", ":" + way.port() + "/")));

  @BeforeEach
  void slowDown() {
    database.execute("create table t (n int)");
    way.delay(DELAY);
  }

  @AfterEach
  void close() {
    longhaul.close();
    way.close();
  }

  @Test
  void runsWhatIsRegisteredAndTriggered() {
    long begin = System.nanoTime();
    longhaul.register("script", "insert into t values (1); insert into t values (2)", "");
    assertThat(longhaul.trigger("{\"migration_names\": [\"script\"]}").path("started")).hasSize(1);
    longhaul.executeUntil("script", "FINISHED");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(DELAY.multipliedBy(10));
    assertThat(database.query("select n from t order by n")).containsExactly("1", "2");
    assertThat(longhaul.control("status", "script").path("attempt").asInt()).isEqualTo(1);
  }

  @Test
  void leavesABuildToTheServerAndAdoptsIt() {
    longhaul.register(
        Fixture.migration(
                "build", "create index concurrently t_n on t (n)", "drop index concurrently t_n")
            .put("detach_after", "20ms")
            .put("execute_immediately", true)
            .toString());
    longhaul.executeAll();
    assertThat(longhaul.status("build")).isEqualTo("IN PROGRESS");
    database.await(
        "select exists (select from pg_index where indrelid = 't'::regclass and indisvalid)");
    // What the sweep does a little later by itself.
    database.execute("update longhaul.async_migration set next_look_at = now()");
    longhaul.trigger("{}");
    longhaul.executeUntil("build", "FINISHED");
    JsonNode status = longhaul.control("status", "build");
    assertThat(status.path("attempt").asInt()).as(status.toString()).isLessThanOrEqualTo(2);
  }
}
