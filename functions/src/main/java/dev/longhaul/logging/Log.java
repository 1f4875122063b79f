package dev.longhaul.logging;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Structured logs: one JSON object a line on standard output, where Lambda picks them up. Never
/// SQL, never a secret.
///
/// What identifies the work (`function`, `request_id`, `target`, `migration`, `attempt`) is said
/// once, where it gets known, and stands on every line of the thread and of those that it starts
/// until the scope ends.
public final class Log {
  /// A name may have 255 characters, and a call may be about thousands.
  private static final int MOST_NAMED = 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  /// Never changed in place: a thread that was started keeps what held at its start.
  private static final InheritableThreadLocal<Map<String, Object>> CONTEXT =
      new InheritableThreadLocal<>() {
        @Override
        protected Map<String, Object> initialValue() {
          return Map.of();
        }
      };

  private Log() {}

  /// Ends with the block that it is opened in; what was added since goes with it.
  public static final class Scope implements AutoCloseable {
    private final Map<String, Object> before = CONTEXT.get();

    private Scope() {}

    @Override
    public void close() {
      CONTEXT.set(before);
    }
  }

  /// Puts `fields` on every line until the scope is closed.
  public static Scope scope(Map<String, ?> fields) {
    Scope scope = new Scope();
    add(fields);
    return scope;
  }

  /// Puts `fields` on every line until the innermost scope is closed.
  public static void add(Map<String, ?> fields) {
    Map<String, Object> context = new LinkedHashMap<>(CONTEXT.get());
    context.putAll(fields);
    CONTEXT.set(context);
  }

  /// The fields that say which migrations a line is about: all of a few, the first of many.
  public static Map<String, Object> about(List<String> migrations) {
    return migrations.size() == 1
        ? Map.of("migration", migrations.getFirst())
        : Map.of(
            "migrations", migrations.stream().limit(MOST_NAMED).toList(),
            "count", migrations.size());
  }

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

  /// A line of metrics, with what identifies the work beside them.
  public static void metrics(ObjectNode metrics) {
    ObjectNode line = metrics.deepCopy();
    CONTEXT.get().forEach((key, value) -> line.set(key, JSON.valueToTree(value)));
    System.out.println(line);
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
    CONTEXT.get().forEach((key, value) -> line.set(key, JSON.valueToTree(value)));
    fields.forEach((key, value) -> line.set(key, JSON.valueToTree(value)));
    return line;
  }
}
