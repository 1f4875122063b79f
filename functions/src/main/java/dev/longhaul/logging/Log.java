package dev.longhaul.logging;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.Map;

/// Structured logs: one JSON object a line on standard output, where Lambda picks them up. Never
/// SQL, never a secret.
public final class Log {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Log() {}

  public static void info(String message, Map<String, ?> fields) {
    write("INFO", message, fields);
  }

  public static void warn(String message, Map<String, ?> fields) {
    write("WARN", message, fields);
  }

  /// A bug or broken infrastructure, with its stack trace.
  public static void error(String message, Throwable cause, Map<String, ?> fields) {
    StringWriter trace = new StringWriter();
    cause.printStackTrace(new PrintWriter(trace));
    ObjectNode line = line("ERROR", message, fields);
    System.out.println(line.put("exception", trace.toString()));
  }

  private static void write(String level, String message, Map<String, ?> fields) {
    System.out.println(line(level, message, fields));
  }

  private static ObjectNode line(String level, String message, Map<String, ?> fields) {
    ObjectNode line =
        JSON.createObjectNode()
            .put("timestamp", Instant.now().toString())
            .put("level", level)
            .put("message", message);
    fields.forEach((key, value) -> line.set(key, JSON.valueToTree(value)));
    return line;
  }
}
