package dev.longhaul.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What was done in a run of a seed: its number, a line each on what it is like, and a line an act.
///
/// @param seed which migrations there are, and of what shape
record Recording(long seed, List<Act> acts) {
  private static final String FIRST = "seed ";

  static String head(long seed) {
    return FIRST + seed;
  }

  /// Of [Simulation#log()], in a file.
  static Recording read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty() || !lines.getFirst().startsWith(FIRST)) {
      throw new IllegalArgumentException(file + " does not begin with 'seed N'");
    }
    return new Recording(
        Long.parseLong(lines.getFirst().substring(FIRST.length())),
        lines.stream().filter(line -> line.startsWith("{")).map(Act::parse).toList());
  }
}
