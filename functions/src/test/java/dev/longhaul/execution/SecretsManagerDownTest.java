package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.LogLines;
import dev.longhaul.testing.Passwords;
import dev.longhaul.testing.PlantedCanary;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.TcpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.sqs.model.Message;

/// Secrets Manager fails while functions that have not read the secret yet are called, or while the
/// password that they have read holds no longer.
@Tag("fault")
@Timeout(60)
class SecretsManagerDownTest {
  private static final String ARN =
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:down-Ab1Cd2";
  private static final String ROLE = "app_behind_a_secret";

  /// Where the functions find Secrets Manager: the SDK's own setting, which is the process's.
  private static final String SETTING = "aws.endpointUrlSecretsManager";

  private final Database database = Database.create();
  private final HttpServer manager = manager();
  private final TcpProxy way =
      TcpProxy.to(URI.create("http://127.0.0.1:" + manager.getAddress().getPort()));
  private volatile String password = PlantedCanary.PASSWORD + "-1";
  private final Fixture longhaul;
  private final Fixture cold;

  SecretsManagerDownTest() throws IOException {
    System.setProperty(SETTING, way.endpoint());
    URI server = URI.create(database.url());
    longhaul =
        new Fixture(
            database,
            Map.of(
                "DATABASE_URL",
                "postgresql://127.0.0.1:" + server.getPort() + server.getPath(),
                "DATABASE_SECRET_ARN",
                ARN));
    cold = new Fixture(database, new HashMap<>(longhaul.environment()));
  }

  private HttpServer manager() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          ObjectNode secret =
              JsonFunction.JSON.createObjectNode().put("username", ROLE).put("password", password);
          byte[] body =
              JsonFunction.JSON
                  .createObjectNode()
                  .put("SecretString", secret.toString())
                  .toString()
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  @BeforeEach
  void askForPasswords() throws IOException {
    Passwords.ask(database, ROLE, password);
    database.execute(
        """
        do $$ begin
          execute format('grant create on database %%I to %1$s', current_database());
        end $$;
        grant pg_monitor to %1$s;
        create table t (id bigint primary key, n int not null default 0);
        insert into t (id) select generate_series(1, 2000);
        analyze t;
        alter table t owner to %1$s;
        grant create on schema public to %1$s;
        """
            .formatted(ROLE));
  }

  @AfterEach
  void close() {
    System.clearProperty(SETTING);
    cold.close();
    longhaul.close();
    way.close();
    manager.stop(0);
  }

  private void fail() {
    way.answer(400, "{\"__type\": \"DecryptionFailure\", \"message\": \"no key\"}");
  }

  private void assertThatItComesBack(Message message) {
    assertThat(cold.execute(message)).containsExactly(message.messageId());
  }

  @Test
  void whatNeedsASecretComesBackUntilItIsThere() {
    longhaul.register("m", "update t set n = n + 1", "");
    fail();
    Refused.by(() -> cold.trigger("{}")).is("TargetUnavailable", ARN);
    Refused.by(() -> cold.trigger("{\"migration_names\": [\"m\"]}")).is("TargetUnavailable", ARN);
    Message message = longhaul.queue.receive().getFirst();
    assertThatItComesBack(message);
    assertThat(longhaul.control("status", "m").path("attempt").asInt()).isZero();

    way.pass();
    cold.trigger("{}");
    assertThat(cold.execute(message)).isEmpty();
    assertThat(longhaul.status("m")).isEqualTo("FINISHED");
    assertThat(database.query("select distinct n from t")).containsExactly("1");
    longhaul.queue.drain();
  }

  @Test
  void aLookComesBackUntilTheSecretIsThere() throws Exception {
    longhaul.register(
        Fixture.migration("index", "create index concurrently t_n on t (n)", "")
            .put("detach_after", "100ms")
            .toString());
    try (Connection blocker = database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("update t set n = 0 where id = 1");
      longhaul.executeNext();
      fail();
      longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"index\"}");
      assertThatItComesBack(longhaul.queue.receive().getFirst());
    }
    database.await(
        "select indisvalid from pg_index where indexrelid = (select oid from pg_class where relname"
            + " = 't_n')");
    String built = database.value("select 't_n'::regclass::oid");
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"index\"}");
    Message look = longhaul.queue.receive().getFirst();
    assertThatItComesBack(look);
    assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");

    way.pass();
    database.await("select not exists (select from pg_locks where locktype = 'advisory')");
    assertThat(cold.execute(look)).isEmpty();
    assertThat(longhaul.status("index")).isEqualTo("FINISHED");
    assertThat(database.value("select 't_n'::regclass::oid")).isEqualTo(built);
    longhaul.queue.drain();
  }

  /// The password has been changed, so only the sessions that there are go on.
  @Test
  void aWalkGoesOnWithTheWorkersThatItGets() {
    longhaul.register("warm", "select 1", "");
    longhaul.executeUntil("warm", "FINISHED");
    ObjectNode walk = Fixture.migration("walk", "update t set n = n + 1 where :batch", "");
    walk.putObject("batch")
        .put("table", "t")
        .put("key", "id")
        .put("size", 50)
        .put("target_ms", 10)
        .put("parallelism", 3);
    longhaul.register(walk.toString());
    password = PlantedCanary.PASSWORD + "-2";
    database.execute("alter role %s password '%s'".formatted(ROLE, password));
    fail();
    try (LogLines log = LogLines.capture()) {
      longhaul.executeNext();
      assertThat(log.all())
          .filteredOn(line -> line.path("message").asText().equals("fewer workers than asked for"))
          .hasSize(1)
          .allSatisfy(line -> assertThat(line.path("reason").asText()).contains(ARN));
    }
    assertThat(longhaul.status("walk")).isEqualTo("FINISHED");
    assertThat(database.query("select n || ' ' || count(*) from t group by n"))
        .containsExactly("1 2000");
    way.pass();
    cold.trigger("{}");
  }
}
