package dev.longhaul.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/// The directory that one stack owns while it runs. The lock is the operating system's, so a killed
/// stack leaves none.
final class StateDirectory implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final FileChannel lock;

  private StateDirectory(Path directory, FileChannel lock) {
    this.directory = directory;
    this.lock = lock;
  }

  static StateDirectory take(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      Files.createDirectories(directory.toAbsolutePath().getParent());
      Files.createDirectory(directory, ownerOnly("rwx------"));
    }
    var lock =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    var taken = false;
    try {
      taken = lock.tryLock() != null;
    } catch (OverlappingFileLockException _) {
      // Another stack of this process.
    }
    if (!taken) {
      lock.close();
      throw new StartFailure(running(directory));
    }
    return new StateDirectory(directory, lock);
  }

  private static String running(Path directory) throws IOException {
    var description = directory.resolve("stack.json");
    if (!Files.exists(description)) {
      return "another local stack is starting on " + directory;
    }
    var stack = JSON.readTree(description.toFile());
    return "a local stack already runs on %s: process %s, %s"
        .formatted(directory, stack.path("pid").asText(), stack.path("endpoint_url").asText());
  }

  private static FileAttribute<?> ownerOnly(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /// Forgets what earlier runs left, except the database, which is its server's to delete.
  void clear() throws IOException {
    Files.deleteIfExists(file("rules.json"));
    Files.deleteIfExists(file("functions.log"));
    Files.deleteIfExists(file("postgres.log"));
  }

  /// Writes how to reach the stack, for its owner only: the database's address has its password.
  void describe(Addresses addresses) throws IOException {
    var description =
        JsonNodeFactory.instance
            .objectNode()
            .put("endpoint_url", addresses.endpoint().toString())
            .put("database_url", addresses.databaseUrl())
            .put("queue_url", addresses.queueUrl())
            .put("pid", ProcessHandle.current().pid());
    var next = file("stack.json.next");
    Files.deleteIfExists(next);
    Files.createFile(next, ownerOnly("rw-------"));
    Files.writeString(next, description.toPrettyString() + "\n");
    Files.move(
        next,
        file("stack.json"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file("stack.json"));
    lock.close();
  }
}
