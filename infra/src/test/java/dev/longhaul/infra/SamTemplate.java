package dev.longhaul.infra;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/// template.yaml as CloudFormation sees it: what the SAM transform makes of `Globals` and of
/// `AWS::Serverless::Function`. Only of what the template uses: anything else is an error here, so
/// that nothing of it is lost in silence. `.ci/run` holds the result to that of AWS's own
/// translator. One thing is left out: a version's logical id ends with a hash of the function.
final class SamTemplate {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final String FUNCTION = "AWS::Serverless::Function";

  /// What is a property of `AWS::Lambda::Function` in the same words.
  private static final Set<String> SAME =
      Set.of(
          "Architectures",
          "CodeSigningConfigArn",
          "Description",
          "Environment",
          "FunctionName",
          "Handler",
          "KmsKeyArn",
          "LoggingConfig",
          "MemorySize",
          "RecursiveLoop",
          "ReservedConcurrentExecutions",
          "Role",
          "Runtime",
          "SnapStart",
          "Timeout",
          "VpcConfig");

  /// What is made into something else below.
  private static final Set<String> OTHER =
      Set.of(
          "AutoPublishAlias",
          "AutoPublishAliasAllProperties",
          "CodeUri",
          "EventInvokeConfig",
          "Events",
          "VersionDescription");

  private final ObjectNode source;
  private final ObjectNode resources = JSON.createObjectNode();

  private SamTemplate(ObjectNode source) {
    this.source = source;
  }

  static ObjectNode read(Path file) {
    try (var text = Files.newBufferedReader(file)) {
      return JSON.valueToTree(new Yaml(new ShortTags()).load(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ObjectNode transform(ObjectNode source) {
    require(
        source.path("Globals").properties().stream().map(Map.Entry::getKey), Set.of("Function"));
    SamTemplate sam = new SamTemplate(source);
    source.path("Resources").properties().forEach(r -> sam.add(r.getKey(), r.getValue()));
    ObjectNode transformed = source.deepCopy();
    transformed.remove("Globals");
    transformed.remove("Transform");
    transformed.set("Resources", sam.resources);
    return (ObjectNode) withPlainReferences(transformed);
  }

  private void add(String id, JsonNode resource) {
    String type = resource.path("Type").asText();
    if (!type.startsWith("AWS::Serverless::")) {
      resources.set(id, resource);
      return;
    }
    require(java.util.stream.Stream.of(type), Set.of(FUNCTION));
    require(resource.properties().stream().map(Map.Entry::getKey), Set.of("Type", "Properties"));
    addFunction(id, merged(source.at("/Globals/Function"), resource.path("Properties")));
  }

  private void addFunction(String id, ObjectNode properties) {
    ObjectNode function = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> property : properties.properties()) {
      if (SAME.contains(property.getKey())) {
        function.set(property.getKey(), property.getValue());
      } else {
        require(java.util.stream.Stream.of(property.getKey()), OTHER);
      }
    }
    function.set("Code", properties.path("CodeUri"));
    function.putArray("Tags").addObject().put("Key", "lambda:createdBy").put("Value", "SAM");
    put(id, "AWS::Lambda::Function", function);

    String alias = properties.path("AutoPublishAlias").asText();
    ObjectNode version = properties();
    version.set("Description", properties.path("VersionDescription"));
    version.set("FunctionName", ref(id));
    put(id + "Version", "AWS::Lambda::Version", version).put("DeletionPolicy", "Retain");
    ObjectNode live = properties().put("Name", alias);
    live.set("FunctionName", ref(id));
    live.putObject("FunctionVersion").putArray("Fn::GetAtt").add(id + "Version").add("Version");
    put(id + "Alias" + alias, "AWS::Lambda::Alias", live);

    for (Map.Entry<String, JsonNode> event : properties.path("Events").properties()) {
      require(java.util.stream.Stream.of(event.getValue().path("Type").asText()), Set.of("SQS"));
      ObjectNode mapping = ((ObjectNode) event.getValue().path("Properties")).deepCopy();
      mapping.set("EventSourceArn", mapping.remove("Queue"));
      mapping.set("FunctionName", ref(id + "Alias" + alias));
      put(id + event.getKey(), "AWS::Lambda::EventSourceMapping", mapping);
    }
    if (properties.has("EventInvokeConfig")) {
      ObjectNode invoke = ((ObjectNode) properties.path("EventInvokeConfig")).deepCopy();
      ObjectNode failed = (ObjectNode) invoke.at("/DestinationConfig/OnFailure");
      require(java.util.stream.Stream.of(failed.remove("Type").asText()), Set.of("SQS"));
      invoke.set("FunctionName", ref(id));
      put(
              id + "EventInvokeConfig",
              "AWS::Lambda::EventInvokeConfig",
              invoke.put("Qualifier", alias))
          .putArray("DependsOn")
          .add(id + "Alias" + alias);
    }
  }

  private ObjectNode put(String id, String type, ObjectNode properties) {
    ObjectNode resource = JSON.createObjectNode().put("Type", type);
    resource.set("Properties", properties);
    resources.set(id, resource);
    return resource;
  }

  private static ObjectNode properties() {
    return JSON.createObjectNode();
  }

  private static ObjectNode ref(String id) {
    return JSON.createObjectNode().put("Ref", id);
  }

  /// A function's own properties win; of maps, each entry.
  private static ObjectNode merged(JsonNode globals, JsonNode own) {
    ObjectNode merged = globals.deepCopy();
    own.properties()
        .forEach(
            property -> {
              JsonNode inherited = merged.path(property.getKey());
              boolean maps = inherited.isObject() && property.getValue().isObject();
              merged.set(
                  property.getKey(),
                  maps ? merged(inherited, property.getValue()) : property.getValue());
            });
    return merged;
  }

  /// `X.Alias` and `X.Version` are SAM's own.
  private static JsonNode withPlainReferences(JsonNode node) {
    if (node.isArray()) {
      ArrayNode array = JSON.createArrayNode();
      node.forEach(element -> array.add(withPlainReferences(element)));
      return array;
    }
    if (!node.isObject()) {
      return node;
    }
    ObjectNode object = JSON.createObjectNode();
    node.properties()
        .forEach(field -> object.set(field.getKey(), withPlainReferences(field.getValue())));
    if (object.path("Ref").isTextual()) {
      object.put(
          "Ref",
          object
              .path("Ref")
              .asText()
              .replace(".Alias", "Aliaslive")
              .replace(".Version", "Version"));
    }
    if (object.path("Fn::GetAtt").isTextual()) {
      object.put("Fn::GetAtt", object.path("Fn::GetAtt").asText().replace(".Version.", "Version."));
    }
    return object;
  }

  private static void require(java.util.stream.Stream<String> found, Set<String> known) {
    found.forEach(
        name -> {
          if (!known.contains(name)) {
            throw new AssertionError(
                "template.yaml uses \"%s\" of SAM, which SamTemplate does not know; teach it"
                    .formatted(name));
          }
        });
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
      if (node instanceof ScalarNode scalar) {
        return constructScalar(scalar);
      }
      return node instanceof SequenceNode sequence
          ? constructSequence(sequence)
          : constructMapping((MappingNode) node);
    }
  }
}
