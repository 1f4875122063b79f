package dev.longhaul.infra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// What CloudFormation would make of a template with given parameters, in a form that does not
/// depend on how the template says it: intrinsic functions are evaluated, what only AWS knows stays
/// as `${Resource.Attribute}`, and policies are split into single permissions.
final class Deployed {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^!}][^}]*)}");

  private final JsonNode template;
  private final Map<String, String> parameters;
  private final UnaryOperator<String> names;

  /// @param parameters those that differ from their defaults, and `AWS::StackName`
  /// @param names from logical ids to what both sides call a resource
  Deployed(JsonNode template, Map<String, String> parameters, UnaryOperator<String> names) {
    this.template = template;
    this.parameters = parameters;
    this.names = names;
  }

  /// One line for each value of each resource: `Queue Properties/QueueName = longhaul-queue`.
  SortedSet<String> lines() {
    SortedSet<String> lines = new TreeSet<>();
    for (Map.Entry<String, JsonNode> entry : template.path("Resources").properties()) {
      JsonNode resource = entry.getValue();
      String name = names.apply(entry.getKey());
      if (!name.isEmpty() && (!resource.has("Condition") || holds(resource.path("Condition")))) {
        for (String part : List.of("Type", "Properties", "DeletionPolicy", "UpdateReplacePolicy")) {
          flatten(name + " " + part, evaluate(resource.path(part)), lines);
        }
      }
    }
    return lines;
  }

  private static void flatten(String path, JsonNode value, SortedSet<String> lines) {
    if (value.isObject() && value.has("Statement")) {
      permissions(value).forEach(permission -> lines.add(path + " " + permission));
    } else if (value.isObject()) {
      value
          .properties()
          .forEach(field -> flatten(path + "/" + field.getKey(), field.getValue(), lines));
    } else if (value.isArray()) {
      value.forEach(
          element -> {
            if (element.has("PolicyDocument")) {
              flatten(path + "[]", element, lines);
            } else {
              lines.add(path + "[] = " + sorted(element));
            }
          });
    } else if (path.endsWith("/DashboardBody") || path.endsWith("/Content")) {
      flattenText(path, value.asText(), lines);
    } else if (!value.isMissingNode()) {
      lines.add(path + " = " + value.asText());
    }
  }

  /// Of JSON in a text: how it is spaced and in which order its fields are says nothing, the order
  /// of its arrays does.
  private static void flattenText(String path, String text, SortedSet<String> lines) {
    JsonNode json = parsed(text);
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      String name = path + "/" + field.getKey();
      if (field.getValue().isArray()) {
        for (int i = 0; i < field.getValue().size(); i++) {
          lines.add(name + "[" + i + "] = " + ordered(field.getValue().get(i)));
        }
      } else {
        lines.add(name + " = " + ordered(field.getValue()));
      }
    }
    if (json.isMissingNode()) {
      lines.add(path + " = " + text);
    }
  }

  private static JsonNode parsed(String text) {
    if (!text.startsWith("{")) {
      return MissingNode.getInstance();
    }
    try {
      return SamTemplate.JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + text, e);
    }
  }

  private static String ordered(JsonNode value) {
    if (value.isObject()) {
      Map<String, String> fields = new TreeMap<>();
      value.properties().forEach(f -> fields.put(f.getKey(), ordered(f.getValue())));
      return fields.toString();
    }
    if (value.isArray()) {
      List<String> all = new ArrayList<>();
      value.forEach(element -> all.add(ordered(element)));
      return all.toString();
    }
    return value.toString();
  }

  // --- policies ---

  private static List<String> permissions(JsonNode document) {
    List<String> permissions = new ArrayList<>();
    permissions.add("version " + document.path("Version").asText());
    for (JsonNode statement : document.path("Statement")) {
      for (String action : elements(statement.path("Action"))) {
        for (String resource : elements(statement.path("Resource"))) {
          permissions.add(
              "%s %s on %s to %s if %s"
                  .formatted(
                      statement.path("Effect").asText(),
                      action,
                      resource,
                      principal(statement.path("Principal")),
                      sorted(statement.path("Condition"))));
        }
      }
    }
    return permissions;
  }

  private static String principal(JsonNode principal) {
    return principal.path("AWS").asText().equals("*") ? "*" : sorted(principal);
  }

  private static List<String> elements(JsonNode value) {
    List<String> elements = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(element -> elements.add(element.asText()));
    } else {
      elements.add(value.asText());
    }
    return elements;
  }

  /// The order of fields and elements says nothing; a list of one is that one.
  private static String sorted(JsonNode value) {
    if (value.isObject()) {
      Map<String, String> fields = new TreeMap<>();
      value.properties().forEach(f -> fields.put(f.getKey(), sorted(f.getValue())));
      return fields.toString();
    }
    if (value.isArray()) {
      List<String> all = new ArrayList<>();
      value.forEach(element -> all.add(sorted(element)));
      return all.size() == 1 ? all.get(0) : all.stream().sorted().toList().toString();
    }
    return value.asText();
  }

  // --- intrinsic functions ---

  private JsonNode evaluate(JsonNode node) {
    if (node.isArray()) {
      ArrayNode array = NODES.arrayNode();
      for (JsonNode element : node) {
        JsonNode value = evaluate(element);
        if (!value.isMissingNode()) {
          array.add(value);
        }
      }
      return array;
    }
    if (!node.isObject()) {
      return node;
    }
    if (node.size() == 1) {
      Map.Entry<String, JsonNode> only = node.properties().iterator().next();
      if (only.getKey().equals("Ref") || only.getKey().startsWith("Fn::")) {
        return call(only.getKey(), only.getValue());
      }
    }
    ObjectNode object = NODES.objectNode();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      JsonNode value = evaluate(field.getValue());
      if (!value.isMissingNode()) {
        object.set(field.getKey(), value);
      }
    }
    return object;
  }

  private JsonNode call(String function, JsonNode argument) {
    return switch (function) {
      case "Ref" -> reference(argument.asText());
      case "Fn::GetAtt" -> attribute(argument);
      case "Fn::If" -> evaluate(argument.get(holds(argument.get(0)) ? 1 : 2));
      case "Fn::Sub" -> substitute(argument);
      case "Fn::Join" -> join(argument.path(0).asText(), evaluate(argument.path(1)));
      case "Fn::Split" -> split(argument.path(0).asText(), evaluate(argument.path(1)).asText());
      case "Fn::Select" -> select(argument.path(0).asInt(), evaluate(argument.path(1)));
      default -> throw new AssertionError("teach Deployed " + function);
    };
  }

  private JsonNode reference(String name) {
    if (name.equals("AWS::NoValue")) {
      return MissingNode.getInstance();
    }
    JsonNode parameter = template.path("Parameters").path(name);
    if (parameter.isMissingNode()) {
      String known = parameters.get(name);
      return NODES.textNode(
          known != null ? known : "${" + (name.startsWith("AWS::") ? name : id(name)) + "}");
    }
    String value = parameters.getOrDefault(name, parameter.path("Default").asText());
    if (!parameter.path("Type").asText().equals("CommaDelimitedList")) {
      return NODES.textNode(value);
    }
    ArrayNode list = NODES.arrayNode();
    Arrays.stream(value.split(",")).forEach(list::add);
    return list;
  }

  private String id(String logicalId) {
    if (!template.path("Resources").has(logicalId)) {
      throw new AssertionError("no resource and no parameter " + logicalId);
    }
    return names.apply(logicalId);
  }

  private JsonNode attribute(JsonNode argument) {
    List<String> parts =
        argument.isArray() ? elements(argument) : List.of(argument.asText().split("\\.", 2));
    return NODES.textNode("${" + id(parts.get(0)) + "." + parts.get(1) + "}");
  }

  private JsonNode substitute(JsonNode argument) {
    String text = argument.isArray() ? argument.path(0).asText() : argument.asText();
    JsonNode own = argument.path(1);
    return NODES.textNode(
        VARIABLE
            .matcher(text)
            .replaceAll(
                (MatchResult match) -> {
                  String name = match.group(1);
                  JsonNode value =
                      own.has(name)
                          ? evaluate(own.path(name))
                          : name.contains(".") ? attribute(NODES.textNode(name)) : reference(name);
                  return java.util.regex.Matcher.quoteReplacement(value.asText());
                }));
  }

  private static JsonNode join(String separator, JsonNode list) {
    return NODES.textNode(String.join(separator, elements(list)));
  }

  /// What only AWS knows cannot be split here.
  private static JsonNode split(String separator, String text) {
    if (text.matches("\\$\\{[^{}]*}")) {
      return NODES.textNode("${split " + text.substring(2));
    }
    ArrayNode parts = NODES.arrayNode();
    Arrays.stream(text.split(Pattern.quote(separator))).forEach(parts::add);
    return parts;
  }

  private static JsonNode select(int index, JsonNode list) {
    return list.isArray()
        ? list.get(index)
        : NODES.textNode("${" + index + " of " + list.asText().substring(2));
  }

  private boolean holds(JsonNode condition) {
    if (condition.isTextual()) {
      return holds(template.path("Conditions").path(condition.asText()));
    }
    Map.Entry<String, JsonNode> only = condition.properties().iterator().next();
    JsonNode argument = only.getValue();
    return switch (only.getKey()) {
      case "Condition" -> holds(argument);
      case "Fn::Not" -> !holds(argument.get(0));
      case "Fn::And" -> all(argument).stream().allMatch(this::holds);
      case "Fn::Or" -> all(argument).stream().anyMatch(this::holds);
      case "Fn::Equals" ->
          evaluate(argument.get(0)).asText().equals(evaluate(argument.get(1)).asText());
      default -> throw new AssertionError("teach Deployed " + only.getKey());
    };
  }

  private static List<JsonNode> all(JsonNode array) {
    List<JsonNode> all = new ArrayList<>();
    array.forEach(all::add);
    return all;
  }
}
