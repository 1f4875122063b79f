package dev.longhaul.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/// What one check of `doctor` has found.
///
/// @param level ok, warn or fail
/// @param mend what to do, in one sentence; null if all is well
record Diagnosis(
    String check, @Nullable String target, String level, String finding, @Nullable String mend) {
  private static final String FAIL = "fail";

  static Diagnosis ok(String check, String finding) {
    return new Diagnosis(check, null, "ok", finding, null);
  }

  static Diagnosis warn(String check, String finding, String mend) {
    return new Diagnosis(check, null, "warn", finding, mend);
  }

  static Diagnosis fail(String check, String finding, String mend) {
    return new Diagnosis(check, null, FAIL, finding, mend);
  }

  static Diagnosis read(JsonNode check) {
    return new Diagnosis(
        check.path("check").asText(),
        check.hasNonNull("target") ? check.path("target").asText() : null,
        check.path("level").asText(),
        check.path("finding").asText(),
        check.hasNonNull("mend") ? check.path("mend").asText() : null);
  }

  boolean isFailure() {
    return level.equals(FAIL);
  }

  ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("check", check)
        .put("target", target)
        .put("level", level)
        .put("finding", finding)
        .put("mend", mend);
  }

  /// One line, whatever a server has answered.
  String line() {
    String place = target == null ? check : target + " " + check;
    String text =
        "%-4s  %s: %s%s".formatted(level, place, finding, mend == null ? "" : ". " + mend);
    return text.replaceAll("\\s*\\R\\s*", " ");
  }
}
