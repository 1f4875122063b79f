package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What only AWS has, and the local stack has not: a function's settings and a rule's targets.
class DeploymentTest {
  private static final String CONFIGURATION =
      "GET /2015-03-31/functions/ExecutorFunction/configuration";
  private static final String CONCURRENCY =
      "GET /2019-09-30/functions/ExecutorFunction/concurrency";
  private static final String TRIGGER =
      "arn:aws:lambda:us-east-1:123456789012:function:longhaul-TriggerFunction:live";

  /// By the operation of AWS, or method and path.
  private final Map<String, String> answers = new HashMap<>();

  private HttpServer server;
  private Functions functions;
  private Deployment deployment;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    functions = Functions.at(Address.of(URI.create(url(""))));
    deployment = new Deployment(functions, false);
    answers.put(CONFIGURATION, "{\"State\":\"Active\",\"Timeout\":900}");
    answers.put(CONCURRENCY, "{}");
    answers.put("DescribeRule", "{\"State\":\"ENABLED\"}");
    answers.put("ListTargetsByRule", "{\"Targets\":[{\"Id\":\"t\",\"Arn\":\"" + TRIGGER + "\"}]}");
  }

  @AfterEach
  void stop() {
    functions.close();
    server.stop(0);
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private void handle(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    String key =
        target == null
            ? exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath()
            : target.substring(target.indexOf('.') + 1);
    boolean isDryRun =
        "DryRun".equals(exchange.getRequestHeaders().getFirst("X-Amz-Invocation-Type"));
    String answer = answers.get(key);
    exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
    if (answer == null && !isDryRun) {
      exchange.getResponseHeaders().set("x-amzn-ErrorType", "AccessDeniedException");
    }
    byte[] body =
        (answer == null ? "{\"__type\":\"AccessDeniedException\",\"message\":\"not you\"}" : answer)
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(
        isDryRun ? 204 : answer == null ? 403 : 200, isDryRun ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      if (!isDryRun) {
        out.write(body);
      }
    }
  }

  private static Diagnosis find(List<Diagnosis> all, String check) {
    return all.stream()
        .filter(one -> one.check().equals(check))
        .findFirst()
        .orElseThrow(() -> new AssertionError(check + " is not in " + all));
  }

  @Test
  void readsTheExecutorsSettings() {
    assertThat(find(deployment.functions(), "ExecutorFunction").line())
        .isEqualTo("ok    ExecutorFunction: Active, timeout 900 s");

    answers.put(CONCURRENCY, "{\"ReservedConcurrentExecutions\":5}");
    assertThat(find(deployment.functions(), "ExecutorFunction").line())
        .isEqualTo("ok    ExecutorFunction: Active, timeout 900 s, reserved concurrency 5");
  }

  @Test
  void findsAnExecutorThatCannotRun() {
    answers.put(CONCURRENCY, "{\"ReservedConcurrentExecutions\":0}");
    assertThat(find(deployment.functions(), "ExecutorFunction").line())
        .startsWith("fail  ExecutorFunction: is throttled")
        .contains("put-function-concurrency");

    answers.put(CONCURRENCY, "{}");
    answers.put(
        CONFIGURATION,
        "{\"State\":\"Failed\",\"StateReason\":\"The subnet is gone\",\"Timeout\":900}");
    assertThat(find(deployment.functions(), "ExecutorFunction").line())
        .startsWith("fail  ExecutorFunction: cannot be invoked: Failed (The subnet is gone)");
  }

  @Test
  void takesAnotherStateThanFailedForGood() {
    for (String state : List.of("Pending", "Inactive")) {
      answers.put(CONFIGURATION, "{\"State\":\"" + state + "\",\"Timeout\":900}");
      assertThat(find(deployment.functions(), "ExecutorFunction").level()).isEqualTo("ok");
    }
  }

  @Test
  void warnsOfWhatTheCallerMayNotSee() {
    answers.clear();
    assertThat(find(deployment.functions(), "ExecutorFunction").line())
        .startsWith("warn  ExecutorFunction: cannot be looked at: not you")
        .contains("lambda:GetFunctionConfiguration");
    assertThat(find(deployment.rules("longhaul-sweep", "default"), "rules").line())
        .startsWith("warn  rules: cannot be looked at: not you")
        .contains("events:ListTargetsByRule");
  }

  @Test
  void findsRulesThatInvokeSomethingElse() {
    List<Diagnosis> well = deployment.rules("longhaul-sweep", "app");
    assertThat(well)
        .extracting(Diagnosis::line)
        .containsExactly("ok    rule longhaul-sweep: on", "ok    rule longhaul-manual: on");

    answers.put(
        "ListTargetsByRule",
        "{\"Targets\":[{\"Id\":\"t\",\"Arn\":\"" + TRIGGER.replace("Trigger", "Other") + "\"}]}");
    assertThat(find(deployment.rules("longhaul-sweep", "app"), "rule longhaul-sweep").line())
        .startsWith("fail  rule longhaul-sweep: does not invoke the TriggerFunction")
        .contains("longhaul-OtherFunction");

    answers.put("ListTargetsByRule", "{\"Targets\":[]}");
    assertThat(find(deployment.rules("longhaul-sweep", "app"), "rule longhaul-manual").isFailure())
        .isTrue();
  }

  /// Another stack's function is none of this one's.
  @Test
  void findsRulesThatInvokeAnotherStack() {
    answers.put(
        "ListTargetsByRule",
        "{\"Targets\":[{\"Id\":\"t\",\"Arn\":\""
            + TRIGGER.replace("longhaul-", "other-")
            + "\"}]}");
    assertThat(find(deployment.rules("longhaul-sweep", "app"), "rule longhaul-sweep").isFailure())
        .isTrue();
  }

  @Test
  void knowsWhichRuleMayBeOff() {
    answers.put("DescribeRule", "{\"State\":\"DISABLED\"}");
    List<Diagnosis> all = deployment.rules("longhaul-sweep", "app");
    assertThat(find(all, "rule longhaul-sweep").level()).isEqualTo("ok");
    assertThat(find(all, "rule longhaul-manual").line())
        .startsWith("fail  rule longhaul-manual: off")
        .endsWith("aws events enable-rule --name longhaul-manual --event-bus-name app");
  }

  @Test
  void comparesTheQueueWithTheExecutorsTimeout() {
    answers.put(
        "GetQueueAttributes",
        "{\"Attributes\":{\"VisibilityTimeout\":\"600\",\"ApproximateNumberOfMessages\":\"0\","
            + "\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:aws:sqs:us-east-1:123456789012:longhaul-dead-letters\\\"}\"}}");
    answers.put("GetQueueUrl", "{\"QueueUrl\":\"" + url("/letters") + "\"}");
    answers.put(CONFIGURATION, "{\"State\":\"Active\",\"Timeout\":100}");
    deployment.functions();
    assertThat(find(deployment.queues(url("/queue")), "queue").level()).isEqualTo("ok");

    answers.put(CONFIGURATION, "{\"State\":\"Active\",\"Timeout\":101}");
    deployment.functions();
    assertThat(find(deployment.queues(url("/queue")), "queue").line())
        .startsWith("warn  queue")
        .contains("600 s", "606 s", "VisibilityTimeout");

    answers.put("GetQueueAttributes", "{\"Attributes\":{\"VisibilityTimeout\":\"5400\"}}");
    assertThat(find(deployment.queues(url("/queue")), "dead letters").line())
        .startsWith("fail  dead letters: the queue has no redrive policy");
  }

  @Test
  void tellsOfClocks() {
    assertThat(deployment.clock(null)).isEmpty();
    assertThat(deployment.clock(Duration.ofSeconds(4)).getFirst().level()).isEqualTo("ok");
    assertThat(deployment.clock(Duration.ofSeconds(-6)).getFirst().level()).isEqualTo("warn");
    assertThat(deployment.clock(Duration.ofMinutes(-5)).getFirst().level()).isEqualTo("fail");
  }

  @Test
  void asksTheExecutorForItsUser() {
    Diagnosis refused = deployment.runner(DoctorCommand.action("doctor", null, null)).getFirst();
    assertThat(refused.line())
        .startsWith("warn  runner: cannot be looked at")
        .contains("lambda:InvokeFunction on ExecutorFunction");

    answers.put(
        "POST /2015-03-31/functions/ExecutorFunction/invocations",
        """
        {"checks": [{"check": "runner's ownership", "target": "main", "level": "warn",
          "finding": "2 of 4", "mend": "Grant it."}]}
        """);
    assertThat(deployment.runner(DoctorCommand.action("doctor", null, null)))
        .extracting(Diagnosis::line)
        .containsExactly("warn  main runner's ownership: 2 of 4. Grant it.");
  }
}
