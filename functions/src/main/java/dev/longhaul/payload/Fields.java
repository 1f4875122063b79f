package dev.longhaul.payload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads the fields of one JSON object and collects what is wrong with them, so that a caller
/// learns of everything at once. A JSON null counts as absent.
public final class Fields {
  private static final int LONGEST_PERSON = 255;

  private final ObjectNode object;
  private final String path;
  private final List<String> problems;
  private final Set<String> known = new LinkedHashSet<>();

  public Fields(ObjectNode object) {
    this(object, "", new ArrayList<>());
  }

  /// @param path what stands before a field's name in a problem: `migrations[3].`
  /// @param problems where they are collected
  public Fields(ObjectNode object, String path, List<String> problems) {
    this.object = object;
    this.path = path;
    this.problems = problems;
  }

  /// The fields of an object in a field.
  public Fields inside(String field, ObjectNode value) {
    return new Fields(value, path + field + ".", problems);
  }

  public void problem(String field, String problem) {
    problems.add(path + field + ": " + problem);
  }

  /// How many problems with the field or its elements have been found so far.
  public long problemsOf(String field) {
    return problems.stream()
        .filter(
            problem ->
                problem.startsWith(path + field + ":") || problem.startsWith(path + field + "["))
        .count();
  }

  /// Who asks, for the history.
  public @Nullable String requestedBy() {
    return string("requested_by")
        .filter(
            text -> {
              boolean fits =
                  text.codePointCount(0, text.length()) <= LONGEST_PERSON
                      && text.codePoints().noneMatch(Character::isISOControl);
              if (!fits) {
                problem(
                    "requested_by",
                    "must be at most %d characters without control characters"
                        .formatted(LONGEST_PERSON));
              }
              return fits;
            })
        .orElse(null);
  }

  /// Whether the field is there; from then on it is known.
  public boolean has(String field) {
    return !value(field).isNull();
  }

  /// The field's value, or a JSON null.
  public JsonNode value(String field) {
    known.add(field);
    return object.path(field).isMissingNode() ? object.nullNode() : object.path(field);
  }

  public Optional<String> string(String field) {
    JsonNode value = value(field);
    if (value.isTextual() && !value.textValue().isBlank()) {
      return Optional.of(value.textValue()).filter(text -> isClean(field, text));
    }
    if (!value.isNull()) {
      problem(field, "must be a string that is not empty, not " + describe(value));
    }
    return Optional.empty();
  }

  public boolean bool(String field, boolean otherwise) {
    JsonNode value = value(field);
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (!value.isNull()) {
      problem(field, "must be true or false, not " + describe(value));
    }
    return otherwise;
  }

  public int integer(String field, int otherwise, int least, int most) {
    JsonNode value = value(field);
    if (value.isNull()) {
      return otherwise;
    }
    if (value.isIntegralNumber() && value.canConvertToInt()) {
      int number = value.intValue();
      if (least <= number && number <= most) {
        return number;
      }
    }
    problem(
        field,
        "must be a whole number from %d to %d, not %s".formatted(least, most, describe(value)));
    return otherwise;
  }

  /// A list of strings that are not empty.
  public List<String> strings(String field) {
    JsonNode value = value(field);
    List<String> strings = new ArrayList<>();
    if (value.isNull()) {
      return strings;
    }
    if (!value.isArray()) {
      problem(field, "must be a list of strings, not " + describe(value));
      return strings;
    }
    for (int i = 0; i < value.size(); i++) {
      JsonNode element = value.get(i);
      String place = field + "[" + i + "]";
      if (!element.isTextual() || element.textValue().isBlank()) {
        problem(place, "must be a string that is not empty, not " + describe(element));
      } else if (isClean(place, element.textValue())) {
        strings.add(element.textValue());
      }
    }
    return strings;
  }

  /// Whether PostgreSQL can store the text, and so whether anything can be found by it: no NUL, no
  /// half of a surrogate pair.
  public static boolean isStorable(String text) {
    return text.indexOf('\0') < 0 && !holdsHalfAPair(text);
  }

  private static boolean holdsHalfAPair(String text) {
    return text.codePoints()
        .anyMatch(c -> Character.MIN_SURROGATE <= c && c <= Character.MAX_SURROGATE);
  }

  /// Whether the text [#isStorable]; it is a problem if not.
  public boolean isClean(String field, String text) {
    if (text.indexOf('\0') >= 0) {
      problem(field, "holds a NUL character, which PostgreSQL cannot store; take it out");
      return false;
    }
    if (holdsHalfAPair(text)) {
      problem(field, "holds half of a surrogate pair, which is no Unicode text; take it out");
      return false;
    }
    return true;
  }

  /// Call it after the last field has been read.
  public void refuseUnknown() {
    Set<String> unknown = new TreeSet<>();
    object.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(known);
    for (String field : unknown) {
      problem(field, "is no field that is known here; known are " + String.join(", ", known));
    }
  }

  /// @throws Refusal that names every problem
  public void refuseProblems() {
    refuse(problems);
  }

  public static void refuse(List<String> problems) {
    if (problems.size() == 1) {
      throw Refusal.invalid(problems.getFirst());
    }
    if (!problems.isEmpty()) {
      throw Refusal.invalid(problems.size() + " things are wrong: " + String.join("; ", problems));
    }
  }

  public static String describe(JsonNode value) {
    return switch (value.getNodeType()) {
      case NULL, MISSING -> "null";
      case STRING -> value.textValue().isBlank() ? "an empty string" : "a string";
      case ARRAY -> value.isEmpty() ? "an empty list" : "a list";
      case OBJECT, POJO -> "an object";
      case NUMBER -> "the number " + shortened(value.asText());
      case BOOLEAN -> value.asText();
      case BINARY -> "bytes";
    };
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
