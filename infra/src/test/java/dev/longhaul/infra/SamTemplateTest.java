package dev.longhaul.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SamTemplateTest {
  private static final Path TEMPLATE = Synthesis.PROJECT.resolve("template.yaml");

  /// Written for `.ci/sam-transform`, which compares it with what AWS's own translator makes.
  @Test
  void transformsTheTemplate() throws IOException {
    ObjectNode source = SamTemplate.read(TEMPLATE);
    JsonNode transformed = SamTemplate.transform(source);
    Files.writeString(
        Files.createDirectories(Path.of("target")).resolve("template.transformed.json"),
        transformed.toPrettyString());

    TreeMap<String, Integer> types = new TreeMap<>();
    transformed
        .path("Resources")
        .forEach(resource -> types.merge(resource.path("Type").asText(), 1, Integer::sum));
    assertThat(types)
        .containsEntry("AWS::Lambda::Function", 5)
        .containsEntry("AWS::Lambda::Version", 5)
        .containsEntry("AWS::Lambda::Alias", 6)
        .containsEntry("AWS::Lambda::EventSourceMapping", 1)
        .containsEntry("AWS::Lambda::EventInvokeConfig", 2);
    assertThat(types.keySet()).noneMatch(type -> type.startsWith("AWS::Serverless::"));
  }

  @Test
  void refusesWhatItWouldLose() {
    ObjectNode property = SamTemplate.read(TEMPLATE);
    ((ObjectNode) property.at("/Resources/ControlFunction/Properties")).put("Tracing", "Active");
    ObjectNode type = SamTemplate.read(TEMPLATE);
    ((ObjectNode) type.path("Resources")).putObject("Api").put("Type", "AWS::Serverless::Api");
    ObjectNode globals = SamTemplate.read(TEMPLATE);
    ((ObjectNode) globals.path("Globals")).putObject("Api");

    assertThatThrownBy(() -> SamTemplate.transform(property)).hasMessageContaining("\"Tracing\"");
    assertThatThrownBy(() -> SamTemplate.transform(type)).hasMessageContaining("Serverless::Api");
    assertThatThrownBy(() -> SamTemplate.transform(globals)).hasMessageContaining("\"Api\"");
  }
}
