package dev.longhaul.local.template;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/// Resolves CloudFormation's intrinsic functions in one template, for the local account and region.
/// A value that is `AWS::NoValue` becomes a `MissingNode`, and is left out of what contains it.
final class Intrinsics {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(!?)([^}]*)}");
  private static final Pattern PUBLISHED = Pattern.compile("(\\w+)\\.(Alias|Version)");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ObjectNode template;
  private final Map<String, JsonNode> parameters = new HashMap<>();
  private final Map<String, Boolean> conditions = new HashMap<>();

  /// Resolves against these parameters.
  ///
  /// @param values what the caller gives for parameters; the rest take their defaults, or are empty
  Intrinsics(ObjectNode template, Map<String, String> values) {
    this.template = template;
    var declared = template.path("Parameters");
    for (var name : new TreeSet<>(values.keySet())) {
      if (!declared.has(name)) {
        var known = new ArrayList<String>();
        declared.fieldNames().forEachRemaining(known::add);
        throw new TemplateProblem(
            "the template has no parameter %s; it has %s"
                .formatted(name, known.isEmpty() ? "none" : String.join(", ", known)));
      }
    }
    declared
        .properties()
        .forEach(p -> parameters.put(p.getKey(), parameter(p.getKey(), p.getValue(), values)));
  }

  private static JsonNode parameter(String name, JsonNode declaration, Map<String, String> values) {
    var value = values.getOrDefault(name, declaration.path("Default").asText(""));
    var allowed = declaration.path("AllowedValues");
    if (!allowed.isEmpty()
        && StreamSupport.stream(allowed.spliterator(), false)
            .noneMatch(a -> a.asText().equals(value))) {
      throw new TemplateProblem(
          "parameter %s is %s: allowed are %s".formatted(name, value, allowed));
    }
    var type = declaration.path("Type").asText("String");
    if (!type.equals("CommaDelimitedList") && !type.startsWith("List<")) {
      return JSON.textNode(value);
    }
    var list = JSON.arrayNode();
    if (!value.isEmpty()) {
      List.of(value.split(",", -1)).forEach(element -> list.add(element.strip()));
    }
    return list;
  }

  /// Whether the resource's `Condition`, if it has one, holds.
  boolean holds(JsonNode resource) {
    return !resource.has("Condition") || condition(resource.path("Condition").asText());
  }

  JsonNode resolve(JsonNode node) {
    if (node instanceof ArrayNode array) {
      var resolved = JSON.arrayNode();
      array.forEach(
          element -> {
            var value = resolve(element);
            if (!value.isMissingNode()) {
              resolved.add(value);
            }
          });
      return resolved;
    }
    if (!(node instanceof ObjectNode object)) {
      return node;
    }
    if (object.size() == 1) {
      var only = object.properties().iterator().next();
      if (only.getKey().equals("Ref") || only.getKey().startsWith("Fn::")) {
        return call(only.getKey(), only.getValue());
      }
    }
    var resolved = JSON.objectNode();
    object
        .properties()
        .forEach(
            field -> {
              var value = resolve(field.getValue());
              if (!value.isMissingNode()) {
                resolved.set(field.getKey(), value);
              }
            });
    return resolved;
  }

  private JsonNode call(String function, JsonNode argument) {
    return switch (function) {
      case "Ref" -> reference(argument.asText());
      case "Fn::GetAtt" -> attribute(argument);
      case "Fn::Sub" -> JSON.textNode(substitute(argument));
      case "Fn::If" ->
          resolve(condition(argument.path(0).asText()) ? argument.path(1) : argument.path(2));
      case "Fn::Join" ->
          JSON.textNode(String.join(argument.path(0).asText(), texts(resolve(argument.path(1)))));
      case "Fn::Split" -> {
        var parts = JSON.arrayNode();
        var text = resolve(argument.path(1)).asText();
        List.of(text.split(Pattern.quote(argument.path(0).asText()), -1)).forEach(parts::add);
        yield parts;
      }
      case "Fn::Select" -> resolve(argument.path(1)).path(resolve(argument.path(0)).asInt());
      case "Fn::Base64" ->
          JSON.textNode(
              Base64.getEncoder().encodeToString(resolve(argument).asText().getBytes(UTF_8)));
      case "Fn::FindInMap" ->
          resolve(
              template
                  .path("Mappings")
                  .path(resolve(argument.path(0)).asText())
                  .path(resolve(argument.path(1)).asText())
                  .path(resolve(argument.path(2)).asText()));
      // What another stack exports is unknown here: its name stands for it.
      case "Fn::ImportValue" -> resolve(argument);
      case "Fn::GetAZs" -> JSON.arrayNode().add(LocalNames.REGION + "a");
      case "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not" ->
          JSON.booleanNode(test(JSON.objectNode().set(function, argument)));
      default -> throw new TemplateProblem("the template uses " + function + ", unknown here");
    };
  }

  private JsonNode reference(String name) {
    var parameter = parameters.get(name);
    if (parameter != null) {
      return parameter;
    }
    if (name.startsWith("AWS::")) {
      return name.equals("AWS::NoValue")
          ? MissingNode.getInstance()
          : JSON.textNode(LocalNames.pseudoParameter(name));
    }
    // SAM's own: the alias or the version that it publishes. Locally there is one version only.
    var published = PUBLISHED.matcher(name);
    if (published.matches()) {
      return attribute(JSON.textNode(published.group(1) + ".Arn"));
    }
    // On AWS a queue's Ref is its URL; the local port is not known yet, so its name stands for it.
    return JSON.textNode(nameOf(name, resource(name)));
  }

  private JsonNode attribute(JsonNode argument) {
    var path = argument.isArray() ? String.join(".", texts(resolve(argument))) : argument.asText();
    var dot = path.indexOf('.');
    if (dot < 0) {
      throw new TemplateProblem("GetAtt wants a resource and an attribute: " + path);
    }
    var resource = resource(path.substring(0, dot));
    return JSON.textNode(
        LocalNames.attribute(
            resource.path("Type").asText(),
            nameOf(path.substring(0, dot), resource),
            path.substring(dot + 1)));
  }

  private JsonNode resource(String name) {
    var resource = template.path("Resources").path(name);
    if (resource.isMissingNode()) {
      throw new TemplateProblem("the template has no resource or parameter " + name);
    }
    return resource;
  }

  /// The physical name that the local stack gives a resource.
  String nameOf(String logicalId, JsonNode resource) {
    var given =
        switch (resource.path("Type").asText()) {
          case "AWS::SQS::Queue" -> resource.path("Properties").path("QueueName");
          case "AWS::Events::Rule" -> resource.path("Properties").path("Name");
          default -> MissingNode.getInstance();
        };
    var name = resolve(given).asText("");
    return LocalNames.physicalName(resource.path("Type").asText(), logicalId, name);
  }

  private String substitute(JsonNode argument) {
    var text = argument.isArray() ? argument.path(0).asText() : argument.asText();
    var own = argument.isArray() ? argument.path(1) : MissingNode.getInstance();
    return VARIABLE
        .matcher(text)
        .replaceAll(
            match -> Matcher.quoteReplacement(variable(match.group(1), match.group(2), own)));
  }

  private String variable(String literal, String name, JsonNode own) {
    if (!literal.isEmpty()) {
      return "${" + name + "}";
    }
    if (own.has(name)) {
      return resolve(own.path(name)).asText();
    }
    var value = name.contains(".") ? attribute(JSON.textNode(name)) : reference(name.strip());
    return value.isArray() ? String.join(",", texts(value)) : value.asText();
  }

  private boolean condition(String name) {
    var known = conditions.get(name);
    if (known != null) {
      return known;
    }
    var expression = template.path("Conditions").path(name);
    if (expression.isMissingNode()) {
      throw new TemplateProblem("the template has no condition " + name);
    }
    var value = test(expression);
    conditions.put(name, value);
    return value;
  }

  private boolean test(JsonNode expression) {
    var only = expression.properties().iterator();
    if (!only.hasNext()) {
      throw new TemplateProblem("a condition is not one: " + expression);
    }
    var operation = only.next();
    var operands = operation.getValue();
    var stream = StreamSupport.stream(operands.spliterator(), false);
    return switch (operation.getKey()) {
      case "Condition" -> condition(operands.asText());
      case "Fn::Equals" ->
          resolve(operands.path(0)).asText().equals(resolve(operands.path(1)).asText());
      case "Fn::Not" -> !test(operands.path(0));
      case "Fn::And" -> stream.allMatch(this::test);
      case "Fn::Or" -> stream.anyMatch(this::test);
      default -> throw new TemplateProblem("a condition uses " + operation.getKey());
    };
  }

  private static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    array.forEach(element -> texts.add(element.asText()));
    return texts;
  }
}
