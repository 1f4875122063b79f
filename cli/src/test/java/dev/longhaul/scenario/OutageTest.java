package dev.longhaul.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// SQS and EventBridge fail in turn, in every way, while all else works. Side by side, since most
/// of it is waiting.
@Tag("fault")
@ParameterizedClass(name = "{0}")
@MethodSource("dev.longhaul.scenario.Endpoints#all")
class OutageTest {
  private final Endpoint endpoint;

  OutageTest(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @ParameterizedTest
  @Execution(ExecutionMode.CONCURRENT)
  @EnumSource
  void registrationAnswersStartedWithoutSqsAndTheSweepSendsLater(Outage outage) {
    try (Stack stack = new Stack(endpoint)) {
      outage.breakWay(stack.wayToSqs);
      Instant begin = Instant.now();
      assertThat(
              stack
                  .functions
                  .register("0001_a", "create table a (n int)", "")
                  .path("status")
                  .asText())
          .isEqualTo("STARTED");
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Outage.IN_TIME);
      assertThatTheSweepSendsIt(stack);
      assertThat(stack.functions.pathOf("0001_a"))
          .containsExactly("STARTED", "IN PROGRESS", "FINISHED");
    }
  }

  /// Once SQS is back.
  private static void assertThatTheSweepSendsIt(Stack stack) {
    assertThat(stack.receive(stack.queueUrl)).isEmpty();
    stack.wayToSqs.pass();
    stack.sweep();
    stack.deliverUntil("0001_a", "FINISHED");
  }

  @ParameterizedTest
  @Execution(ExecutionMode.CONCURRENT)
  @EnumSource
  void aTriggerAnswersStartedWithoutSqsAndTheSweepSendsLater(Outage outage) {
    Map<String, String> scheduling = Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true");
    try (Stack stack = new Stack(endpoint, Database.create(), scheduling)) {
      stack.functions.register("0001_a", "create table a (n int)", "");
      outage.breakWay(stack.wayToSqs);
      Instant begin = Instant.now();
      assertThat(stack.functions.trigger("{\"migration_names\": [\"0001_a\"]}").path("started"))
          .hasSize(1);
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Outage.IN_TIME);
      assertThatTheSweepSendsIt(stack);
      assertThat(stack.functions.pathOf("0001_a"))
          .containsExactly("SCHEDULED", "STARTED", "IN PROGRESS", "FINISHED");
    }
  }

  @ParameterizedTest
  @Execution(ExecutionMode.CONCURRENT)
  @EnumSource
  void migrationsRunWithoutEventBridgeAndTheirEventsStayInTheOutbox(Outage outage) {
    try (Stack stack = new Stack(endpoint)) {
      stack.functions.register("0001_a", "create table a (n int)", "");
      assertThat(stack.outbox()).isEmpty();
      outage.breakWay(stack.wayToEvents);
      Instant begin = Instant.now();
      stack.deliverUntil("0001_a", "FINISHED");
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Outage.IN_TIME);
      assertThat(stack.outbox()).containsExactly("IN PROGRESS", "FINISHED");

      stack.wayToEvents.pass();
      stack.functions.trigger("{}");
      assertThat(stack.outbox()).isEmpty();
    }
  }
}
