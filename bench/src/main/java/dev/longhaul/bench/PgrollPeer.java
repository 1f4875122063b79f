package dev.longhaul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The backfill of pgroll (<https://github.com/xataio/pgroll>), which adds the column and fills it
/// by touching every row in batches under a trigger.
///
/// @param program as [#build] answers it
record PgrollPeer(Path program, int batch) implements BatchPeer {
  private static final String VERSION = "v0.14.0";

  /// Builds it with Go, once.
  ///
  /// @throws Unavailable if there is no Go, or it cannot be built
  static Path build() throws IOException, InterruptedException {
    var directory = Files.createDirectories(Project.target().resolve("pgroll"));
    var program = directory.resolve("pgroll-" + VERSION);
    if (Files.exists(program)) {
      return program;
    }
    var go =
        Programs.find("go")
            .or(() -> Optional.of(Path.of("/usr/local/go/bin/go")))
            .filter(Files::isExecutable)
            .orElseThrow(() -> new Unavailable("there is no Go to build pgroll with"));
    Bench.progress("building pgroll " + VERSION);
    // A module of our own, since `go install` asks for the list of all versions.
    Files.writeString(
        directory.resolve("go.mod"),
        "module bench\n\ngo 1.24\n\nrequire github.com/xataio/pgroll %s\n".formatted(VERSION));
    try {
      Programs.run(
          directory,
          Map.of("GOFLAGS", "-mod=mod"),
          go.toString(),
          "build",
          "-o",
          program.toString(),
          "github.com/xataio/pgroll");
    } catch (IllegalStateException e) {
      throw new Unavailable("pgroll %s cannot be built: %s".formatted(VERSION, e.getMessage()));
    }
    return program;
  }

  @Override
  public String name() {
    return "pgroll, %s rows".formatted(Samples.number(batch, 0));
  }

  @Override
  public boolean hasColumn() {
    return false;
  }

  @Override
  public Work prepare(Database database) throws IOException, InterruptedException {
    var directory = Project.temporary("pgroll");
    var file = directory.resolve("01_n.json");
    Files.writeString(
        file,
        """
        {"operations": [{"add_column": {
          "table": "account", "up": "%s",
          "column": {"name": "n", "type": "integer", "nullable": true}}}]}
        """
            .formatted(BatchTable.EXPRESSION));
    pgroll(directory, database, "init");
    // It changes no schema whose origin it does not know.
    pgroll(directory, database, "baseline", "00_before", directory.toString(), "--yes");
    return new Work() {
      @Override
      public void run() throws IOException, InterruptedException {
        pgroll(
            directory,
            database,
            "start",
            file.toString(),
            "--complete",
            "--backfill-batch-size",
            String.valueOf(batch));
      }

      @Override
      public void close() throws IOException {
        Project.delete(directory);
      }
    };
  }

  private void pgroll(Path directory, Database database, String... arguments)
      throws IOException, InterruptedException {
    var command = new String[arguments.length + 3];
    command[0] = program.toString();
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    command[arguments.length + 1] = "--postgres-url";
    command[arguments.length + 2] = database.url();
    Programs.run(directory, Map.of(), command);
  }
}
