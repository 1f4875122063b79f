package dev.longhaul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// How many classes of which origin a JVM has loaded, by its own log (`-Xlog:class+load`).
final class LoadedClasses {
  /// As in `[0.123s][info][class,load] java.lang.Object source: shared objects file`.
  private static final Pattern LINE = Pattern.compile(".* (\\S+) source: (.+)");

  private LoadedClasses() {}

  static List<String> options(Path log) {
    return List.of("-Xlog:class+load=info:file=" + log + ":uptime");
  }

  /// Counts, the greatest first.
  static Map<String, Integer> count(Path log) throws IOException {
    var counts = new LinkedHashMap<String, Integer>();
    for (var line : Files.readAllLines(log)) {
      var matcher = LINE.matcher(line);
      if (matcher.matches()) {
        counts.merge(origin(matcher.group(1), matcher.group(2)), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, (one, _) -> one, LinkedHashMap::new));
  }

  private static String origin(String name, String source) {
    if (source.startsWith("shared objects file")) {
      return "JDK, from its own archive";
    }
    if (name.startsWith("software.amazon.")) {
      return "AWS SDK";
    }
    if (name.startsWith("com.fasterxml.")) {
      return "Jackson";
    }
    if (name.startsWith("org.postgresql.")) {
      return "PostgreSQL driver";
    }
    if (name.startsWith("com.amazonaws.")) {
      return "runtime client";
    }
    if (name.startsWith("dev.longhaul.")) {
      return "Longhaul";
    }
    return name.contains("$$Lambda") || name.contains("LambdaForm") || source.startsWith("jrt:")
        ? "JDK, loaded or generated"
        : "other";
  }
}
