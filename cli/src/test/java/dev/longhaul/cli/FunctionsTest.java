package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FunctionsTest {
  private static final JsonNode EMPTY = JsonNodeFactory.instance.objectNode();

  private final LambdaDouble lambda = new LambdaDouble();

  @AfterEach
  void stop() {
    lambda.close();
  }

  @Test
  void sendsThePayloadAndReturnsTheAnswer() {
    lambda.answers("{\"status\":\"größer 索引\"}");
    JsonNode payload = JsonNodeFactory.instance.objectNode().put("migration_name", "0001_é");

    try (Functions functions = Functions.at(Address.of(lambda.endpoint()))) {
      assertThat(functions.invoke(Functions.CONTROL, payload).path("status").asText())
          .isEqualTo("größer 索引");
    }

    assertThat(lambda.invocations()).hasSize(1);
    assertThat(lambda.invocations().getFirst().function()).isEqualTo("ControlFunction");
    assertThat(lambda.invocations().getFirst().payload()).isEqualTo(payload);
  }

  @Test
  void callsTheFunctionsOfAStack() {
    lambda.answers("{}");

    invoke(new Address(lambda.endpoint(), "orders", "eu-central-1"));

    assertThat(lambda.invocations().getFirst().function()).isEqualTo("orders-TriggerFunction");
    assertThat(lambda.invocations().getFirst().authorization())
        .contains("/eu-central-1/lambda/aws4_request");
  }

  @Test
  void throwsWhatAFunctionRefuses() {
    lambda.refuses("MigrationConflict", "'0001_a' is registered with other SQL");

    assertThatThrownBy(() -> invoke(Address.of(lambda.endpoint())))
        .isInstanceOf(Refusal.class)
        .hasMessage("'0001_a' is registered with other SQL")
        .extracting("errorType")
        .isEqualTo("MigrationConflict");
  }

  @Test
  void saysWhichFunctionIsMissing() {
    lambda.fails(404, "ResourceNotFoundException", "Function not found: arn:aws:lambda:…");

    assertThatThrownBy(() -> invoke(new Address(lambda.endpoint(), "orders", null)))
        .isInstanceOf(Failure.class)
        .hasMessage(
            "there is no function orders-TriggerFunction at %s; the local stack takes no --stack"
                + " (or LONGHAUL_STACK)",
            lambda.endpoint());
  }

  @Test
  void waitsForASnapshotThatLambdaMakesAnew() {
    lambda
        .fails(409, "SnapStartNotReadyException", "Lambda is initializing your function.")
        .fails(502, "ResourceNotReadyException", "The function is being restored.")
        .answers("{}");

    invoke(Address.of(lambda.endpoint()));

    assertThat(lambda.invocations()).hasSize(3);
  }

  @Test
  void asksALocalStackOnlyOnce() {
    lambda.fails(500, "ServiceException", "busy").answers("{}");

    assertThatThrownBy(() -> invoke(Address.of(lambda.endpoint()))).hasMessageEndingWith("busy");
    assertThat(lambda.invocations()).hasSize(1);
  }

  @Test
  void leavesTheRequestsNumberOutOfServiceErrors() {
    lambda.fails(403, "AccessDeniedException", "User: ada is not authorized");

    assertThatThrownBy(() -> invoke(Address.of(lambda.endpoint())))
        .isInstanceOf(Failure.class)
        .hasMessage(lambda.endpoint() + ": User: ada is not authorized");
  }

  @Test
  void refusesAnswersThatAreNotJson() {
    lambda.answers("<html>");

    assertThatThrownBy(() -> invoke(Address.of(lambda.endpoint())))
        .hasMessageContaining("answered something that is not JSON");
  }

  @Test
  void saysHowToStartWhatDoesNotAnswer() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    assertThatThrownBy(() -> invoke(Address.of(URI.create("http://127.0.0.1:" + port))))
        .isInstanceOf(Failure.class)
        .hasMessage(
            "nothing answers at http://127.0.0.1:%d; start it with ./longhaul local, or give"
                + " --stack",
            port);
  }

  private static void invoke(Address address) {
    try (Functions functions = Functions.at(address)) {
      functions.invoke(Functions.TRIGGER, EMPTY);
    }
  }
}
