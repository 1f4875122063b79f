package dev.longhaul.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// `-Dsimulation.seconds=600` runs longer, `-Dsimulation.seed=17` runs one seed and prints what is
/// done in it, `-Dsimulation.replay=FILE` does again what was done when a seed failed.
@Tag("fault")
class SimulationTest {
  private static final int SECONDS = Integer.getInteger("simulation.seconds", 9);
  private static final int MOST_RECORDINGS = 5;
  private static final Long SEED = Long.getLong("simulation.seed");
  private static final String REPLAY = System.getProperty("simulation.replay");

  @Test
  void whateverHappensBetweenTwoStepsNothingIsDoneTwiceAndNothingIsLost()
      throws IOException, InterruptedException {
    try (Simulation simulation = new Simulation(Database.create())) {
      if (REPLAY != null) {
        Recording recording = Recording.read(Path.of(REPLAY));
        Simulation.Replay replay = simulation.replay(recording);
        simulation.log().forEach(System.out::println);
        require(replay.violations(), recording.seed(), simulation);
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

  /// Not every one to its end: what the server does in which millisecond is not written down.
  @Test
  void whatWasRecordedIsDoneAgain() throws IOException, InterruptedException {
    Recording recording;
    Simulation.Replay replay;
    long seed = 0;
    do {
      Path file;
      try (Simulation simulation = new Simulation(Database.create())) {
        require(simulation.run(++seed), seed, simulation);
        file = simulation.writeRecording();
      }
      recording = Recording.read(file);
      Files.delete(file);
      try (Simulation simulation = new Simulation(Database.create())) {
        replay = simulation.replay(recording);
        require(replay.violations(), seed, simulation);
      }
    } while (replay.acts() < recording.acts().size() && seed < MOST_RECORDINGS);
    assertThat(replay.acts()).isEqualTo(recording.acts().size()).isGreaterThan(50);
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
