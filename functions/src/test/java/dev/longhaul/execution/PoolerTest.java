package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Pooler;
import dev.longhaul.testing.TestContext;
import java.net.URI;
import java.sql.Connection;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

/// Targets behind a pooler, where no statement may be left to the server.
class PoolerTest {
  /// A second more than an executor keeps for winding up.
  private static final int SECOND_OF_WORK = (int) TimeBudget.TO_WIND_UP.plusSeconds(1).toMillis();

  private final Database database = Database.create();

  private JsonNode errorOf(Map<String, String> environment, String sql) {
    try (Fixture longhaul = new Fixture(database, environment)) {
      longhaul.register(Fixture.migration("long", sql, "").put("detach_after", "100ms").toString());
      Message message = longhaul.queue.receive().getFirst();
      longhaul.invoke(
          "execute", Fixture.event(message).toString(), new TestContext(SECOND_OF_WORK));
      JsonNode status = longhaul.control("status", "long");
      assertThat(status.path("status").asText()).as(status.toString()).isEqualTo("ERROR");
      return status.path("meta").path("error");
    }
  }

  @Test
  void aDeclaredOneBoundsEveryStatementByTheDeadline() {
    JsonNode error =
        errorOf(Map.of("DATABASE_POOLED", "true"), "create table t (n int); select pg_sleep(30)");
    assertThat(error.path("sqlstate").asText()).isEqualTo("57014");
    assertThat(error.path("message").asText())
        .isEqualTo(
            "cancelled after 1 s, when the function's time was up: the statement could not be left"
                + " to the server, since there is a pooler before this target (it is declared as"
                + " pooled)");
    assertThat(error.path("next").asText()).contains("the writer itself");
    assertThat(database.value("select to_regclass('t')")).isEqualTo("null");
  }

  /// The left-over cannot be removed while the other transaction lasts.
  @Test
  void aRepairThatTheTimeIsTooShortForIsTheNextFunctions() throws Exception {
    database.execute("create table t (n int)");
    try (Fixture longhaul = new Fixture(database, Map.of("DATABASE_POOLED", "true"))) {
      longhaul.register("index", "create index concurrently t_n on t (n)", "");
      Message message = longhaul.queue.receive().getFirst();
      try (Connection other = database.connect()) {
        other.setAutoCommit(false);
        other.createStatement().execute("insert into t values (0)");
        longhaul.invoke(
            "execute",
            Fixture.event(message).toString(),
            TestContext.hurried(SECOND_OF_WORK + 2000, 8));
      }
      assertThat(database.query("select indisvalid from pg_index where indrelid = 't'::regclass"))
          .containsExactly("f");
      assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
      assertThat(longhaul.queue.delayed()).as("the next look").isGreaterThan(0);
      longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"index\"}");
      longhaul.executeUntil("index", "ERROR");
      assertThat(longhaul.control("status", "index").path("meta").path("error").toString())
          .contains("it is declared as pooled")
          .contains("Nothing of the script is applied");
      assertThat(database.value("select to_regclass('t_n')")).isEqualTo("null");
    }
  }

  @Test
  void oneThatMakesUpProcessIdsIsRecognised() {
    int port = URI.create(database.url()).getPort();
    try (Pooler pooler = new Pooler(port)) {
      String url =
          database.url().replace(":" + port + "/", ":" + pooler.port() + "/")
              + (database.url().contains("?") ? "&" : "?")
              + "sslmode=disable";
      JsonNode error = errorOf(Map.of("DATABASE_URL", url), "select pg_sleep(30)");
      assertThat(error.path("message").asText())
          .contains("the server's process is not the one that the connection was told of");
    }
  }
}
