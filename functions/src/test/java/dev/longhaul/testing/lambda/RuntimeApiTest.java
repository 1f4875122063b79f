package dev.longhaul.testing.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Speaks to the server as Lambda's runtime client does.
class RuntimeApiTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final CompletableFuture<String> killed = new CompletableFuture<>();
  private final RuntimeApi api = start();
  private final HttpClient http = HttpClient.newHttpClient();

  private RuntimeApi start() {
    try {
      return RuntimeApi.start(() -> killed.complete("killed"));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @AfterEach
  void close() {
    http.close();
    api.close();
  }

  @Test
  void handsOutTheEventAndTakesTheAnswer() throws Exception {
    CompletableFuture<HttpResponse<String>> next =
        http.sendAsync(get("invocation/next"), BodyHandlers.ofString());
    assertThat(api.ready()).succeedsWithin(PATIENCE);
    CompletableFuture<Answer> answer = api.send(Event.of("[0]").withRequestId("one"));
    HttpResponse<String> event = next.join();
    assertThat(event.body()).isEqualTo("[0]");
    assertThat(event.headers().map()).containsKeys("content-type", "lambda-runtime-trace-id");
    assertThat(event.headers().firstValue("lambda-runtime-aws-request-id")).contains("one");
    long deadline = event.headers().firstValueAsLong("lambda-runtime-deadline-ms").orElseThrow();
    assertThat(Instant.ofEpochMilli(deadline))
        .isBetween(Instant.now().plusSeconds(50), Instant.now().plusSeconds(60));
    http.send(post("invocation/one/response", "[1]"), BodyHandlers.discarding());

    assertThat(answer.get().body()).isEqualTo("[1]");
  }

  @Test
  void tellsAnErrorFromAnAnswer() throws Exception {
    CompletableFuture<Answer> answer = api.send(Event.of("{}").withRequestId("one"));
    http.send(get("invocation/next"), BodyHandlers.discarding());
    http.send(
        post(
            "invocation/one/error",
            "{\"errorType\":\"Bad\",\"errorMessage\":\"why\",\"stackTrace\":[\"here\"]}"),
        BodyHandlers.discarding());

    Answer.FunctionError error = answer.get().functionError();
    assertThat(error.errorType()).isEqualTo("Bad");
    assertThat(error.errorMessage()).isEqualTo("why");
    assertThat(error.stackTrace()).containsExactly("here");
  }

  @Test
  void answersForAFunctionThatCannotBeMade() throws Exception {
    CompletableFuture<Answer> before = api.send(Event.of("{}"));
    http.send(post("init/error", "{\"errorType\":\"Bad\"}"), BodyHandlers.discarding());

    assertThat(before.get().functionError().errorType()).isEqualTo("Bad");
    assertThat(api.send(Event.of("{}")).get()).isInstanceOf(Answer.FunctionError.class);
    assertThat(api.ready()).isCompletedExceptionally();
  }

  @Test
  void killsAtTheDeadline() throws Exception {
    CompletableFuture<Answer> answer = api.send(Event.of("{}").withTimeout(Duration.ofMillis(100)));
    http.send(get("invocation/next"), BodyHandlers.discarding());

    assertThat(answer).succeedsWithin(PATIENCE).isInstanceOf(Answer.TimedOut.class);
    assertThat(killed).succeedsWithin(PATIENCE);
  }

  private HttpRequest get(String path) {
    return HttpRequest.newBuilder(uri(path)).build();
  }

  private HttpRequest post(String path, String body) {
    return HttpRequest.newBuilder(uri(path))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private URI uri(String path) {
    return URI.create("http://" + api.address() + "/2018-06-01/runtime/" + path);
  }
}
