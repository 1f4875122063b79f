package dev.longhaul.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.lambda.Event;
import dev.longhaul.testing.lambda.FunctionCode;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import software.amazon.awssdk.services.sqs.model.Message;

/// `target/longhaul-functions.zip`, unpacked once for all tests, and events as AWS sends them.
final class Archive {
  static final String REGISTRATION = "dev.longhaul.registration.RegistrationFunction";
  static final String TRIGGER = "dev.longhaul.trigger.TriggerFunction";
  static final String EXECUTOR = "dev.longhaul.execution.ExecutorFunction";
  static final String CONTROL = "dev.longhaul.control.ControlFunction";
  static final String DASHBOARD = "dev.longhaul.dashboard.DashboardFunction";

  static final FunctionCode CODE = unpack();

  private Archive() {}

  private static FunctionCode unpack() {
    Path directory =
        Path.of("target", System.getProperty("archive.directory", "unpacked")).toAbsolutePath();
    try {
      if (Files.exists(directory)) {
        try (var files = Files.walk(directory)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
      return FunctionCode.ofArchive(Path.of("target"), Files.createDirectories(directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// An executor whose way to the database may be broken.
  static FunctionProcess executor(Fixture longhaul, TcpProxy network) throws IOException {
    Map<String, String> environment = new HashMap<>(longhaul.environment());
    String url = longhaul.database.url();
    environment.put(
        "DATABASE_URL",
        url.replace(":" + URI.create(url).getPort() + "/", ":" + network.port() + "/"));
    return FunctionProcess.start(CODE, EXECUTOR, environment);
  }

  /// The next message, as Lambda hands it over.
  static Event take(Fixture longhaul) {
    Message message = longhaul.queue.receive().getFirst();
    longhaul.queue.delete(message);
    return Event.of(Fixture.event(message).toString());
  }

  /// From `src/test/resources/events`.
  static String event(String name) {
    try {
      return Files.readString(Path.of("src", "test", "resources", "events", name + ".json"), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
