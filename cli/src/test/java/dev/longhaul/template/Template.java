package dev.longhaul.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/// template.yaml as data: `!Sub x` reads as `{"Fn::Sub": "x"}`, nothing is resolved.
final class Template {
  static final Path PROJECT = Path.of("..");
  static final List<String> FUNCTIONS =
      List.of(
          "RegistrationFunction",
          "TriggerFunction",
          "ExecutorFunction",
          "ControlFunction",
          "DashboardFunction");

  /// Those that do more than read.
  static final List<String> WRITERS =
      FUNCTIONS.stream().filter(function -> !function.equals("DashboardFunction")).toList();

  private static final JsonNode ROOT = read();

  private Template() {}

  static JsonNode section(String name) {
    return require(ROOT, name);
  }

  static JsonNode resource(String logicalId) {
    return require(section("Resources"), logicalId);
  }

  static JsonNode properties(String logicalId) {
    return require(resource(logicalId), "Properties");
  }

  /// What SAM makes of a function's property: its own, or else the one of `Globals`.
  static JsonNode functionProperty(String function, String name) {
    JsonNode own = properties(function).path(name);
    return own.isMissingNode() ? ROOT.at("/Globals/Function").path(name) : own;
  }

  /// Resources of a type by logical id.
  static Map<String, JsonNode> resources(String type) {
    Map<String, JsonNode> found = new TreeMap<>();
    for (Map.Entry<String, JsonNode> resource : section("Resources").properties()) {
      if (resource.getValue().path("Type").asText().equals(type)) {
        found.put(resource.getKey(), resource.getValue().path("Properties"));
      }
    }
    return found;
  }

  /// The one argument of `Ref`, `Fn::Sub` or `Fn::GetAtt`, which says enough in an assertion; the
  /// JSON of anything else.
  static String brief(JsonNode value) {
    for (String function : List.of("Ref", "Fn::Sub", "Fn::GetAtt")) {
      if (value.path(function).isTextual()) {
        return value.path(function).asText();
      }
    }
    return value.isTextual() ? value.asText() : value.toString();
  }

  private static JsonNode require(JsonNode parent, String name) {
    JsonNode child = parent.path(name);
    if (child.isMissingNode()) {
      throw new AssertionError("template.yaml has no " + name);
    }
    return child;
  }

  private static JsonNode read() {
    try (var source = Files.newBufferedReader(PROJECT.resolve("template.yaml"))) {
      return new ObjectMapper().valueToTree(new Yaml(new ShortTags()).load(source));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class ShortTags extends SafeConstructor {
    ShortTags() {
      super(new LoaderOptions());
      yamlMultiConstructors.put(
          "!",
          new AbstractConstruct() {
            @Override
            public Object construct(Node node) {
              String name = node.getTag().getValue().substring(1);
              boolean bare = name.equals("Ref") || name.equals("Condition");
              return Map.of(bare ? name : "Fn::" + name, argument(node));
            }
          });
    }

    private Object argument(Node node) {
      return switch (node) {
        case ScalarNode scalar -> constructScalar(scalar);
        case SequenceNode sequence -> constructSequence(sequence);
        case MappingNode mapping -> constructMapping(mapping);
        default -> throw new AssertionError(node);
      };
    }
  }
}
