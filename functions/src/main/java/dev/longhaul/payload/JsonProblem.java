package dev.longhaul.payload;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a text stops being JSON, and why: in the words of people who write JSON. The parser's own
/// messages name its classes and settings.
///
/// @param line from 1; 0 where only the text as a whole can be blamed
/// @param column from 1; 0 without a line
public record JsonProblem(int line, int column, String reason) {
  private static final String CHARACTER = "Unexpected character \\('(.)' .*";
  private static final Map<Pattern, String> REASONS = new LinkedHashMap<>();

  static {
    reason(
        "Unexpected end-of-input.*line: (\\d+), column: (\\d+).*",
        "it ends, and what opens in line $1, column $2 is not closed");
    reason("Unexpected end-of-input.*", "it ends too early");
    reason("Duplicate field '(.*?)'.*", "the field '$1' stands twice");
    reason("Trailing token.*", "something follows what should be the end");
    reason(
        "(?:Unrecognized|Non-standard) token '(.*?)'.*",
        "'$1' is no value of JSON; a text stands in double quotes");
    reason(CHARACTER + "comment.*", "a comment, which JSON does not know");
    reason(CHARACTER + "field name and value.*", "'$1' stands where a colon is expected");
    reason(
        CHARACTER + "double-quote.*",
        "'$1' stands where a field's name in double quotes is expected");
    reason(CHARACTER + "comma.*", "'$1' stands where a comma is expected");
    reason(CHARACTER + "digit.*", "'$1' stands where a digit is expected");
    reason(CHARACTER + "value.*", "'$1' stands where a value is expected");
    reason(
        "Illegal unquoted character.*",
        "a line break, or another control character, in a string; write it as \\\\n");
    reason(
        "Unrecognized character escape '(.)'.*",
        "\\\\$1 is no escape of JSON; a backslash is written as \\\\\\\\");
    reason(".*Leading zeroes.*", "a number begins with 0");
    reason(".*nesting depth.*", "the nesting is too deep");
    reason("Number value length.*", "a number has too many digits");
    reason("Invalid UTF-8.*", "it is not UTF-8");
    reason(".*", "it breaks the rules of JSON");
  }

  private static void reason(String message, String reason) {
    REASONS.put(Pattern.compile(message, Pattern.DOTALL), reason);
  }

  public static JsonProblem of(JacksonException e) {
    @Nullable JsonLocation place = e.getLocation();
    return new JsonProblem(
        place == null ? 0 : place.getLineNr(),
        place == null ? 0 : place.getColumnNr(),
        reason(String.valueOf(e.getOriginalMessage())));
  }

  private static String reason(String message) {
    for (Map.Entry<Pattern, String> entry : REASONS.entrySet()) {
      Matcher matcher = entry.getKey().matcher(message);
      if (matcher.matches()) {
        return matcher.replaceFirst(entry.getValue());
      }
    }
    throw new IllegalStateException("the last pattern matches everything");
  }

  @Override
  public String toString() {
    return line == 0 ? reason : "line %d, column %d: %s".formatted(line, column, reason);
  }
}
