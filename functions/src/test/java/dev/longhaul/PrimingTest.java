package dev.longhaul;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A process of its own for each test, since the environment is read by the constructor that Lambda
/// calls.
class PrimingTest {
  /// Loaded by a call, and not by making a client.
  private static final List<String> CLASSES =
      List.of(
          "software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry$BuilderImpl",
          "software.amazon.awssdk.services.eventbridge.model.PutEventsRequest$BuilderImpl",
          "org.postgresql.core.v3.ConnectionFactoryImpl");

  /// A line of the log of loaded classes.
  private static final Pattern LOADED = Pattern.compile("\\[class,load *] (\\S+) ");

  @TempDir Path directory;

  /// Takes connections, answers none, and counts them.
  private static final class Listener implements AutoCloseable {
    private final ServerSocket server;
    private final List<Socket> accepted = Collections.synchronizedList(new ArrayList<>());

    Listener() throws IOException {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
      try {
        while (true) {
          accepted.add(server.accept());
        }
      } catch (SocketException closed) {
        // The test is over.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (Socket socket : accepted) {
        socket.close();
      }
    }
  }

  /// Constructs a function as Lambda does, and answers which of [#CLASSES] were loaded.
  private List<String> construct(String function, String initialization, int port)
      throws IOException, InterruptedException {
    Path log = directory.resolve("classes.log");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xlog:class+load:file=" + log,
            "-classpath",
            System.getProperty("java.class.path"),
            "dev.longhaul.PrimingTest$Constructor",
            function);
    String endpoint = "http://127.0.0.1:" + port;
    builder
        .environment()
        .putAll(
            Map.of(
                "AWS_LAMBDA_INITIALIZATION_TYPE",
                initialization,
                "AWS_ENDPOINT_URL",
                endpoint,
                "AWS_REGION",
                "us-east-1",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                endpoint + "/credentials",
                "DATABASE_SECRET_ARN",
                "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf",
                "DATABASE_HOST",
                "127.0.0.1",
                "DATABASE_PORT",
                Integer.toString(port),
                "EVENT_BUS_NAME",
                "default",
                "QUEUE_URL",
                endpoint + "/123456789012/queue",
                "SWEEP_RULE_NAME",
                "sweep"));
    Path output = directory.resolve("output.log");
    int exit = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start().waitFor();
    assertThat(exit).as(Files.readString(output)).isZero();
    return LOADED
        .matcher(Files.readString(log))
        .results()
        .map(match -> match.group(1))
        .filter(CLASSES::contains)
        .toList();
  }

  /// What the process does.
  static final class Constructor {
    private Constructor() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
      Class.forName(arguments[0]).getConstructor().newInstance();
    }
  }

  /// What were open, fetched or resolved by then would be in the snapshot, and be the same or dead
  /// in every function that starts from it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "dev.longhaul.registration.RegistrationFunction",
        "dev.longhaul.control.ControlFunction",
        "dev.longhaul.dashboard.DashboardFunction"
      })
  void loadsWhatTheFirstCallNeedsAndReachesNobody(String function) throws Exception {
    try (Listener world = new Listener()) {
      List<String> loaded = construct(function, "snap-start", world.server.getLocalPort());

      assertThat(loaded).containsExactlyInAnyOrderElementsOf(CLASSES);
      assertThat(world.accepted).isEmpty();
    }
  }

  /// It takes longer than it saves where there is no snapshot.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "dev.longhaul.registration.RegistrationFunction",
        "dev.longhaul.control.ControlFunction",
        "dev.longhaul.dashboard.DashboardFunction"
      })
  void doesNothingWithoutASnapshot(String function) throws Exception {
    try (Listener world = new Listener()) {
      assertThat(construct(function, "on-demand", world.server.getLocalPort())).isEmpty();
    }
  }

  @Test
  void executorHasNoSnapshotToPrime() throws Exception {
    try (Listener world = new Listener()) {
      assertThat(
              construct(
                  "dev.longhaul.execution.ExecutorFunction",
                  "snap-start",
                  world.server.getLocalPort()))
          .isEmpty();
    }
  }
}
