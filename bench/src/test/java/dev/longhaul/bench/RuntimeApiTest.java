package dev.longhaul.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Speaks to the server as Lambda's runtime client does.
class RuntimeApiTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Test
  void handsOutTheEventAndTakesTheAnswer() throws Exception {
    try (var api = RuntimeApi.start();
        var http = HttpClient.newHttpClient()) {
      var next = http.sendAsync(get(api, "invocation/next"), BodyHandlers.ofString());
      assertThat(api.awaitReady(PATIENCE)).isLessThan(System.nanoTime());
      var answer = invoke(api);
      HttpResponse<String> event = next.join();
      assertThat(event.body()).isEqualTo("{}");
      assertThat(event.headers().map())
          .containsKeys("content-type", "lambda-runtime-trace-id", "lambda-runtime-deadline-ms");
      var id = event.headers().firstValue("Lambda-Runtime-Aws-Request-Id").orElseThrow();
      http.send(post(api, "invocation/" + id + "/response", "[1]"), BodyHandlers.discarding());

      assertThat(answer.join().isError()).isFalse();
      assertThat(answer.join().body()).isEqualTo("[1]");
    }
  }

  @Test
  void tellsAnErrorFromAnAnswer() throws Exception {
    try (var api = RuntimeApi.start();
        var http = HttpClient.newHttpClient()) {
      var answer = invoke(api);
      http.send(get(api, "invocation/next"), BodyHandlers.discarding());
      http.send(post(api, "invocation/1/error", "{}"), BodyHandlers.discarding());

      assertThat(answer.join().isError()).isTrue();
    }
  }

  private static CompletableFuture<RuntimeApi.Answer> invoke(RuntimeApi api) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return api.invoke("{}".getBytes(UTF_8), PATIENCE);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        // Not the common pool: it may have one thread, which the client needs to tell of an answer.
        Thread::startVirtualThread);
  }

  private static HttpRequest get(RuntimeApi api, String path) {
    return HttpRequest.newBuilder(uri(api, path)).build();
  }

  private static HttpRequest post(RuntimeApi api, String path, String body) {
    return HttpRequest.newBuilder(uri(api, path))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static URI uri(RuntimeApi api, String path) {
    return URI.create("http://" + api.address() + "/2018-06-01/runtime/" + path);
  }
}
