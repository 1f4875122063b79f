package dev.longhaul.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Other programs of the machine.
final class Programs {
  private Programs() {}

  static Optional<Path> find(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(directory -> Path.of(directory, name))
        .filter(file -> file.toFile().canExecute())
        .findFirst();
  }

  /// Runs one to its end and answers what it printed, both streams together.
  ///
  /// @throws IllegalStateException with its output if it fails
  static String run(Path directory, Map<String, String> variables, String... command)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().putAll(variables);
    var process = builder.start();
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(
          "%s ended with %d: %s".formatted(command[0], process.exitValue(), output));
    }
    return output;
  }

  /// How libpq's programs log in to a database.
  static Map<String, String> login(Database database) {
    return Map.of(
        "PGHOST", "127.0.0.1",
        "PGPORT", String.valueOf(database.port()),
        "PGDATABASE", database.name(),
        "PGUSER", database.user(),
        "PGPASSWORD", database.password(),
        "PGSSLMODE", "disable");
  }
}
