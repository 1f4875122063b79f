package dev.longhaul.bench.proof;

import dev.longhaul.bench.Database;
import dev.longhaul.bench.DatabaseServer;
import dev.longhaul.simulation.Simulation;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The functions on a real PostgreSQL, under a scheduler with seeds and faults.
final class SimulationPart implements Part {
  /// Before the seeds of `mvn verify` come others.
  private static final long FIRST_SEED = 1_000_000;

  private static final int SEEDS_A_LINE = 100;
  private static final int MOST_VIOLATIONS = 10;

  @Override
  public String name() {
    return "simulation";
  }

  @Override
  public int weight() {
    return 5;
  }

  @Override
  public Finding run(Duration time, Consumer<String> progress)
      throws IOException, SQLException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    List<String> violations = new ArrayList<>();
    try (DatabaseServer server = DatabaseServer.start();
        Simulation simulation = new Simulation(database(server.create()))) {
      for (long seed = FIRST_SEED;
          System.nanoTime() < end && violations.size() < MOST_VIOLATIONS;
          seed++) {
        List<String> found = simulation.run(seed);
        if (!found.isEmpty()) {
          violations.add(
              "seed %d, recorded in %s: %s".formatted(seed, simulation.writeRecording(), found));
        }
        if (seed % SEEDS_A_LINE == 0) {
          progress.accept("simulation: seed " + seed);
        }
      }
      return finding(simulation.sum(), violations);
    }
  }

  private static dev.longhaul.testing.Database database(Database database) {
    return new dev.longhaul.testing.Database(
        "%s&user=%s&password=%s"
            .formatted(database.jdbcUrl(), database.user(), database.password()));
  }

  private static Finding finding(Simulation.Sum sum, List<String> violations) {
    List<String> lines = new ArrayList<>();
    lines.add("| fault | times |");
    lines.add("| --- | --- |");
    new TreeMap<>(sum.faults())
        .forEach((fault, times) -> lines.add("| %s | %s |".formatted(fault, number(times))));
    lines.add("");
    lines.add("| migrations that ended | times |");
    lines.add("| --- | --- |");
    new TreeMap<>(sum.ends())
        .forEach((status, times) -> lines.add("| %s | %s |".formatted(status, number(times))));
    return new Finding(
        "The simulation",
        List.of(
            new Finding.Figure("seeds run", number(sum.seeds())),
            new Finding.Figure("round trips scheduled", number(sum.steps())),
            new Finding.Figure("faults injected", number(sum.allFaults())),
            new Finding.Figure("rows checked", number(sum.rows()))),
        """
        The real functions and a real PostgreSQL; every round trip to it, and every answer, waits until a scheduler that goes by a seed lets it through. At the end of
        each seed: no row was changed twice, FINISHED rows were changed exactly once and their index is valid, of what is ROLLED BACK nothing is left, the history is
        legal, and nothing stays STARTED or IN PROGRESS. A seed that fails is recorded, and `-Dsimulation.replay=FILE` with `SimulationTest` does the same again.

        """
            + String.join("\n", lines),
        violations);
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
