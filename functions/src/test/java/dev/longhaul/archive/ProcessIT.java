package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.TestQueue;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// What only a process of its own can undergo: a deadline, a kill, a freeze.
@Tag("fault")
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class ProcessIT {
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  private FunctionProcess start(String handler, Map<String, String> overrides) throws Exception {
    Map<String, String> environment = new HashMap<>(longhaul.environment());
    environment.putAll(overrides);
    return FunctionProcess.start(Archive.CODE, handler, environment);
  }

  @Test
  void beginsNothingNearTheDeadlineAndGoesOnByAMessageToItself() throws Exception {
    longhaul.register("steps", "create table t (n int); vacuum t; vacuum t", "");
    try (FunctionProcess executor = start(Archive.EXECUTOR, Map.of())) {
      executor.awaitReady();
      Answer answer = executor.invoke(Archive.take(longhaul).withTimeout(Duration.ofSeconds(9)));

      assertThat(answer.body()).isEqualTo("{\"batchItemFailures\":[]}");
      assertThat(longhaul.status("steps")).isEqualTo("STARTED");
      assertThat(longhaul.database.value("select to_regclass('t')")).isEqualTo("null");
      assertThat(executor.invoke(Archive.take(longhaul))).isInstanceOf(Answer.Success.class);
      assertThat(longhaul.status("steps")).isEqualTo("FINISHED");
    }
  }

  @Test
  void theServerFinishesWhatAKilledFunctionHasBegun() throws Exception {
    longhaul.database.execute("create table t (n int)");
    longhaul.register("slow", "insert into t values (1); select pg_sleep(1)", "");
    try (FunctionProcess executor = start(Archive.EXECUTOR, Map.of())) {
      CompletableFuture<Answer> running = executor.send(Archive.take(longhaul));
      longhaul.database.await(
          """
          select exists (select from pg_stat_activity where application_name = 'longhaul:slow'
            and wait_event = 'PgSleep' and datname = current_database())
          """);
      executor.kill();

      assertThat(running.get()).isInstanceOf(Answer.Ended.class);
      assertThat(executor.awaitExit(Duration.ZERO)).isEqualTo(137);
    }
    longhaul.database.await(
        "select status = 'FINISHED' from longhaul.async_migration where name = 'slow'");
    assertThat(longhaul.database.value("select count(*) from t")).isEqualTo("1");
    assertThat(longhaul.control("status", "slow").path("attempt").asInt()).isEqualTo(1);
  }

  /// Between two invocations the process is frozen, for minutes or hours; what happens meanwhile it
  /// cannot notice. The last is what a NAT gateway does, which forgets a connection after 350 s
  /// without traffic and tells nobody
  /// (<https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>).
  @Test
  void worksAfterAFreezeInWhichItsConnectionsDied() throws Exception {
    try (TcpProxy database = TcpProxy.to(URI.create(longhaul.database.url()));
        TcpProxy sqs = TcpProxy.to(URI.create(TestQueue.endpoint()));
        FunctionProcess registration = start(Archive.REGISTRATION, through(database, sqs))) {
      register(registration, "1_before");

      registration.freeze();
      longhaul.database.query(
          """
          select pg_terminate_backend(pid, 5000) from pg_stat_activity
          where application_name = 'longhaul' and datname = current_database()
          """);
      registration.thaw();
      register(registration, "2_terminated");

      registration.freeze();
      database.cut();
      sqs.cut();
      registration.thaw();
      register(registration, "3_reset");

      registration.freeze();
      database.forget();
      sqs.forget();
      registration.thaw();
      register(registration, "4_forgotten");
    }
    assertThat(longhaul.registered())
        .containsExactly("1_before", "2_terminated", "3_reset", "4_forgotten");
    assertThat(longhaul.queue.drain()).hasSize(4);
  }

  private Map<String, String> through(TcpProxy database, TcpProxy sqs) {
    URI url = URI.create(longhaul.database.url());
    return Map.of(
        "DATABASE_URL",
        longhaul.database.url().replace(":" + url.getPort() + "/", ":" + database.port() + "/"),
        "AWS_ENDPOINT_URL_SQS",
        sqs.endpoint());
  }

  private static void register(FunctionProcess registration, String name) throws Exception {
    Answer answer =
        registration.invoke(
            Event.of(Fixture.migration(name, "select 1", "").toString())
                .withTimeout(Duration.ofSeconds(30)));
    assertThat(answer.body()).contains("\"created\":true");
  }
}
