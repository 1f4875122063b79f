package dev.longhaul.simulation;

import dev.longhaul.testing.Database;
import dev.longhaul.testing.PlantedCanary;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs seeds, one after the other: some migrations each, several environments, faults, and at the
/// end the question whether all has come to a good end.
public final class Simulation implements AutoCloseable {
  /// What was done in all seeds so far.
  ///
  /// @param steps round trips to the database whose moment was chosen
  /// @param rows that were counted at the ends
  public record Sum(
      int seeds, long steps, Map<String, Integer> faults, long rows, Map<String, Integer> ends) {
    public int allFaults() {
      return faults.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  /// What all seeds are played on.
  record Stage(
      Gate gate,
      Database database,
      MemoryQueue queue,
      Environments environments,
      Stranger stranger,
      Notes notes) {}

  private final Stage stage;
  private final Map<String, Integer> ends = new TreeMap<>();
  private int seeds;
  private long rows;

  public Simulation(Database database) throws IOException {
    Gate gate = new Gate();
    MemoryQueue queue = new MemoryQueue(Simulation::isAlive);
    stage =
        new Stage(
            gate,
            database,
            queue,
            new Environments(gate, database, queue),
            new Stranger(database),
            new Notes());
  }

  private static boolean isAlive(int number) {
    Environment environment = GatedSockets.ENVIRONMENTS.get(Integer.toString(number));
    return environment != null && !environment.isDead();
  }

  public Sum sum() {
    return new Sum(seeds, stage.gate().points(), stage.notes().faults(), rows, Map.copyOf(ends));
  }

  /// What was done in the last seed, a line an act.
  public List<String> log() {
    return stage.notes().log();
  }

  /// Writes it into a file that `-Dsimulation.replay` of [SimulationTest] takes.
  public Path writeRecording() throws IOException {
    Path file = Files.createTempFile("longhaul-simulation-", ".txt");
    return Files.write(file, log());
  }

  /// What does not hold at the end of a seed; none if all is well.
  public List<String> run(long seed) throws InterruptedException {
    return inSilence(seed, Seed::run);
  }

  /// What has become of doing again what was done in another run.
  ///
  /// @param acts that could be done
  record Replay(int acts, List<String> violations) {}

  Replay replay(Recording recording) throws InterruptedException {
    AtomicInteger done = new AtomicInteger();
    List<String> violations =
        inSilence(recording.seed(), seed -> done.set(seed.replay(recording.acts())));
    return new Replay(done.get(), violations);
  }

  private interface Play {
    void play(Seed seed) throws InterruptedException;
  }

  private List<String> inSilence(long seed, Play play) throws InterruptedException {
    PrintStream out = System.out;
    // What the functions log of each fault; a seed that fails is run again to read it.
    System.setOut(
        new PrintStream(
            PlantedCanary.searching(OutputStream.nullOutputStream()),
            true,
            StandardCharsets.UTF_8));
    try {
      return simulate(seed, play);
    } finally {
      System.setOut(out);
    }
  }

  private List<String> simulate(long number, Play play) throws InterruptedException {
    stage.notes().beginSeed(number);
    setUp();
    Seed seed = new Seed(number, stage);
    play.play(seed);
    rows += seed.rows();
    seed.subjects()
        .forEach(subject -> ends.merge(subject.status(stage.database()), 1, Integer::sum));
    seeds++;
    return stage.notes().violations();
  }

  /// Nothing is left of the seed before, so that a seed is the same wherever it stands.
  private void setUp() {
    stage.environments().close();
    stage.queue().clear();
    GatedSockets.NAMES.clear();
    stage
        .database()
        .execute(
            """
            select pg_terminate_backend(pid, 1000) from pg_stat_activity
              where datname = current_database() and application_name like 'longhaul%';
            drop schema if exists longhaul cascade\
            """);
  }

  @Override
  public void close() {
    stage.environments().close();
    stage.stranger().leave();
    stage.queue().close();
  }
}
