package dev.longhaul.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longhaul.cli.Refusal;
import dev.longhaul.testing.PlantedCanary;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DemoCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StringWriter out = new StringWriter();

  @TempDir private Path state;

  @Test
  void findsTheLocalStackByItsStateDirectory() throws IOException, SQLException {
    TestDatabase database = TestDatabase.create();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (StandInFunctions functions = new StandInFunctions(database, 5)) {
      server.createContext("/2015-03-31/functions/", exchange -> answer(functions, exchange));
      server.start();
      String endpoint = "http://127.0.0.1:" + server.getAddress().getPort();
      Map<String, String> addresses =
          Map.of("endpoint_url", endpoint, "database_url", database.url().url());
      JSON.writeValue(state.resolve("stack.json").toFile(), addresses);

      assertThat(execute("--state", state.toString(), "--rows", "10000"))
          .as(out.toString())
          .isZero();
      assertThat(out.toString()).contains("40 of 40 migrations ended as they should");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    assertThat(execute("--state", state.toString())).isNotZero();
    assertThat(out.toString()).contains("start a stack with longhaul local");
    Files.writeString(state.resolve("stack.json"), "{}");
    assertThat(execute("--state", state.toString())).isNotZero();
    assertThat(out.toString()).contains("stack.json does not say endpoint_url");
    assertThat(execute("--rows", "7")).isNotZero();
    assertThat(out.toString()).contains("--rows must be a multiple of 10000, not 7");
  }

  private int execute(String... arguments) {
    PrintWriter writer = new PrintWriter(out, true);
    int exitCode =
        new CommandLine(new DemoCommand()).setOut(writer).setErr(writer).execute(arguments);
    PlantedCanary.search(out.toString());
    return exitCode;
  }

  /// Lambda's Invoke API, as far as the SDK's client uses it.
  private static void answer(StandInFunctions functions, HttpExchange exchange) throws IOException {
    String[] path = exchange.getRequestURI().getPath().split("/", -1);
    byte[] body;
    try {
      body =
          JSON.writeValueAsBytes(
              functions.invoke(path[3], JSON.readTree(exchange.getRequestBody())));
    } catch (Refusal e) {
      exchange.getResponseHeaders().set("X-Amz-Function-Error", "Unhandled");
      body =
          JSON.writeValueAsBytes(
              Map.of("errorType", e.errorType(), "errorMessage", String.valueOf(e.getMessage())));
    }
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
