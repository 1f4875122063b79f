package dev.longhaul.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;

/// The real functions, asked to stop while they work.
class StoppedStackTest {
  private static final int SECONDS = 120;

  @TempDir private Path state;
  private @Nullable Process process;

  @AfterEach
  void stop() throws InterruptedException {
    if (process != null) {
      process.destroy();
      process.waitFor();
    }
  }

  /// The function stays with the statement for longer than the stack's end waits for it.
  @Test
  void showsNoStackTracesOfStatementsThatItInterrupts() throws Exception {
    TestStack.shareBinaries(state);
    var stackProcess =
        TestCommand.startReal(state, List.of("--port", "0", "--sqs-port", "0", "--pg-port", "0"));
    process = stackProcess;
    var output = stackProcess.inputReader();
    awaitReady(output);
    var stack = new ObjectMapper().readTree(state.resolve("stack.json").toFile());
    try (var lambda = TestStack.lambda(stack.path("endpoint_url").asText())) {
      invoke(
          lambda,
          "RegistrationFunction",
          """
          {
            "migration_name": "long",
            "sql_forwards": "select pg_sleep(600)",
            "sql_backwards": "",
            "detach_after": "60s"
          }
          """);
      awaitStatus(lambda, "IN PROGRESS");
    }

    // Process.destroy would close the output as well.
    stackProcess.toHandle().destroy();

    assertThat(output.lines()).containsExactly("stopping");
    assertThat(stackProcess.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(stackProcess.exitValue()).isZero();
    assertThat(Files.readString(state.resolve("functions.log")))
        .contains("a message could not be worked at");
  }

  private static void awaitReady(BufferedReader output) throws IOException {
    String line;
    do {
      line = output.readLine();
      assertThat(line).as("a stack that starts").isNotNull();
    } while (!line.startsWith("ready"));
  }

  private static void awaitStatus(LambdaClient lambda, String status) throws Exception {
    var deadline = Instant.now().plusSeconds(SECONDS);
    while (!invoke(lambda, "ControlFunction", "{\"action\":\"status\",\"migration_name\":\"long\"}")
        .contains("\"status\":\"" + status)) {
      assertThat(Instant.now()).isBefore(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static String invoke(LambdaClient lambda, String function, String payload) {
    var response =
        lambda.invoke(
            call -> call.functionName(function).payload(SdkBytes.fromString(payload, UTF_8)));
    var answer = response.payload().asUtf8String();
    assertThat(response.functionError()).as(answer).isNull();
    return answer;
  }
}
