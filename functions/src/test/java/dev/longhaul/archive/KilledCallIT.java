package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.HeldCall;
import dev.longhaul.testing.HeldCall.Caller;
import dev.longhaul.testing.HeldCall.Moment;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.TestQueue;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// SIGKILL of a registration or a trigger while it writes the journal, or behind that, while it
/// waits for the queue.
@Tag("fault")
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class KilledCallIT {
  private final Fixture longhaul =
      new Fixture(Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));
  private final TcpProxy sqs = TcpProxy.to(URI.create(TestQueue.endpoint()));

  static Stream<Arguments> cases() {
    return Stream.of(Caller.REGISTRATION, Caller.TRIGGER)
        .flatMap(caller -> Stream.of(Moment.values()).map(moment -> Arguments.of(caller, moment)));
  }

  @AfterEach
  void close() {
    sqs.close();
    longhaul.close();
  }

  private FunctionProcess start(Caller caller) throws Exception {
    Map<String, String> environment = new HashMap<>(longhaul.environment());
    environment.put("AWS_ENDPOINT_URL_SQS", sqs.endpoint());
    return FunctionProcess.start(
        Archive.CODE,
        caller == Caller.REGISTRATION ? Archive.REGISTRATION : Archive.TRIGGER,
        environment);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("cases")
  void writesAllOrNothingAndTheNextCallGetsTheRest(Caller caller, Moment moment) throws Exception {
    try (HeldCall call = new HeldCall(longhaul, caller, moment);
        FunctionProcess function = start(caller)) {
      if (moment == Moment.BEFORE_THE_MESSAGE) {
        sqs.swallow();
      }
      CompletableFuture<Answer> running = function.send(Event.of(call.payload()));
      call.await();
      function.kill();
      assertThat(running.get()).isInstanceOf(Answer.Ended.class);
      call.letGo();

      assertThat(call.written()).isIn(List.of(), HeldCall.NAMES);
      if (moment != Moment.IN_THE_MIDDLE) {
        assertThat(call.written()).isEqualTo(HeldCall.NAMES);
      } else if (caller == Caller.REGISTRATION) {
        assertThat(call.written()).isEmpty();
      }
      assertThat(longhaul.queue.drain()).as("nobody was left to send").isEmpty();
      call.again();
    }
  }
}
