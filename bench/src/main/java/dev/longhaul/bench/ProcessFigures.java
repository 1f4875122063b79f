package dev.longhaul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the operating system tells of a process.
final class ProcessFigures {
  private ProcessFigures() {}

  /// Milliseconds of all cores together so far; unlike the time on the clock, what else the machine
  /// does changes little of it.
  static double processorTime(ProcessHandle process) {
    return process.info().totalCpuDuration().orElseThrow().toMillis();
  }

  /// The most memory that the process has had in RAM, in MB of 2^20; from Linux's
  /// `/proc/PID/status`.
  static double peakMemory(ProcessHandle process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }
}
