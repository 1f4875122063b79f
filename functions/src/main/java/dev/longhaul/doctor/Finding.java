package dev.longhaul.doctor;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What one check has found.
///
/// @param target null where no database is meant
/// @param mend what to do about it, in one sentence; null if all is well
public record Finding(
    String check, @Nullable String target, Level level, String text, @Nullable String mend) {
  /// How much of a problem it is.
  public enum Level {
    OK,

    /// It works, but not all of it, or not for long.
    WARN,

    /// Something that somebody needs does not work.
    FAIL
  }

  static Finding ok(String check, @Nullable String target, String text) {
    return new Finding(check, target, Level.OK, text, null);
  }

  static Finding warn(String check, @Nullable String target, String text, String mend) {
    return new Finding(check, target, Level.WARN, text, mend);
  }

  static Finding fail(String check, @Nullable String target, String text, String mend) {
    return new Finding(check, target, Level.FAIL, text, mend);
  }

  ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("check", check)
        .put("target", target)
        .put("level", level.name().toLowerCase(Locale.ROOT))
        .put("finding", text)
        .put("mend", mend);
  }
}
