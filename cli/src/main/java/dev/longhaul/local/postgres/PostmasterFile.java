package dev.longhaul.local.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `postmaster.pid`, in which a server says who it is: line 1 its process, line 4 its port.
///
/// @param port 0 while the server has not written it yet
record PostmasterFile(long pid, int port) {

  static Optional<PostmasterFile> in(Path data) throws IOException {
    var file = data.resolve("postmaster.pid");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    var lines = Files.readAllLines(file);
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of(new PostmasterFile(number(lines, 0), (int) number(lines, 3)));
  }

  private static long number(List<String> lines, int index) {
    var text = index < lines.size() ? lines.get(index).strip() : "";
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }

  /// Whether that process lives and is a PostgreSQL: after a reboot its number may be another's.
  /// One that ended and was never waited for has no program any more.
  boolean isAlive() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .flatMap(process -> process.info().command())
        .filter(command -> command.endsWith("/postgres"))
        .isPresent();
  }
}
