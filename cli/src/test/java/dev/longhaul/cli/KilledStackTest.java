package dev.longhaul.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The product as a newcomer has it: the local stack and the demo, each a process of its own.
@Tag("fault")
class KilledStackTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir private Path directory;

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void endProcesses() throws InterruptedException {
    for (Process process : processes) {
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void demoEndsAsItShouldAlthoughTheStackIsKilledInItsMiddle() throws Exception {
    String port = freePort();
    Path output = directory.resolve("demo");
    Process stack = stack(port, "first");
    Process demo = start(output, "demo", "--state", state(), "--rows", "20000", "--timeout", "150");
    await(output, text -> text.split("FINISHED", -1).length > 10);
    stack.destroyForcibly().waitFor();

    stack(port, "second");

    assertThat(demo.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output))
        .contains("40 of 40 migrations ended as they should")
        .contains("the database confirms 28 of 28 facts");
    assertThat(demo.exitValue()).isZero();
    requireNoSecretIn("demo", "state/functions.log", "state/postgres.log");
  }

  /// The stack has made up a password for its database. It stands in a file of its own, and in the
  /// line in which the stack says where everything is.
  private void requireNoSecretIn(String... files) throws IOException {
    String password = Files.readString(directory.resolve("state/data/longhaul.password")).strip();
    assertThat(password).hasSizeGreaterThan(15);
    for (String file : files) {
      assertThat(directory.resolve(file)).isNotEmptyFile().content().doesNotContain(password);
    }
  }

  private String state() {
    return directory.resolve("state").toString();
  }

  private Process stack(String port, String name) throws Exception {
    Path output = directory.resolve(name);
    Process stack =
        start(
            output,
            "local",
            "--state",
            state(),
            "--port",
            port,
            "--sqs-port",
            "0",
            "--pg-port",
            "0",
            "--first-job-rows",
            "20000",
            "--allow-scheduled",
            "--template",
            Path.of("..", "template.yaml").toString());
    await(output, text -> text.contains("\nready "));
    return stack;
  }

  private Process start(Path output, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    processes.add(process);
    return process;
  }

  private static void await(Path output, Predicate<String> condition) throws Exception {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!condition.test(Files.exists(output) ? Files.readString(output, UTF_8) : "")) {
      assertThat(Instant.now())
          .as(() -> "waiting for " + output + ":\n" + read(output))
          .isBefore(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static String read(Path output) {
    try {
      return Files.exists(output) ? Files.readString(output) : "";
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return Integer.toString(socket.getLocalPort());
    }
  }
}
