package dev.longhaul.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// Migration files that are not sent, with everything that has to be mended in them.
public final class InvalidMigrationFiles extends Failure {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  InvalidMigrationFiles(List<Problem> problems) {
    super(FAILED, problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }

  /// One thing to mend.
  ///
  /// @param line from 1; 0 where the file as a whole is meant
  public record Problem(Path file, int line, String message) {
    /// Spelled as compilers do, so that editors and terminals make it a link.
    @Override
    public String toString() {
      return file + (line == 0 ? "" : ":" + line) + ": " + message;
    }
  }
}
