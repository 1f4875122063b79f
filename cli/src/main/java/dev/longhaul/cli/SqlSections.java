package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.cli.InvalidMigrationFiles.Problem;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An `.sql` migration file: options, then `-- migrate:up`, then `-- migrate:down`.
///
/// A line that begins with a marker is one, whatever stands around it: knowing strings and dollar
/// quotes would make what a line means depend on all lines above it. Anywhere else in a line a
/// marker is plain text. A marker that is nearly right is an error, as reading it as a comment
/// would run what undoes a migration as a part of it.
final class SqlSections {
  private static final Pattern MARKER =
      Pattern.compile("--[ \\t]*migrate[ \\t]*:[ \\t]*(\\S*)[ \\t]*(.*)", Pattern.CASE_INSENSITIVE);
  private static final Pattern EXACT_MARKER = Pattern.compile("--[ \\t]*migrate:(up|down)[ \\t]*");
  private static final Pattern OPTION =
      Pattern.compile("--[ \\t]*longhaul[ \\t]*:(.*)", Pattern.CASE_INSENSITIVE);
  private static final Pattern KEY_AND_VALUE =
      Pattern.compile("[ \\t]*([^=\\s]+)[ \\t]*=[ \\t]*(.*?)[ \\t]*");

  private enum Section {
    UP("sql_forwards"),
    DOWN("sql_backwards");

    private final String field;

    Section(String field) {
      this.field = field;
    }
  }

  private final Path file;
  private final List<Problem> problems;

  private final Map<MigrationOption, Integer> optionLines = new EnumMap<>(MigrationOption.class);
  private final Map<Section, Integer> sectionLines = new EnumMap<>(Section.class);
  private final Map<Section, StringBuilder> sections = new EnumMap<>(Section.class);
  private final Map<String, JsonNode> options = new HashMap<>();
  private final StringBuilder beforeSections = new StringBuilder();
  private @Nullable Section current;

  SqlSections(Path file, List<Problem> problems) {
    this.file = file;
    this.problems = problems;
  }

  ObjectNode read(String migrationName, String text) {
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      line(i + 1, lines[i]);
    }
    return payload(migrationName);
  }

  /// Where the fields of the payload stand; call it after [#read].
  Map<String, Integer> fieldLines() {
    Map<String, Integer> lines = new HashMap<>();
    optionLines.forEach((option, line) -> lines.put(option.key(), line));
    sectionLines.forEach((section, line) -> lines.put(section.field, line));
    return lines;
  }

  private void line(int number, String line) {
    Matcher marker = MARKER.matcher(line);
    Matcher option = OPTION.matcher(line);
    if (marker.matches()) {
      marker(number, line, marker);
    } else if (option.matches()) {
      option(number, option.group(1));
    } else if (current != null) {
      sections.computeIfAbsent(current, section -> new StringBuilder()).append(line).append('\n');
    } else {
      beforeSections.append(line).append('\n');
    }
  }

  private void marker(int number, String line, Matcher marker) {
    if (!EXACT_MARKER.matcher(line).matches()) {
      problem(
          number,
          marker.group(2).isEmpty()
              ? "a section begins with the line '-- migrate:up' or '-- migrate:down', not '%s'"
                  .formatted(line.strip())
              : "nothing may follow the marker in its line; options are lines"
                  + " '-- longhaul: key=value' above '-- migrate:up'");
      return;
    }
    Section section = marker.group(1).equals("up") ? Section.UP : Section.DOWN;
    Integer first = sectionLines.putIfAbsent(section, number);
    if (first != null) {
      problem(number, "a second '%s'; the first stands in line %d".formatted(line.strip(), first));
    } else if (section == Section.DOWN && current == null) {
      problem(number, "'-- migrate:down' comes after '-- migrate:up'");
    } else if (current == null && !SqlText.isBlank(beforeSections)) {
      problem(number, "SQL above '-- migrate:up' belongs to no section; move it below");
    }
    current = section;
  }

  private void option(int number, String text) {
    if (current != null) {
      problem(number, "options stand above '-- migrate:up'");
      return;
    }
    Matcher matcher = KEY_AND_VALUE.matcher(text);
    if (!matcher.matches()) {
      problem(number, "an option is written '-- longhaul: key=value'");
      return;
    }
    String key = matcher.group(1);
    MigrationOption option = MigrationOption.of(key).orElse(null);
    if (option == null) {
      problem(number, "there is no option '%s'; %s".formatted(key, unknownOptionHint(key)));
      return;
    }
    Integer first = optionLines.putIfAbsent(option, number);
    if (first != null) {
      problem(number, "a second '%s'; the first stands in line %d".formatted(key, first));
      return;
    }
    String value = matcher.group(2);
    if (value.isEmpty()) {
      problem(number, "the option '%s' has no value".formatted(key));
      return;
    }
    try {
      options.put(key, option.read(value));
    } catch (IllegalArgumentException e) {
      problem(number, "%s %s, not '%s'".formatted(key, e.getMessage(), value));
    }
  }

  private static String unknownOptionHint(String key) {
    return key.equals("migration_name")
        ? "the file's name is the migration's"
        : "there are " + MigrationOption.keys();
  }

  private ObjectNode payload(String migrationName) {
    ObjectNode payload = JsonNodeFactory.instance.objectNode();
    payload.put("migration_name", migrationName);
    for (MigrationOption option : optionLines.keySet()) {
      JsonNode value = options.get(option.key());
      if (value != null) {
        payload.set(option.key(), value);
      }
    }
    payload.put(Section.UP.field, sql(Section.UP));
    payload.put(Section.DOWN.field, sql(Section.DOWN));
    Integer up = sectionLines.get(Section.UP);
    if (up == null) {
      problem(
          0,
          "there is no section '-- migrate:up'; put that line above the SQL, and"
              + " '-- migrate:down' above what undoes it");
    } else if (payload.path(Section.UP.field).asText().isEmpty()) {
      problem(up, "the section '-- migrate:up' holds no SQL");
    }
    if (up != null && !sectionLines.containsKey(Section.DOWN)) {
      problem(
          0,
          "there is no section '-- migrate:down'; put that line at the end, above what undoes the"
              + " migration; an empty section says that it cannot be undone");
    }
    return payload;
  }

  /// A section of nothing but comments is an empty one: they say why there is nothing to undo.
  private String sql(Section section) {
    StringBuilder sql = sections.getOrDefault(section, new StringBuilder());
    return SqlText.isBlank(sql) ? "" : sql.toString().strip();
  }

  private void problem(int line, String message) {
    problems.add(new Problem(file, line, message));
  }
}
