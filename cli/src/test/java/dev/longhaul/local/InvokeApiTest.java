package dev.longhaul.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.LambdaException;
import software.amazon.awssdk.services.lambda.model.LogType;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InvokeApiTest {
  private static final String FUNCTION = "ControlFunction";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TestFunctions functions = new TestFunctions();
  private final HttpClient http = HttpClient.newHttpClient();
  private Path state;
  private LocalStack stack;
  private LambdaClient lambda;

  @BeforeAll
  void start(@TempDir Path directory) {
    state = directory;
    stack =
        LocalStack.start(
            TestStack.options(state)
                .databaseUrl("jdbc:sqlite:unused")
                .retryDelays(List.of(Duration.ofMillis(50), Duration.ofMillis(50))),
            functions);
    lambda = TestStack.lambda(stack);
  }

  @AfterAll
  void stop() {
    lambda.close();
    stack.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ControlFunction",
        "ControlFunction:$LATEST",
        "123456789012:function:ControlFunction",
        "arn:aws:lambda:us-east-1:123456789012:function:ControlFunction",
        "arn:aws:lambda:us-east-1:123456789012:function:ControlFunction:live"
      })
  void invokesByNameOrArn(String name) {
    functions.answers(FUNCTION, payload -> "{\"got\":" + payload + "}");

    var response = invoke(name, "{\"a\":1}");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.executedVersion()).isEqualTo("$LATEST");
    assertThat(response.functionError()).isNull();
    assertThat(response.payload().asUtf8String()).isEqualTo("{\"got\":{\"a\":1}}");
    assertThat(response.responseMetadata().requestId()).hasSize(36);
  }

  @Test
  void payloadReachesTheHandlerAsItIs() {
    functions.behaves(FUNCTION, (in, out, _) -> out.write(in.readAllBytes()));

    assertThat(invoke(FUNCTION, "not { JSON é").payload().asUtf8String()).isEqualTo("not { JSON é");
    assertThat(lambda.invoke(i -> i.functionName(FUNCTION)).payload().asUtf8String())
        .isEqualTo("{}");
  }

  @Test
  void contextTellsTheFunctionWhatLambdaTells() {
    functions.behaves(
        FUNCTION,
        (_, out, context) ->
            out.write(
                "%s %s %s %d %d %s"
                    .formatted(
                        context.getFunctionName(),
                        context.getFunctionVersion(),
                        context.getInvokedFunctionArn(),
                        context.getMemoryLimitInMB(),
                        context.getRemainingTimeInMillis() / 60_000,
                        context.getAwsRequestId())
                    .getBytes(UTF_8)));

    var response = invoke(FUNCTION, "{}");

    // The template does not have this function, so it gets Lambda's longest time.
    assertThat(response.payload().asUtf8String())
        .isEqualTo(
            "ControlFunction $LATEST"
                + " arn:aws:lambda:us-east-1:123456789012:function:ControlFunction 512 14 "
                + response.responseMetadata().requestId());
  }

  @Test
  void exceptionIsAFunctionError() throws IOException {
    functions.behaves(
        FUNCTION,
        (_, _, _) -> {
          throw new IllegalStateException("no such thing");
        });

    var response = invoke(FUNCTION, "{}");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.functionError()).isEqualTo("Unhandled");
    var error = JSON.readTree(response.payload().asByteArray());
    assertThat(error.path("errorMessage").asText()).isEqualTo("no such thing");
    assertThat(error.path("errorType").asText()).isEqualTo("java.lang.IllegalStateException");
    assertThat(error.path("stackTrace").path(0).asText()).contains("InvokeApiTest");
    assertThat(Files.readString(state.resolve("functions.log"))).contains("no such thing");
  }

  @Test
  void refusalHasItsClassNameAsTypeAndNoStackTrace() {
    functions.behaves(
        FUNCTION,
        (_, _, _) -> {
          throw new Refused("name it");
        });

    assertThat(invoke(FUNCTION, "{}").payload().asUtf8String())
        .isEqualTo(
            "{\"errorMessage\":\"name it\","
                + "\"errorType\":\"dev.longhaul.local.InvokeApiTest$Refused\",\"stackTrace\":[]}");
  }

  @Test
  void functionThatTakesTooLongTimesOut() {
    var release = new CountDownLatch(1);
    functions.behaves(
        "RegistrationFunction",
        (_, _, _) -> {
          try {
            release.await();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });

    var response = invoke("RegistrationFunction", "{}");

    functions.answers("RegistrationFunction", _ -> "{}");
    assertThat(response.functionError()).isEqualTo("Unhandled");
    assertThat(response.payload().asUtf8String())
        .contains("Sandbox.Timedout")
        .contains("Task timed out after 1.00 seconds");
  }

  @Test
  void invocationsRunAtTheSameTime() throws Exception {
    var meeting = new CyclicBarrier(8);
    functions.behaves(
        FUNCTION,
        (_, _, _) -> {
          try {
            meeting.await(10, TimeUnit.SECONDS);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var i = 0; i < 8; i++) {
        var _ = threads.submit(() -> assertThat(invoke(FUNCTION, "{}").functionError()).isNull());
      }
    }

    assertThat(meeting.isBroken()).isFalse();
    assertThat(meeting.getNumberWaiting()).isZero();
  }

  @Test
  void eventIsInvokedLaterAndTriedThreeTimes() throws InterruptedException {
    functions.payloads(FUNCTION).clear();
    functions.behaves(
        FUNCTION,
        (_, _, _) -> {
          throw new IllegalStateException("again");
        });

    var response =
        lambda.invoke(
            i ->
                i.functionName(FUNCTION)
                    .invocationType(InvocationType.EVENT)
                    .payload(SdkBytes.fromUtf8String("{\"try\":1}")));

    assertThat(response.statusCode()).isEqualTo(202);
    for (var i = 0; i < 3; i++) {
      assertThat(functions.next(FUNCTION)).isEqualTo("{\"try\":1}");
    }
    assertThat(functions.payloads(FUNCTION).poll(300, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void dryRunInvokesNothing() {
    functions.payloads(FUNCTION).clear();

    var response =
        lambda.invoke(i -> i.functionName(FUNCTION).invocationType(InvocationType.DRY_RUN));

    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(functions.payloads(FUNCTION)).isEmpty();
  }

  @Test
  void logTailIsReturnedIfAsked() throws IOException {
    functions.behaves(
        FUNCTION, (_, _, context) -> context.getLogger().log("{\"message\":\"seen\"}"));

    var response = lambda.invoke(i -> i.functionName(FUNCTION).logType(LogType.TAIL));

    assertThat(new String(Base64.getDecoder().decode(response.logResult()), UTF_8))
        .isEqualTo("{\"message\":\"seen\"}\n");
    assertThat(Files.readString(state.resolve("functions.log"))).contains("\"seen\"}\n");
  }

  @Test
  void unknownFunctionIsNotFound() {
    assertThatThrownBy(() -> invoke("NoFunction", "{}"))
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining(
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:NoFunction");
  }

  @Test
  void largePayloadIsRefusedAndOneJustUnderIsNot() {
    functions.answers(FUNCTION, payload -> String.valueOf(payload.length()));
    var limit = 6 * 1024 * 1024;

    assertThat(invoke(FUNCTION, "x".repeat(limit)).payload().asUtf8String())
        .isEqualTo(String.valueOf(limit));
    assertThatThrownBy(() -> invoke(FUNCTION, "x".repeat(limit + 1)))
        .isInstanceOfSatisfying(
            LambdaException.class,
            e -> {
              assertThat(e.statusCode()).isEqualTo(413);
              assertThat(e.awsErrorDetails().errorCode())
                  .isEqualTo("RequestEntityTooLargeException");
            });
  }

  @Test
  void homePageSaysWhatRunsHere() throws Exception {
    var page = get("/", "");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("RegistrationFunction", "longhaul-sweep", "rate(1 minute)")
        .contains(stack.addresses().endpoint().toString());
    assertThat(get("/health", "").body()).isEqualTo("ok\n");
    assertThat(get("/nothing", "").statusCode()).isEqualTo(404);
  }

  @Test
  void pageOfAnotherSiteIsRefused() throws Exception {
    assertThat(get("/", "https://example.com").statusCode()).isEqualTo(403);
    assertThat(get("/", "http://127.0.0.1:1").statusCode()).isEqualTo(403);
    assertThat(get("/", "http://localhost").statusCode()).isEqualTo(403);
    assertThat(get("/", "null").statusCode()).isEqualTo(403);
    assertThat(get("/", stack.addresses().endpoint().toString()).statusCode()).isEqualTo(200);
  }

  private InvokeResponse invoke(String name, String payload) {
    return lambda.invoke(i -> i.functionName(name).payload(SdkBytes.fromUtf8String(payload)));
  }

  private HttpResponse<String> get(String path, String origin) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(stack.addresses().endpoint() + path));
    if (!origin.isEmpty()) {
      request.header("Origin", origin);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message, null, false, false);
    }
  }
}
