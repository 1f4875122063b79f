package dev.longhaul.template;

import static dev.longhaul.template.Template.brief;
import static dev.longhaul.template.Template.functionProperty;
import static dev.longhaul.template.Template.properties;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Versions of the functions, and the alias that moves from one to the next.
class PublishingTest {
  static final List<String> FUNCTIONS = Template.FUNCTIONS;

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]+)}");

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void everyChangeIsPublishedAsAVersion(String function) {
    assertThat(functionProperty(function, "AutoPublishAlias").asText()).isEqualTo("live");
    assertThat(functionProperty(function, "AutoPublishAliasAllProperties").asBoolean()).isTrue();
  }

  /// SAM names a version after the template's text, in which a parameter has no value. The number
  /// of the settings stands in the version, so that CloudFormation makes a new one; and in the
  /// function, since Lambda publishes none of a function that has not changed.
  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void newValueOfAParameterIsPublishedToo(String function) {
    assertThat(brief(functionProperty(function, "VersionDescription")))
        .isEqualTo("Settings ${Settings}");
    assertThat(brief(functionProperty(function, "Description")))
        .endsWith(" (settings ${Settings})");
  }

  @Test
  void settingsHoldEveryParameterThatReachesAFunction() {
    Set<String> reaching = new TreeSet<>();
    collect(Template.section("Globals"), reaching);
    for (String function : FUNCTIONS) {
      for (var property : properties(function).properties()) {
        // These two are not part of a version.
        if (!Set.of("Events", "ReservedConcurrentExecutions").contains(property.getKey())) {
          collect(property.getValue(), reaching);
        }
      }
    }
    Set<String> held = new TreeSet<>();
    collect(properties("Settings").path("Content"), held);

    assertThat(held).isEqualTo(reaching);
    assertThat(reaching).contains("DatabaseHost", "VpcId", "SqsEndpoint").hasSizeGreaterThan(15);
  }

  @Test
  void settingsAreHostedAndReplacedWithTheirContent() {
    assertThat(brief(properties("Settings").path("ConfigurationProfileId")))
        .isEqualTo("SettingsProfile");
    assertThat(brief(properties("Settings").path("ApplicationId")))
        .isEqualTo("SettingsApplication");
    assertThat(brief(properties("SettingsProfile").path("ApplicationId")))
        .isEqualTo("SettingsApplication");
    assertThat(properties("SettingsProfile").path("LocationUri").asText()).isEqualTo("hosted");
  }

  /// Names of the parameters that decide about a value: by reference, or by a condition.
  private static void collect(JsonNode value, Set<String> parameters) {
    JsonNode declared = Template.section("Parameters");
    for (String name : value.findValuesAsText("Ref")) {
      if (declared.has(name)) {
        parameters.add(name);
      }
    }
    VARIABLE
        .matcher(value.toString())
        .results()
        .map(match -> match.group(1))
        .filter(declared::has)
        .forEach(parameters::add);
    for (JsonNode choice : value.findValues("Fn::If")) {
      collect(Template.section("Conditions").path(choice.path(0).asText()), parameters);
    }
    for (String condition : value.findValuesAsText("Condition")) {
      collect(Template.section("Conditions").path(condition), parameters);
    }
  }
}
