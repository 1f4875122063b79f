package dev.longhaul.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.payload.JsonFunction;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What the functions write to standard output, where Lambda takes it as their log.
public final class LogLines implements AutoCloseable {
  private final PrintStream before = System.out;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private LogLines() {
    System.setOut(new PrintStream(PlantedCanary.searching(bytes), true, StandardCharsets.UTF_8));
  }

  /// Until it is closed.
  public static LogLines capture() {
    return new LogLines();
  }

  /// So far. What is no JSON is not ours.
  public List<JsonNode> all() {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : bytes.toString(StandardCharsets.UTF_8).lines().toList()) {
      if (line.startsWith("{")) {
        try {
          lines.add(JsonFunction.JSON.readTree(line));
        } catch (JsonProcessingException e) {
          throw new AssertionError("a line of the log is no JSON: " + line, e);
        }
      }
    }
    return lines;
  }

  /// Every byte so far, whatever wrote it.
  public String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  public List<JsonNode> metrics() {
    return all().stream().filter(line -> line.has("_aws")).toList();
  }

  public void forget() {
    bytes.reset();
  }

  @Override
  public void close() {
    System.setOut(before);
  }
}
