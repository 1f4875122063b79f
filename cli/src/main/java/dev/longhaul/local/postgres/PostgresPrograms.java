package dev.longhaul.local.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs initdb and pg_ctl. PostgreSQL refuses to run as root; in a user namespace without a mapping
/// (`unshare -U`) root is nobody, and still owns its files.
record PostgresPrograms(Path home) {

  /// Runs one of the programs to its end.
  ///
  /// @return the program's exit code and what it printed
  Result run(String program, List<String> arguments) throws IOException {
    var command = new ArrayList<String>();
    if (isRoot()) {
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(home.resolve("bin").resolve(program).toString());
    command.addAll(arguments);
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), UTF_8);
      var exitCode = process.waitFor();
      if (exitCode != 0 && output.startsWith("unshare:")) {
        throw new PostgresProblem(
            "PostgreSQL refuses to run as root, and user namespaces are forbidden here (%s): run as"
                    .formatted(output.strip())
                + " another user, or give --database-url");
      }
      return new Result(exitCode, output.strip());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroy();
      throw new IOException("interrupted while " + program + " runs", e);
    }
  }

  private static boolean isRoot() throws IOException {
    var self = Path.of("/proc/self");
    return Files.exists(self) && Integer.valueOf(0).equals(Files.getAttribute(self, "unix:uid"));
  }

  record Result(int exitCode, String output) {
    String lastLine() {
      return output.substring(output.lastIndexOf('\n') + 1);
    }
  }
}
