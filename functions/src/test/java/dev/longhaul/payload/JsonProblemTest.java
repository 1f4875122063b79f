package dev.longhaul.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonProblemTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "hello           | line 1, column 1: 'hello' is no value of JSON; a text stands in double"
            + " quotes",
        "{\"a\": }       | line 1, column 7: '}' stands where a value is expected",
        "{\"a\": 1       | line 1, column 8: it ends, and what opens in line 1, column 1 is not"
            + " closed",
        "{'a': 1}        | line 1, column 2: ''' stands where a field's name in double quotes is"
            + " expected",
        "{\"a\":1,}      | line 1, column 8: '}' stands where a field's name in double quotes is"
            + " expected",
        "{\"a\":1,\"a\":2} | line 1, column 11: the field 'a' stands twice",
        "{} {}           | line 1, column 4: something follows what should be the end",
        "{\"a\" 1}       | line 1, column 6: '1' stands where a colon is expected",
        "{\"a\":1 \"b\":2} | line 1, column 8: '\"' stands where a comma is expected",
        "{\"a\":1.}      | line 1, column 7: '}' stands where a digit is expected",
        "{\"a\":01}      | line 1, column 7: a number begins with 0",
        "{\"a\":NaN}     | line 1, column 9: 'NaN' is no value of JSON; a text stands in double"
            + " quotes",
        "{\"a\":\"b      | line 1, column 8: it ends too early",
        "{\"a\":\"\\d\"} | line 1, column 8: \\d is no escape of JSON; a backslash is written as"
            + " \\\\",
        "// c            | line 1, column 1: a comment, which JSON does not know",
      })
  void saysWhatIsWrongAndWhere(String text, String expected) {
    assertThat(problem(text)).hasToString(expected);
  }

  @Test
  void namesTheLineOfALineBreakInAString() {
    assertThat(problem("{\n\"a\": \"select\n1\"}"))
        .hasToString(
            "line 2, column 13: a line break, or another control character, in a string; write it"
                + " as \\n");
  }

  @Test
  void saysWhatIsTooMuch() {
    assertThat(problem("[".repeat(2000)).reason()).isEqualTo("the nesting is too deep");
    assertThat(problem("[" + "9".repeat(5000) + "]").reason())
        .isEqualTo("a number has too many digits");
  }

  @Test
  void saysThatTheTextIsNotUtf8() {
    byte[] text = "{\"a\": \"größe und mehr\"}".getBytes(StandardCharsets.ISO_8859_1);

    JsonProcessingException e =
        catchThrowableOfType(JsonProcessingException.class, () -> JsonFunction.JSON.readTree(text));

    assertThat(JsonProblem.of(e).reason()).isEqualTo("it is not UTF-8");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "]",
        "{\"a\":[1}",
        "{\"a\":1}}",
        "{\"a\":\"\\u12x\"}",
        "\u0000",
        "{\"a\":+1}",
        "\""
      })
  void namesNoPartOfTheParser(String text) {
    assertThat(problem(text).toString())
        .doesNotContainIgnoringCase("feature", "source", "jackson", "token", "code");
  }

  private static JsonProblem problem(String text) {
    return JsonProblem.of(
        catchThrowableOfType(
            JsonProcessingException.class, () -> JsonFunction.JSON.readTree(text)));
  }
}
