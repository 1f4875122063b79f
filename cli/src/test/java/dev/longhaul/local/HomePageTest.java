package dev.longhaul.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomePageTest {
  @TempDir private Path state;

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private static HttpRequest.Builder at(LocalStack stack, String path) {
    return HttpRequest.newBuilder(URI.create(stack.addresses().endpoint() + path));
  }

  private static String invoke(LocalStack stack, String function, String payload) throws Exception {
    return send(at(stack, "/2015-03-31/functions/" + function + "/invocations")
            .header("Origin", stack.addresses().endpoint().toString())
            .POST(HttpRequest.BodyPublishers.ofString(payload)))
        .body();
  }

  @Test
  void showsTheDashboardWithItsButtons() throws Exception {
    var options =
        TestStack.options(state)
            .databaseUrl("jdbc:sqlite:" + state.resolve("database"))
            .allowScheduledMigrations(true);
    try (var stack = LocalStack.start(options, LocalCommand::handlers)) {
      invoke(
          stack,
          "RegistrationFunction",
          "{\"migration_name\":\"one\",\"sql_forwards\":\"select 1\",\"sql_backwards\":\"select"
              + " 2\"}");

      var page = send(at(stack, "/"));
      var script = send(at(stack, "/dashboard.js"));
      var widget =
          new ObjectMapper()
              .readTree(invoke(stack, "DashboardFunction", "{\"widgetContext\":{}}"))
              .asText();

      assertThat(page.body()).contains("<script src=\"/dashboard.js\"", "id=\"widget\"");
      assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
          .contains("default-src 'none'", "script-src 'self'");
      assertThat(script.headers().firstValue("Content-Type").orElse(""))
          .startsWith("text/javascript");
      assertThat(script.body()).contains("cwdb-action");
      assertThat(widget).contains(">one<", "function:TriggerFunction", "function:ControlFunction");
    }
  }
}
