package dev.longhaul.logging;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Map;

/// Structured logs: one JSON object a line on standard output, where Lambda picks them up. Never
/// SQL, never a secret.
public final class Log {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static volatile PrintStream out = System.out;

  private Log() {}

  /// For a process that hosts the functions and needs standard output for itself.
  public static void to(PrintStream stream) {
    out = stream;
  }

  public static void info(String message, Map<String, ?> fields) {
    write("INFO", message, fields);
  }

  public static void warn(String message, Map<String, ?> fields) {
    write("WARN", message, fields);
  }

  /// A bug or broken infrastructure, with its stack trace.
  public static void error(String message, Throwable cause, Map<String, ?> fields) {
    java.io.StringWriter trace = new java.io.StringWriter();
    cause.printStackTrace(new java.io.PrintWriter(trace));
    ObjectNode line = line("ERROR", message, fields);
    out.println(line.put("exception", trace.toString()));
  }

  private static void write(String level, String message, Map<String, ?> fields) {
    out.println(line(level, message, fields));
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
