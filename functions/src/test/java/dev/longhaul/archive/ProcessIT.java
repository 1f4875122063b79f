package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.TestQueue;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.net.URI;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// What only a process of its own can undergo: a deadline, a kill, a freeze.
@Tag("fault")
@Execution(ExecutionMode.CONCURRENT)
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
    Map<String, String> scheduling = Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true");
    try (Fixture scheduler = new Fixture(longhaul.database, scheduling);
        TcpProxy database = TcpProxy.to(URI.create(longhaul.database.url()));
        TcpProxy sqs = TcpProxy.to(URI.create(TestQueue.endpoint()));
        FunctionProcess registration = start(Archive.REGISTRATION, through(database, sqs));
        FunctionProcess trigger = start(Archive.TRIGGER, through(database, sqs))) {
      Thaw thaw = new Thaw(scheduler, registration, trigger);
      thaw.call("1_before");

      thaw.freeze();
      longhaul.database.query(
          """
          select pg_terminate_backend(pid, 5000) from pg_stat_activity
          where application_name = 'longhaul' and datname = current_database()
          """);
      thaw.call("2_terminated");

      thaw.freeze();
      database.cut();
      sqs.cut();
      thaw.call("3_reset");

      thaw.freeze();
      database.forget();
      sqs.forget();
      thaw.call("4_forgotten");
    }
    assertThat(longhaul.registered())
        .containsExactly(
            "1_before",
            "1_before_scheduled",
            "2_terminated",
            "2_terminated_scheduled",
            "3_reset",
            "3_reset_scheduled",
            "4_forgotten",
            "4_forgotten_scheduled");
    assertThat(longhaul.queue.drain()).hasSize(8);
  }

  private record Thaw(Fixture scheduler, FunctionProcess registration, FunctionProcess trigger) {
    void freeze() throws Exception {
      registration.freeze();
      trigger.freeze();
    }

    /// Registers one, and triggers another.
    void call(String name) throws Exception {
      String scheduled = name + "_scheduled";
      scheduler.register(scheduled, "select 1", "");
      registration.thaw();
      trigger.thaw();
      CompletableFuture<Answer> registered = registration.send(registrationOf(name));
      CompletableFuture<Answer> triggered = trigger.send(triggerOf(scheduled));
      assertThat(registered.get().body()).contains("\"created\":true");
      assertThat(triggered.get().body()).contains("\"started\":[\"" + scheduled + "\"]");
    }
  }

  private static Event registrationOf(String name) {
    return Event.of(Fixture.migration(name, "select 1", "").toString())
        .withTimeout(Duration.ofSeconds(30));
  }

  private static Event triggerOf(String name) {
    return Event.of("{\"migration_names\": [\"" + name + "\"]}")
        .withTimeout(Duration.ofSeconds(30));
  }

  /// Lambda ends a process that has not answered by the deadline, whatever it is at; here at its
  /// first write to the journal, which somebody holds.
  @Test
  void aCallThatTheDeadlineHasEndedCanBeMadeAgain() throws Exception {
    try (Fixture scheduler =
        new Fixture(longhaul.database, Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"))) {
      scheduler.register("triggered", "select 1", "");
    }
    List<Event> calls =
        Stream.of(registrationOf("registered"), triggerOf("triggered"))
            .map(call -> call.withTimeout(Duration.ofSeconds(3)))
            .toList();
    try (FunctionProcess registration = start(Archive.REGISTRATION, Map.of());
        FunctionProcess trigger = start(Archive.TRIGGER, Map.of());
        Connection holder = longhaul.database.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("lock table longhaul.async_migration in share row exclusive mode");
      CompletableFuture<Answer> registered = registration.send(calls.getFirst());
      CompletableFuture<Answer> triggered = trigger.send(calls.getLast());
      assertThat(registered.get()).isInstanceOf(Answer.TimedOut.class);
      assertThat(triggered.get()).isInstanceOf(Answer.TimedOut.class);
      holder.rollback();
    }
    longhaul.database.await(
        "select not exists (select from pg_stat_activity where application_name = 'longhaul' and"
            + " datname = current_database())");
    assertThat(longhaul.queue.drain()).as("nobody was left to send").isEmpty();
    try (FunctionProcess registration = start(Archive.REGISTRATION, Map.of());
        FunctionProcess trigger = start(Archive.TRIGGER, Map.of())) {
      assertThat(registration.invoke(registrationOf("registered")).body()).contains("STARTED");
      assertThat(trigger.invoke(triggerOf("triggered")).body()).contains("triggered");
    }
    for (String name : List.of("registered", "triggered")) {
      longhaul.trigger("{}");
      longhaul.executeUntil(name, "FINISHED");
      assertThat(longhaul.pathOf(name)).containsOnlyOnce("STARTED", "IN PROGRESS", "FINISHED");
    }
    longhaul.queue.drain();
  }

  private Map<String, String> through(TcpProxy database, TcpProxy sqs) {
    URI url = URI.create(longhaul.database.url());
    return Map.of(
        "DATABASE_URL",
        longhaul.database.url().replace(":" + url.getPort() + "/", ":" + database.port() + "/"),
        "AWS_ENDPOINT_URL_SQS",
        sqs.endpoint());
  }
}
