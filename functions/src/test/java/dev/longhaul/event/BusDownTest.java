package dev.longhaul.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TestBus;
import dev.longhaul.testing.TestBus.Fate;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The bus takes nothing while work is left to the server, is adopted, and walks: the work goes on,
/// and its events come later, all of them and in order.
@Tag("fault")
class BusDownTest {
  private final TestBus bus = TestBus.start();
  private final Fixture longhaul =
      new Fixture(
          Database.create(),
          Map.of("EVENT_BUS_NAME", "default", "AWS_ENDPOINT_URL_EVENTBRIDGE", bus.endpoint()));

  @BeforeEach
  void fill() {
    longhaul.database.execute(
        """
        create table t (id bigint primary key, n int not null default 0);
        insert into t (id) select generate_series(1, 100);
        analyze t;
        """);
    bus.meets(_ -> Fate.REFUSED);
  }

  @AfterEach
  void close() {
    longhaul.close();
    bus.close();
  }

  private void leave(String name, String forwards) {
    longhaul.register(
        Fixture.migration(name, forwards, "").put("detach_after", "100ms").toString());
    longhaul.executeNext();
    assertThat(longhaul.control("status", name).path("meta").has("detached_at")).isTrue();
  }

  private void awaitFree() {
    longhaul.database.await(
        "select not exists (select from pg_locks where locktype = 'advisory' and database ="
            + " (select oid from pg_database where datname = current_database()))");
  }

  private void assertPublishedOnceTheBusIsBack(String... path) {
    assertThat(bus.entries()).as("so far").isEmpty();
    bus.meets(_ -> Fate.TAKEN);
    longhaul.trigger("{}");
    List<String> told = new ArrayList<>();
    for (JsonNode detail : bus.details()) {
      told.add(detail.path("to").asText());
    }
    assertThat(told).containsExactly(path);
    assertThat(
            longhaul.database.value(
                "select count(*) from longhaul.async_migration_history where published_at is null"))
        .isEqualTo("0");
  }

  @Test
  void whatTheServerEndsAloneIsPublishedByALaterCall() {
    leave("script", "update t set n = n + 1; select pg_sleep(0.5)");
    longhaul.database.await("select status = 'FINISHED' from longhaul.async_migration");
    awaitFree();
    assertThat(longhaul.database.query("select distinct n from t")).containsExactly("1");
    assertPublishedOnceTheBusIsBack("STARTED", "IN PROGRESS", "FINISHED");
  }

  @Test
  void whatIsAdoptedIsPublishedByALaterCall() throws SQLException {
    try (Connection writer = longhaul.database.connect();
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("insert into t values (0)");
      leave("build", "create index concurrently t_n on t (n)");
      writer.rollback();
    }
    awaitFree();
    longhaul.database.execute("update longhaul.async_migration set next_look_at = now()");
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"build\"}");
    longhaul.executeUntil("build", "FINISHED");
    assertPublishedOnceTheBusIsBack("STARTED", "IN PROGRESS", "IN PROGRESS", "FINISHED");
  }

  @Test
  void aWalkIsPublishedByALaterCall() {
    ObjectNode walk = Fixture.migration("walk", "update t set n = n + 1 where :batch", "");
    walk.putObject("batch").put("table", "t").put("key", "id").put("size", 10);
    longhaul.register(walk.toString());
    longhaul.executeUntil("walk", "FINISHED");
    assertThat(longhaul.database.query("select distinct n from t")).containsExactly("1");
    assertPublishedOnceTheBusIsBack("STARTED", "IN PROGRESS", "FINISHED");
  }
}
