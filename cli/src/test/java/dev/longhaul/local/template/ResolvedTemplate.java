package dev.longhaul.local.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// template.yaml with its references resolved and all properties kept, also those that the local
/// stack has no use for.
public final class ResolvedTemplate {
  private final ObjectNode template;
  private final Intrinsics intrinsics;

  /// @param parameters values for the template's parameters; the others take their defaults
  public ResolvedTemplate(Map<String, String> parameters) {
    try (var source = Files.newBufferedReader(Path.of("..", "template.yaml"))) {
      this.template = YamlTree.read(source, "template.yaml");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.intrinsics = new Intrinsics(template, parameters);
  }

  /// @throws AssertionError if there is no such resource
  public JsonNode properties(String logicalId) {
    var properties = template.path("Resources").path(logicalId).path("Properties");
    if (properties.isMissingNode()) {
      throw new AssertionError("template.yaml has no " + logicalId);
    }
    return intrinsics.resolve(properties);
  }
}
