package dev.longhaul.simulation;

import dev.longhaul.testing.Database;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

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

  /// What was decided in the last seed, one line a decision.
  public List<String> log() {
    return stage.notes().log();
  }

  /// What does not hold at the end of a seed; none if all is well.
  public List<String> run(long seed) throws InterruptedException {
    PrintStream out = System.out;
    // What the functions log of each fault; a seed that fails is run again to read it.
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    try {
      return simulate(seed);
    } finally {
      System.setOut(out);
    }
  }

  private List<String> simulate(long number) throws InterruptedException {
    stage.notes().beginSeed();
    Random random = new Random(number);
    Mood mood = Mood.of(number, random);
    stage.notes().decided(mood.toString());
    List<Subject> subjects = new ArrayList<>();
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      Subject subject = Subject.random("s%d_%d".formatted(seeds, i), mood, random);
      subject.prepare(stage.database());
      subjects.add(subject);
      stage.notes().decided(subject.toString());
    }
    Seed seed = new Seed(stage, subjects, mood, random);
    seed.run();
    rows += seed.rows();
    subjects.forEach(subject -> ends.merge(subject.status(stage.database()), 1, Integer::sum));
    seeds++;
    return stage.notes().violations();
  }

  @Override
  public void close() {
    stage.environments().close();
    stage.stranger().leave();
    stage.queue().close();
  }
}
