package dev.longhaul.payload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.database.Targets;
import java.util.List;

/// The field `target` where it may name several: a list, or `"*"` for all that are configured.
public final class TargetField {
  private static final String FIELD = "target";
  private static final String ALL = "*";

  private TargetField() {}

  /// Whether the field has the form of several, even if it names one; then the answer is a list.
  public static boolean isSeveral(Fields fields) {
    JsonNode value = fields.value(FIELD);
    return value.isArray() || ALL.equals(value.textValue());
  }

  /// Without doubles; what is wrong is noted in `fields`. Empty where the field is not there.
  public static List<String> names(Fields fields, Targets targets) {
    if (!isSeveral(fields)) {
      return fields.string(FIELD).stream().toList();
    }
    if (!fields.value(FIELD).isArray()) {
      return List.copyOf(targets.names());
    }
    List<String> names = fields.strings(FIELD).stream().distinct().toList();
    if (fields.value(FIELD).isEmpty()) {
      fields.problem(
          FIELD, "is an empty list; name one of %s, or \"*\"".formatted(targets.names()));
    }
    names.stream()
        .filter(name -> targets.find(name).isEmpty())
        .forEach(
            name ->
                fields.problem(
                    FIELD,
                    "\"%s\" is not configured here; name one of %s, or add it to DATABASE_TARGETS"
                        .formatted(name, targets.names())));
    return names;
  }
}
