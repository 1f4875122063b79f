package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.HeldCall;
import dev.longhaul.testing.HeldCall.Caller;
import dev.longhaul.testing.HeldCall.Moment;
import dev.longhaul.testing.TcpProxy;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A call to registration or trigger whose session, or whose connection, ends while it writes.
@Tag("fault")
@Timeout(120)
class InterruptedCallTest {
  enum Fault {
    TERMINATED,
    CUT
  }

  private final Fixture longhaul =
      new Fixture(Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));
  private final URI server = URI.create(longhaul.database.url());
  private final TcpProxy network = TcpProxy.to(server);
  private final Fixture broken = new Fixture(longhaul.database, throughNetwork());

  private Map<String, String> throughNetwork() {
    Map<String, String> environment = new HashMap<>(longhaul.environment());
    environment.put(
        "DATABASE_URL",
        longhaul.database.url().replace(":" + server.getPort() + "/", ":" + network.port() + "/"));
    return environment;
  }

  static Stream<Arguments> cases() {
    return Stream.of(Fault.values())
        .flatMap(
            fault ->
                Stream.of(Caller.REGISTRATION, Caller.TRIGGER)
                    .flatMap(
                        caller ->
                            Stream.of(Moment.IN_THE_MIDDLE, Moment.AT_THE_COMMIT)
                                .map(moment -> Arguments.of(fault, caller, moment))));
  }

  @AfterEach
  void close() {
    broken.close();
    network.close();
    longhaul.close();
  }

  /// The server does not notice that its client is gone before it has done what it was told.
  @ParameterizedTest(name = "{0}: {1} {2}")
  @MethodSource("cases")
  void writesAllOrNothing(Fault fault, Caller caller, Moment moment) throws Exception {
    try (HeldCall call = new HeldCall(longhaul, caller, moment)) {
      meets(call, fault);
      assertThat(call.written()).isIn(List.of(), HeldCall.NAMES);
      if (fault == Fault.TERMINATED) {
        assertThat(call.written()).isEmpty();
      } else if (moment == Moment.AT_THE_COMMIT) {
        assertThat(call.written()).isEqualTo(HeldCall.NAMES);
      }
      assertThat(longhaul.queue.drain()).as("nobody was left to send").isEmpty();
      call.again();
    }
  }

  @Test
  void ofSeveralNamesEachIsStartedByItself() throws Exception {
    try (HeldCall call = new HeldCall(longhaul, Caller.NAMED_TRIGGER, Moment.IN_THE_MIDDLE)) {
      meets(call, Fault.TERMINATED);
      assertThat(call.written()).containsExactly("a");
      JsonNode again = longhaul.trigger(call.payload());
      assertThat(again.path("started")).hasToString("[\"b\",\"c\"]");
      assertThat(longhaul.queue.drain()).as("a's as well").hasSize(3);
      call.again();
    }
  }

  private void meets(HeldCall call, Fault fault) throws Exception {
    CompletableFuture<JsonNode> running =
        CompletableFuture.supplyAsync(() -> broken.invoke(call.function(), call.payload()));
    call.await();
    switch (fault) {
      case TERMINATED -> call.terminate();
      case CUT -> network.cut();
    }
    assertThatThrownBy(running::join)
        .hasMessageContaining("TargetUnavailable")
        .hasMessageContaining("try again");
    call.letGo();
  }
}
