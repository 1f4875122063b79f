package dev.longhaul.testing;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

/// The data directory of a streaming standby.
public final class Standby {
  private static final int RENAMED_FUNCTIONS = 15;

  private Standby() {}

  /// A base backup by the low-level API
  /// (<https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP>),
  /// for there is no pg_basebackup among the embedded programs.
  ///
  /// @param settings more lines for its configuration
  public static void copy(Database primary, Path data, Path copy, String settings)
      throws IOException, SQLException {
    try (Connection connection = primary.connect();
        Statement statement = connection.createStatement()) {
      boolean isNew = connection.getMetaData().getDatabaseMajorVersion() >= RENAMED_FUNCTIONS;
      statement.execute(
          isNew
              ? "select pg_backup_start('standby', true)"
              : "select pg_start_backup('standby', true, false)");
      try (Stream<Path> files = Files.walk(data)) {
        for (Path file : files.toList()) {
          if (!file.endsWith("postmaster.pid")) {
            Files.copy(file, copy.resolve(data.relativize(file).toString()));
          }
        }
      }
      try (ResultSet row =
          statement.executeQuery(
              isNew
                  ? "select labelfile from pg_backup_stop(false)"
                  : "select labelfile from pg_stop_backup(false, false)")) {
        row.next();
        Files.writeString(copy.resolve("backup_label"), row.getString(1));
      }
    }
    Files.createFile(copy.resolve("standby.signal"));
    Files.writeString(
        copy.resolve("postgresql.auto.conf"),
        "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres'\n%s\n"
            .formatted(URI.create(primary.url()).getPort(), settings));
    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwx------"));
  }
}
