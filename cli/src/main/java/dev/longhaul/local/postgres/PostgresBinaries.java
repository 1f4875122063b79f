package dev.longhaul.local.postgres;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/// The server's programs. They come as `postgres-<system>-<processor>.txz` on the class path
/// (io.zonky.test.postgres) and are unpacked once into a directory named by the archive's digest.
final class PostgresBinaries {
  private PostgresBinaries() {}

  /// Unpacks the archive for this machine, unless that is done.
  ///
  /// @param parent where the directory of the programs is, or will be
  /// @return the directory that has `bin`, `lib` and `share`
  static Path unpack(Path parent) throws IOException {
    var name = "postgres-%s-%s.txz".formatted(system(), processor());
    byte[] archive;
    try (var resource = PostgresBinaries.class.getResourceAsStream("/" + name)) {
      if (resource == null) {
        throw new PostgresProblem(
            "there is no PostgreSQL for this machine on the class path (%s): give --database-url"
                .formatted(name));
      }
      archive = resource.readAllBytes();
    }
    var home = parent.resolve("postgresql-" + digest(archive));
    if (!Files.exists(home)) {
      Files.createDirectories(parent);
      var unpacking = Files.createTempDirectory(parent, "unpacking-");
      try {
        extract(archive, unpacking);
        move(unpacking, home);
      } finally {
        delete(unpacking);
      }
    }
    return home;
  }

  /// In one step, so that a killed start leaves no half; somebody else's equal copy is as good.
  private static void move(Path unpacked, Path home) throws IOException {
    try {
      Files.move(unpacked, home);
    } catch (IOException e) {
      if (!Files.exists(home)) {
        throw e;
      }
    }
  }

  private static String system() {
    var name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return name.startsWith("mac") ? "darwin" : name.replace(' ', '_');
  }

  private static String processor() {
    var name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (name) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64", "arm64" -> "arm_64";
      default -> name;
    };
  }

  private static String digest(byte[] archive) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(archive);
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void extract(byte[] archive, Path directory) throws IOException {
    try (var tar =
        new TarArchiveInputStream(new XZCompressorInputStream(new ByteArrayInputStream(archive)))) {
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        var file = directory.resolve(entry.getName()).normalize();
        if (!file.startsWith(directory)) {
          throw new IOException("the archive leaves its directory: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
          continue;
        }
        Files.createDirectories(file.resolveSibling("."));
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
        } else {
          Files.copy(tar, file);
          var mode = (entry.getMode() & 0111) == 0 ? "rw-r--r--" : "rwxr-xr-x";
          Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        }
      }
    }
  }

  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
