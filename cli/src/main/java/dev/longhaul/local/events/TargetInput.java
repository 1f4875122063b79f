package dev.longhaul.local.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.longhaul.local.template.LocalNames;
import dev.longhaul.local.template.RuleDefinition;
import dev.longhaul.local.template.RuleTarget;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes of an event what a rule's target is to receive.
final class TargetInput {
  private static final Pattern PLACE = Pattern.compile("<([A-Za-z0-9_.-]+)>");

  private TargetInput() {}

  static byte[] of(RuleDefinition rule, RuleTarget target, JsonNode event) {
    var text =
        switch (target.input()) {
          case RuleTarget.Whole() -> event.toString();
          case RuleTarget.Constant(var json) -> json;
          case RuleTarget.Path(var path) -> orNull(at(event, path)).toString();
          case RuleTarget.Transformed transformed -> fill(rule, transformed, event);
        };
    return text.getBytes(UTF_8);
  }

  private static String fill(
      RuleDefinition rule, RuleTarget.Transformed transformed, JsonNode event) {
    var template = transformed.template();
    return PLACE
        .matcher(template)
        .replaceAll(
            place -> {
              var value = value(rule, transformed, event, place.group(1));
              return Matcher.quoteReplacement(
                  isQuoted(template, place.start()) ? inside(value) : value.toString());
            });
  }

  private static JsonNode value(
      RuleDefinition rule, RuleTarget.Transformed transformed, JsonNode event, String name) {
    var nodes = JsonNodeFactory.instance;
    return switch (name) {
      case "aws.events.rule-arn" -> nodes.textNode(LocalNames.ruleArn(rule.name()));
      case "aws.events.rule-name" -> nodes.textNode(rule.name());
      case "aws.events.event.ingestion-time" -> event.path("time");
      case "aws.events.event", "aws.events.event.json" -> event;
      default -> orNull(at(event, transformed.paths().getOrDefault(name, "$." + name)));
    };
  }

  /// Inside quotes a text stands without its own, and anything else as the text of its JSON.
  private static String inside(JsonNode value) {
    if (value.isNull()) {
      return "";
    }
    var text = value.isTextual() ? value.asText() : value.toString();
    return new String(JsonStringEncoder.getInstance().quoteAsString(text));
  }

  private static boolean isQuoted(String template, int position) {
    var quoted = false;
    for (var i = 0; i < position; i++) {
      if (template.charAt(i) == '\\') {
        i++;
      } else if (template.charAt(i) == '"') {
        quoted = !quoted;
      }
    }
    return quoted;
  }

  private static JsonNode orNull(JsonNode node) {
    return node.isMissingNode() ? NullNode.getInstance() : node;
  }

  /// The part of the event at a path of names and positions, as `$.detail.names[0]`.
  private static JsonNode at(JsonNode event, String path) {
    var node = event;
    for (var step : path.replaceFirst("^\\$\\.?", "").split("[.\\[]", -1)) {
      if (step.isEmpty()) {
        continue;
      }
      node =
          step.endsWith("]")
              ? node.path(Integer.parseInt(step.substring(0, step.length() - 1)))
              : node.path(step);
    }
    return node;
  }
}
