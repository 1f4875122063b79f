package dev.longhaul.local.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// CloudFormation's YAML as a JSON tree, with every short tag (`!Sub x`) in its long form
/// (`{"Fn::Sub": "x"}`). YAML 1.1 would make dates, octal numbers and booleans of plain words such
/// as `2012-10-17`, `0755` and `on`; CloudFormation keeps them as text, and so does this.
public final class YamlTree {
  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]*)");
  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]*)\\.[0-9]+");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private YamlTree() {}

  public static ObjectNode read(Reader source, String name) {
    try {
      var root = new Yaml(new SafeConstructor(new LoaderOptions())).compose(source);
      if (root != null && convert(root) instanceof ObjectNode template) {
        return template;
      }
    } catch (MarkedYAMLException e) {
      throw new TemplateProblem(
          name + " is not YAML: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
    }
    throw new TemplateProblem(name + " is not a CloudFormation template");
  }

  private static JsonNode convert(Node node) {
    var tag = node.getTag().getValue();
    if (!tag.startsWith("!") || tag.equals("!")) {
      return plain(node);
    }
    var name = tag.substring(1);
    var intrinsic = name.equals("Ref") || name.equals("Condition") ? name : "Fn::" + name;
    return JSON.objectNode().set(intrinsic, plain(node));
  }

  private static JsonNode plain(Node node) {
    return switch (node) {
      case MappingNode mapping -> object(mapping);
      case SequenceNode sequence -> array(sequence);
      case ScalarNode scalar -> scalar(scalar);
      default -> throw new TemplateProblem("unknown YAML at" + node.getStartMark());
    };
  }

  private static ObjectNode object(MappingNode mapping) {
    var object = JSON.objectNode();
    for (NodeTuple entry : mapping.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        throw new TemplateProblem("a key is not text" + entry.getKeyNode().getStartMark());
      }
      object.set(key.getValue(), convert(entry.getValueNode()));
    }
    return object;
  }

  private static ArrayNode array(SequenceNode sequence) {
    var array = JSON.arrayNode();
    sequence.getValue().forEach(element -> array.add(convert(element)));
    return array;
  }

  private static JsonNode scalar(ScalarNode scalar) {
    var text = scalar.getValue();
    var tag = scalar.getTag();
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    if (tag.equals(Tag.BOOL) && (text.equals("true") || text.equals("false"))) {
      return JSON.booleanNode(Boolean.parseBoolean(text));
    }
    if (tag.equals(Tag.INT) && INTEGER.matcher(text).matches()) {
      return JSON.numberNode(new BigInteger(text));
    }
    if (tag.equals(Tag.FLOAT) && DECIMAL.matcher(text).matches()) {
      return JSON.numberNode(new BigDecimal(text));
    }
    return JSON.textNode(text);
  }
}
