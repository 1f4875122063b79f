package dev.longhaul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where things lie in a clone of the project.
public final class Project {
  private Project() {}

  /// As `bench/run` says, or else the directory above the working directory's `bench`.
  public static Path root() {
    var given = System.getProperty("longhaul.root");
    return given == null ? Path.of("..").toAbsolutePath().normalize() : Path.of(given);
  }

  static Path target() throws IOException {
    return Files.createDirectories(root().resolve("bench").resolve("target"));
  }

  /// A new directory under `bench/target`, which [#delete] takes away.
  public static Path temporary(String name) throws IOException {
    return Files.createTempDirectory(target(), name + "-");
  }

  public static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
