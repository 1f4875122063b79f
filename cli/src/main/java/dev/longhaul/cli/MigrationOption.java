package dev.longhaul.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.longhaul.payload.JsonProblem;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// What `-- longhaul: key=value` may say: the contract's optional fields, spelled the same.
enum MigrationOption {
  APPLY_ON_SQLITE,
  EXECUTE_IMMEDIATELY,
  TARGET,
  DEPENDS_ON,
  RUN_AT,
  WINDOW,
  BATCH,
  LOCK_TIMEOUT,
  DETACH_AFTER,
  MAX_ATTEMPTS,
  REQUESTED_BY;

  static Optional<MigrationOption> of(String key) {
    return Arrays.stream(values()).filter(option -> option.key().equals(key)).findFirst();
  }

  static String keys() {
    return Arrays.stream(values()).map(MigrationOption::key).collect(Collectors.joining(", "));
  }

  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Reads a value as the contract's field of this name has it.
  ///
  /// @throws IllegalArgumentException saying what the value must look like
  JsonNode read(String value) {
    return switch (this) {
      case APPLY_ON_SQLITE, EXECUTE_IMMEDIATELY -> bool(value);
      case TARGET -> value.contains(",") ? names(value) : TextNode.valueOf(value);
      case LOCK_TIMEOUT, DETACH_AFTER, REQUESTED_BY -> TextNode.valueOf(value);
      case DEPENDS_ON -> names(value);
      case RUN_AT -> time(value);
      case WINDOW -> object(value, "{\"days\": [\"SAT\"], \"from\": \"02:00\", \"to\": \"06:00\"}");
      case BATCH -> object(value, "{\"size\": 10000}");
      case MAX_ATTEMPTS -> count(value);
    };
  }

  private static JsonNode bool(String value) {
    return switch (value) {
      case "true" -> BooleanNode.TRUE;
      case "false" -> BooleanNode.FALSE;
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  private static JsonNode count(String value) {
    try {
      int count = Integer.parseInt(value);
      if (count > 0) {
        return IntNode.valueOf(count);
      }
    } catch (NumberFormatException notANumber) {
      // The same answer as for a number that is no count.
    }
    throw new IllegalArgumentException("must be a whole number from 1");
  }

  private static JsonNode names(String value) {
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    for (String name : value.split(",", -1)) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("must be names separated by single commas");
      }
      names.add(name.strip());
    }
    return names;
  }

  /// A time without an offset would mean one moment on a laptop and another one in Lambda.
  private static JsonNode time(String value) {
    try {
      return TextNode.valueOf(OffsetDateTime.parse(value).toInstant().toString());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "must be an ISO-8601 time with an offset, such as 2026-11-30T02:00:00Z", e);
    }
  }

  private static JsonNode object(String value, String example) {
    try {
      JsonNode object = MigrationFile.JSON.readTree(value);
      if (object.isObject()) {
        return object;
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException("must be a JSON object: " + JsonProblem.of(e).reason(), e);
    }
    throw new IllegalArgumentException("must be a JSON object, such as " + example);
  }
}
