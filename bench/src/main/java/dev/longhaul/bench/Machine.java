package dev.longhaul.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// The facts about a machine without which its figures say nothing.
///
/// @param load the load average of the last minute, before the benchmark began
public record Machine(int cores, String processor, long memoryGigabytes, double load) {
  public static Machine look() {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        readProcessor(),
        Math.round(system.getTotalMemorySize() / (double) (1L << 30)),
        system.getSystemLoadAverage());
  }

  /// Linux says it in a file; elsewhere the architecture has to do.
  private static String readProcessor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElseGet(() -> System.getProperty("os.arch"));
    } catch (IOException _) {
      return System.getProperty("os.arch");
    }
  }

  public String describe(String postgresVersion) {
    return String.format(
        Locale.ROOT,
        "Machine: %d cores (%s), %d GB, %s; load average %.1f before the run."
            + " JDK %s, PostgreSQL %s.",
        cores,
        processor,
        memoryGigabytes,
        System.getProperty("os.name"),
        load,
        System.getProperty("java.version"),
        postgresVersion);
  }
}
