package dev.longhaul.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// docs/limits.md names constants of the code and settings of the template; here they are compared.
class LimitsTest {
  private static final Path SOURCES = Template.PROJECT.resolve("functions/src/main/java");
  private static final Pattern CONSTANT = Pattern.compile("`([A-Z]\\w+)\\.([A-Z][A-Z_]+)`");

  /// What the code says, as the page writes it.
  private static final Map<String, String> WRITTEN =
      Map.of(
          "Duration.ofDays(30)", "30 days",
          "Duration.ofHours(1)", "60 min",
          "Duration.ofSeconds(1)", "1 s",
          "Duration.ofSeconds(3)", "3 s",
          "Duration.ofMinutes(5)", "5 min",
          "Duration.ofSeconds(15)", "15 s",
          "Duration.ofSeconds(20)", "20 s",
          "Duration.ofMinutes(15)", "15 min",
          "Instant.parse(\"9999-12-31T23:59:59Z\")", "9999");

  @Test
  void constantsAreWhatTheCodeSays() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    for (List<String> row : rows()) {
      Matcher names = CONSTANT.matcher(row.get(2));
      while (names.find()) {
        String value = value(names.group(1), names.group(2));
        String written = WRITTEN.getOrDefault(value, grouped(value));
        assertThat(row.get(1))
            .as(names.group())
            .containsPattern("(?<![\\d,])" + written + "(?!\\d)");
        rows.put(names.group(), written);
      }
    }

    assertThat(rows).hasSizeGreaterThan(14);
  }

  @Test
  void settingsAreWhatTheTemplateSays() throws IOException {
    Map<String, String> numbers = new TreeMap<>();
    rows().forEach(row -> numbers.put(row.get(0), row.get(1)));
    var concurrency = Template.section("Parameters").path("ExecutorConcurrency");
    var timeout = Template.section("Parameters").path("ExecutorTimeout");

    assertThat(numbers.get("migrations at the same time"))
        .isEqualTo(
            "%s, can be set from %s to %s"
                .formatted(
                    concurrency.path("Default").asText(),
                    concurrency.path("MinValue").asText(),
                    grouped(concurrency.path("MaxValue").asText())));
    assertThat(numbers.get("time of one attempt"))
        .isEqualTo(
            "%s s, can be set from %s"
                .formatted(timeout.path("Default").asText(), timeout.path("MinValue").asText()));
    assertThat(numbers.get("time that an attempt stays with a statement"))
        .startsWith(
            "%s s, can be set from %s;"
                .formatted(
                    Template.section("Parameters").at("/DetachAfter/Default").asText(),
                    Template.section("Parameters").at("/DetachAfter/MinValue").asText()));
    for (String function : List.of("RegistrationFunction", "TriggerFunction")) {
      assertThat(numbers.get("time of a registration, a trigger"))
          .isEqualTo(Template.functionProperty(function, "Timeout").asText() + " s");
    }
    for (String function : List.of("ControlFunction", "DashboardFunction")) {
      assertThat(numbers.get("time of a look or a control action"))
          .isEqualTo(Template.functionProperty(function, "Timeout").asText() + " s");
    }
    assertThat(numbers.get("age of CloudFormation's call that is still tried"))
        .isEqualTo(
            Template.properties("RegistrationFunctionForStacks")
                    .path("MaximumEventAgeInSeconds")
                    .asText()
                + " s");
    assertThat(numbers.get("tries at a message"))
        .startsWith(
            Template.properties("Queue").at("/RedrivePolicy/maxReceiveCount").asText() + ",");
    assertThat(numbers.get("what is undelivered is kept"))
        .isEqualTo(
            Template.properties("UndeliveredEvents").path("MessageRetentionPeriod").asInt() / 86_400
                + " days");
    assertThat(numbers.get("name of a stack"))
        .isEqualTo(64 - "-RegistrationFunction".length() + " characters");
  }

  /// `1_000` and `1000` as `1,000`.
  private static String grouped(String number) {
    return number.matches("[0-9_]+")
        ? "%,d".formatted(Long.parseLong(number.replace("_", "")))
        : number;
  }

  private static String value(String type, String constant) throws IOException {
    Path file;
    try (Stream<Path> files = Files.walk(SOURCES)) {
      file = files.filter(path -> path.endsWith(type + ".java")).findFirst().orElseThrow();
    }
    Matcher matcher =
        Pattern.compile(" static final \\w+ " + constant + " =\\s+([^;]+);")
            .matcher(Files.readString(file));
    assertThat(matcher.find()).as(type + "." + constant).isTrue();
    return matcher.group(1);
  }

  private static List<List<String>> rows() throws IOException {
    return Files.readAllLines(Template.PROJECT.resolve("docs/limits.md")).stream()
        .filter(line -> line.startsWith("| "))
        .map(line -> List.of(line.substring(2).split(" \\| | \\|$", -1)))
        .toList();
  }
}
