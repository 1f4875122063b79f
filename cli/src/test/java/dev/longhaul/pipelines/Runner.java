package dev.longhaul.pipelines;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longhaul.testing.PlantedCanary;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The machine of a pipeline: a folder with the files of a project, and bash with an AWS login.
final class Runner {
  static final Path ACTION = Path.of("..", ".github", "actions", "longhaul");

  /// @param out what the job logs, errors included
  record Ending(int exitCode, String out) {}

  private final Path workspace;
  private final Map<String, String> environment = new HashMap<>();

  Runner(Path workspace, URI endpoint) {
    assumeTrue(isOnPath("aws"), "SKIPPED: the aws command is not on this machine");
    assumeTrue(isOnPath("bash"), "SKIPPED: bash is not on this machine");
    this.workspace = workspace;
    environment.put("AWS_ENDPOINT_URL", endpoint.toString());
    environment.put("AWS_ACCESS_KEY_ID", "test");
    environment.put("AWS_SECRET_ACCESS_KEY", PlantedCanary.SECRET_KEY);
    environment.put("AWS_DEFAULT_REGION", "us-east-1");
    environment.put("LONGHAUL_INTERVAL", "1");
    environment.put("LONGHAUL_TIMEOUT", "120");
    try {
      Files.createDirectories(workspace.resolve("ci"));
      Files.copy(
          ACTION.resolve("longhaul.sh"),
          workspace.resolve("ci").resolve("longhaul.sh"),
          StandardCopyOption.COPY_ATTRIBUTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    script("deploy.sh", "#!/bin/sh\necho deployed | tee deployed\n");
  }

  void set(String variable, String value) {
    environment.put(variable, value);
  }

  void file(String name, String text) {
    try {
      Path file = workspace.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void script(String name, String text) {
    file(name, text);
    if (!workspace.resolve(name).toFile().setExecutable(true)) {
      throw new AssertionError(name);
    }
  }

  void migration(String name, String up, String down) {
    file(
        "migrations/" + name + ".sql",
        "-- migrate:up\n" + up + "\n-- migrate:down\n" + down + "\n");
  }

  boolean hasDeployed() {
    return Files.exists(workspace.resolve("deployed"));
  }

  /// Runs a script as GitHub's `shell: bash` does, and other runners nearly so.
  Ending run(String script) {
    return run(script, Map.of());
  }

  Ending run(String script, Map<String, String> more) {
    try {
      Path file = Files.writeString(Files.createTempFile(workspace, "step", ".sh"), script);
      ProcessBuilder bash =
          new ProcessBuilder(
                  List.of("bash", "--noprofile", "--norc", "-eo", "pipefail", file.toString()))
              .directory(workspace.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
      bash.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
      bash.environment().putAll(environment);
      bash.environment().putAll(more);
      Process process = bash.start();
      String out = new String(process.getInputStream().readAllBytes(), UTF_8);
      PlantedCanary.search(out);
      return new Ending(process.waitFor(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static boolean isOnPath(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
