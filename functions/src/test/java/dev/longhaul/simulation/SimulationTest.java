package dev.longhaul.simulation;

import dev.longhaul.testing.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `-Dsimulation.seconds=600` runs longer, `-Dsimulation.seed=17` runs one seed and prints what is
/// done in it, `-Dsimulation.replay=FILE` does again what was done when a seed failed.
@Tag("fault")
class SimulationTest {
  private static final int SECONDS = Integer.getInteger("simulation.seconds", 12);
  private static final Long SEED = Long.getLong("simulation.seed");
  private static final String REPLAY = System.getProperty("simulation.replay");

  @Test
  void whateverHappensBetweenTwoStepsNothingIsDoneTwiceAndNothingIsLost()
      throws IOException, InterruptedException {
    try (Simulation simulation = new Simulation(Database.create())) {
      if (REPLAY != null) {
        Recording recording = Recording.read(Path.of(REPLAY));
        List<String> violations = simulation.replay(recording);
        simulation.log().forEach(System.out::println);
        require(violations, recording.seed(), simulation);
        return;
      }
      if (SEED != null) {
        List<String> violations = simulation.run(SEED);
        simulation.log().forEach(System.out::println);
        require(violations, SEED, simulation);
        return;
      }
      long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
      for (long seed = 1; System.nanoTime() < end; seed++) {
        require(simulation.run(seed), seed, simulation);
      }
      System.out.println("simulation: " + simulation.sum());
    }
  }

  private static void require(List<String> violations, long seed, Simulation simulation)
      throws IOException {
    if (!violations.isEmpty()) {
      throw new AssertionError(
          "seed %d (again with -Dsimulation.replay=%s): %s%n%s"
              .formatted(
                  seed,
                  simulation.writeRecording(),
                  violations,
                  String.join("\n", simulation.log())));
    }
  }
}
