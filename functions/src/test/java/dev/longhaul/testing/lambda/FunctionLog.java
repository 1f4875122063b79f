package dev.longhaul.testing.lambda;

import dev.longhaul.testing.PlantedCanary;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a function's process has written, line by line.
public final class FunctionLog {
  private final List<String> lines = new ArrayList<>();

  private FunctionLog() {}

  /// Reads as long as the process writes.
  static FunctionLog of(Process process) {
    var log = new FunctionLog();
    Thread.ofVirtual().name("function-log").start(() -> log.read(process));
    return log;
  }

  private void read(Process process) {
    try (var reader = process.inputReader()) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        add(line);
      }
    } catch (IOException e) {
      add("the log ends: " + e);
    }
  }

  private synchronized void add(String line) {
    PlantedCanary.search(line);
    lines.add(line);
    notifyAll();
  }

  public synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  public String text() {
    return String.join("\n", lines());
  }

  /// Waits until a line holds `part`.
  ///
  /// @return the first such line
  public synchronized String await(String part, Duration patience) throws InterruptedException {
    var deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      for (var line : lines) {
        if (line.contains(part)) {
          return line;
        }
      }
      var left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError("not in the log: " + part + "\n" + String.join("\n", lines));
      }
      wait(left);
    }
  }
}
