package dev.longhaul.local.events;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;

/// Which rules were switched on or off since the template was written, in a file, so that a restart
/// finds them as they were.
final class RuleSwitches {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Map<String, Boolean> enabled;

  private RuleSwitches(Path file, Map<String, Boolean> enabled) {
    this.file = file;
    this.enabled = enabled;
  }

  static RuleSwitches in(Path file) throws IOException {
    var known =
        Files.exists(file)
            ? JSON.readValue(file.toFile(), new TypeReference<TreeMap<String, Boolean>>() {})
            : new TreeMap<String, Boolean>();
    return new RuleSwitches(file, known);
  }

  synchronized boolean isEnabled(String rule, boolean otherwise) {
    return enabled.getOrDefault(rule, otherwise);
  }

  synchronized void set(String rule, boolean value) {
    if (Boolean.valueOf(value).equals(enabled.put(rule, value))) {
      return;
    }
    try {
      var next = file.resolveSibling(file.getFileName() + ".next");
      JSON.writeValue(next.toFile(), enabled);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
