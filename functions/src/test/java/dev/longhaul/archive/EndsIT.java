package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.sqs.model.Message;

/// The ways in which a function really ends while the server works for it. After each: never two
/// sessions for one migration, FINISHED with a valid index, nothing left over, every statement's
/// effect exactly once.
@Tag("fault")
@Timeout(120)
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class EndsIT {
  private static final String OWNERS =
      "select count(distinct pid) from pg_locks where locktype = 'advisory' and granted and"
          + " database = (select oid from pg_database where datname = current_database())";

  private final Fixture longhaul = new Fixture();
  private final TcpProxy network = TcpProxy.to(URI.create(longhaul.database.url()));

  /// What ends the function, or cuts it off.
  enum End {
    /// SIGKILL.
    KILLED,
    /// SIGSTOP: the socket stays open and nobody reads it.
    FROZEN,
    /// Both sides see the connection end.
    CUT,
    /// Neither does: no FIN, no RST.
    FORGOTTEN;

    void of(FunctionProcess function, TcpProxy network) throws Exception {
      switch (this) {
        case KILLED -> function.kill();
        case FROZEN -> function.freeze();
        case CUT -> network.cut();
        case FORGOTTEN -> network.forget();
      }
    }

    /// Whether the server does not notice, and its session waits for the next statement.
    boolean leavesTheSessionIdle() {
      return this == FROZEN || this == FORGOTTEN;
    }
  }

  @BeforeEach
  void fill() {
    longhaul.database.execute(
        """
        create table t (n int);
        insert into t select generate_series(1, 300);
        create function slow(n int) returns int immutable language plpgsql as
          $$ begin perform pg_sleep(0.004); return n; end $$;
        """);
  }

  @AfterEach
  void close() {
    network.close();
    longhaul.close();
  }

  private FunctionProcess executor() throws Exception {
    Map<String, String> environment = new HashMap<>(longhaul.environment());
    int port = URI.create(longhaul.database.url()).getPort();
    environment.put(
        "DATABASE_URL",
        longhaul.database.url().replace(":" + port + "/", ":" + network.port() + "/"));
    return FunctionProcess.start(Archive.CODE, Archive.EXECUTOR, environment);
  }

  private Event take() {
    Message message = longhaul.queue.receive().getFirst();
    longhaul.queue.delete(message);
    return Event.of(Fixture.event(message).toString());
  }

  /// What later executors and the sweep do in time.
  private void lookUntil(String name, String status) {
    assertThat(longhaul.database.value(OWNERS)).as("never two sessions").isIn("0", "1");
    longhaul.database.execute(
        "update longhaul.async_migration set next_look_at = now(), not_before = null"
            + " where next_look_at is not null");
    longhaul.trigger("{}");
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"" + name + "\"}");
    longhaul.executeAll();
    if (!longhaul.status(name).equals(status)) {
      longhaul.database.await(
          """
          select not exists (select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()))
            or exists (select from pg_stat_activity where application_name like 'longhaul:%' and datname = current_database()
                       and state = 'idle' and clock_timestamp() - state_change > interval '10 s')
          """);
      lookUntil(name, status);
    }
  }

  private static String phase(String phase) {
    return "select exists (select from pg_stat_progress_create_index where phase = '%s' and datname = current_database())"
        .formatted(phase);
  }

  /// An index build that is held in one phase by another transaction, or by its own slowness.
  @ParameterizedTest
  @CsvSource({
    "KILLED, waiting for writers before build",
    "KILLED, building index: scanning table",
    "KILLED, waiting for old snapshots",
    "FROZEN, waiting for writers before build",
    "CUT, building index: scanning table",
    "FORGOTTEN, waiting for old snapshots",
  })
  void aBuildIsBuiltOnce(End end, String phase) throws Exception {
    longhaul.register(
        "index", "create index concurrently t_n on t (slow(n))", "drop index concurrently t_n");
    String built;
    CompletableFuture<Answer> running;
    try (FunctionProcess executor = executor()) {
      executor.awaitReady();
      try (Connection other = longhaul.database.connect();
          Statement statement = other.createStatement()) {
        hold(other, statement, phase);
        running = executor.send(take());
        longhaul.database.await(phase(phase));
        built = longhaul.database.value("select oid from pg_class where relname = 't_n'");
        end.of(executor, network);
        // The same message once more, and the sweep: nobody else may begin.
        longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"index\"}");
        longhaul.trigger("{}");
        longhaul.executeAll();
        assertThat(longhaul.database.value(OWNERS)).as("one session").isEqualTo("1");
        assertThat(longhaul.control("status", "index").path("attempt").asInt()).isEqualTo(1);
      }
      lookUntil("index", "FINISHED");
      if (end == End.FROZEN) {
        executor.thaw();
        assertThat(running.get()).isInstanceOf(Answer.Success.class);
        assertThat(longhaul.status("index")).isEqualTo("FINISHED");
      }
    }
    assertThat(
            longhaul.database.query(
                "select c.oid from pg_index as i join pg_class as c on c.oid = i.indexrelid"
                    + " where indrelid = 't'::regclass and indisvalid"))
        .as("valid, and not built again")
        .isEqualTo(List.of(built));
    assertThat(longhaul.database.value("select count(*) from pg_index where not indisvalid"))
        .isEqualTo("0");
    longhaul.queue.drain();
  }

  /// Opens the transaction that holds a build in `phase`.
  private void hold(Connection other, Statement statement, String phase) throws SQLException {
    other.setAutoCommit(false);
    switch (phase) {
      case "waiting for writers before build" -> statement.execute("insert into t values (0)");
      case "waiting for old snapshots" -> {
        other.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        statement.execute("select count(*) from t");
      }
      default -> {}
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aScriptHasItsEffectOnce(End end) throws Exception {
    longhaul.register(
        "script", "insert into t values (-1); select pg_sleep(2); insert into t values (-2)", "");
    try (FunctionProcess executor = executor()) {
      executor.awaitReady();
      CompletableFuture<Answer> running = executor.send(take());
      longhaul.database.await(
          "select exists (select from pg_stat_activity where application_name = 'longhaul:script'"
              + " and wait_event = 'PgSleep' and datname = current_database())");
      end.of(executor, network);
      longhaul.database.await(
          "select status = 'FINISHED' from longhaul.async_migration where name = 'script'");
      if (end == End.FROZEN) {
        executor.thaw();
        assertThat(running.get()).isInstanceOf(Answer.Success.class);
      }
    }
    assertThat(longhaul.database.query("select n from t where n < 0 order by n"))
        .containsExactly("-2", "-1");
    assertThat(longhaul.pathOf("script")).containsExactly("STARTED", "IN PROGRESS", "FINISHED");
    if (end.leavesTheSessionIdle()) {
      longhaul.database.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name like"
              + " 'longhaul:%' and datname = current_database()");
    }
    longhaul.queue.drain();
  }
}
