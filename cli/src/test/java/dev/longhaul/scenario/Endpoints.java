package dev.longhaul.scenario;

import dev.longhaul.local.events.EventBus;
import dev.longhaul.local.events.EventsApi;
import dev.longhaul.local.http.HttpFront;
import dev.longhaul.local.template.StackTemplate;
import dev.longhaul.testing.TestQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/// What the scenarios run against: the endpoint of `LONGHAUL_TEST_AWS_ENDPOINT` alone, where that
/// is set, with its name in `LONGHAUL_TEST_AWS_NAME` and the [Feature]s that it lacks in
/// `LONGHAUL_TEST_AWS_GAPS`, separated by commas; else what runs in this JVM, and LocalStack if
/// there is a Docker.
final class Endpoints {
  /// The last image that asks for no account.
  private static final String LOCALSTACK = "localstack/localstack:4.14.0";

  private static final List<Endpoint> ALL = find();

  private Endpoints() {}

  static Stream<Endpoint> all() {
    return ALL.stream();
  }

  static void say(String line) {
    System.out.println("[scenarios] " + line);
  }

  private static List<Endpoint> find() {
    String given = variable("LONGHAUL_TEST_AWS_ENDPOINT", "");
    return given.isEmpty() ? List.of(inThisJvm(), localStack()) : List.of(given(given));
  }

  private static String variable(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isBlank() ? otherwise : value;
  }

  private static Endpoint given(String address) {
    String name = variable("LONGHAUL_TEST_AWS_NAME", address);
    Set<Feature> gaps =
        Arrays.stream(variable("LONGHAUL_TEST_AWS_GAPS", "").split(",", -1))
            .filter(gap -> !gap.isBlank())
            .map(gap -> Feature.valueOf(gap.strip()))
            .collect(Collectors.toUnmodifiableSet());
    say("run against " + name);
    return Endpoint.at(name, services(URI.create(address)), gaps);
  }

  private static Endpoint.Services services(URI all) {
    return new Endpoint.Services(all, all, all);
  }

  /// Both are part of the local stack, too.
  private static Endpoint inThisJvm() {
    try {
      HttpFront front = HttpFront.bind(0);
      EventBus bus =
          new EventBus(
              StackTemplate.read(Path.of("..", "template.yaml"), Map.of()).rules(),
              Files.createTempDirectory(Path.of("target"), "scenarios").resolve("rules.json"),
              Clock.systemUTC(),
              (function, event) -> {});
      front.route("POST", "/", new EventsApi(bus, Clock.systemUTC())).start();
      URI nowhere = URI.create("http://127.0.0.1:1");
      return Endpoint.at(
          "ElasticMQ with the local stack's bus",
          new Endpoint.Services(URI.create(TestQueue.endpoint()), front.address(), nowhere),
          Set.of(Feature.PUT_RULES, Feature.QUEUE_AS_TARGET, Feature.SECRETS));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Endpoint localStack() {
    String name = "LocalStack";
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      say("skipped on LocalStack: no Docker answers here");
      return Endpoint.absent(name, "no Docker answers here");
    }
    // Ends with this JVM: Testcontainers sees to that.
    @SuppressWarnings("resource")
    LocalStackContainer container =
        new LocalStackContainer(DockerImageName.parse(LOCALSTACK))
            .withServices("sqs", "events", "secretsmanager");
    container.start();
    return Endpoint.at(name, services(container.getEndpoint()), Set.of());
  }
}
