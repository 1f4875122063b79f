package dev.longhaul.testing.lambda;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipInputStream;

/// The code that a function's process runs.
///
/// @param taskRoot the working directory, from where the runtime client loads classes and
///   `lib/*.jar`
/// @param classPath the runtime client, and what else is not under `taskRoot`
public record FunctionCode(Path taskRoot, List<Path> classPath) {
  /// Unpacks the archive that is deployed, as Lambda does.
  ///
  /// @param functions the module's `target`, after its package phase
  /// @param directory one that is there and empty
  public static FunctionCode ofArchive(Path functions, Path directory) throws IOException {
    var zip = functions.resolve("longhaul-functions.zip");
    try (var entries = new ZipInputStream(Files.newInputStream(zip))) {
      for (var entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        var file = directory.resolve(entry.getName()).normalize();
        if (!file.startsWith(directory)) {
          throw new IOException("an entry outside of the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.getParent());
          Files.copy(entries, file);
        }
      }
    }
    return new FunctionCode(directory, runtimeClient(functions));
  }

  /// What the calling JVM itself runs, for tests that want a process and not the archive, which is
  /// built only after the unit tests.
  ///
  /// @param functions the module's `target`
  /// @param directory an empty one to work in
  public static FunctionCode ofThisJvm(Path functions, Path directory) throws IOException {
    var paths = new ArrayList<>(runtimeClient(functions));
    Pattern.compile(File.pathSeparator)
        .splitAsStream(System.getProperty("java.class.path"))
        .map(path -> Path.of(path).toAbsolutePath())
        .forEach(paths::add);
    return new FunctionCode(directory, List.copyOf(paths));
  }

  /// The runtime's own jars, which are not in the archive.
  private static List<Path> runtimeClient(Path functions) throws IOException {
    try (var jars = Files.list(functions.resolve("runtime-client"))) {
      return jars.map(Path::toAbsolutePath).sorted().toList();
    }
  }

  /// For the option `-classpath`.
  String classPathOption() {
    return classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
