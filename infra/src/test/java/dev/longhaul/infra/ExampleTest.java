package dev.longhaul.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;

/// The example of docs/cdk.md, deployed as far as that goes without AWS.
class ExampleTest {
  private static final Path SNAPSHOT = Path.of("src/test/resources/orders.template.json");
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private static final List<ObjectNode> TEMPLATE = new ArrayList<>();

  @BeforeAll
  static void synthesize() {
    boolean archive = ExampleTest.class.getResource("longhaul-functions.zip") != null;
    if (!archive) {
      System.err.println("SKIPPED: the example, since functions/ has not been packaged");
    }
    Assumptions.assumeTrue(archive);
    App app = Synthesis.app("example");
    new Example.OrdersStack(app, "orders");
    app.synth();
    TEMPLATE.add(Synthesis.template(app, "orders"));
  }

  /// For reviews: a change of the constructs, or of CDK's version, shows what it does to a stack.
  /// `-Dsnapshot=update` writes it anew.
  @Test
  void templateIsTheOneThatWasReviewed() throws IOException {
    String present =
        JSON.writeValueAsString(JSON.treeToValue(stable(TEMPLATE.get(0)), Object.class));
    if ("update".equals(System.getProperty("snapshot"))) {
      Files.createDirectories(SNAPSHOT.getParent());
      Files.writeString(SNAPSHOT, present + "\n");
    }

    assertThat(Files.readString(SNAPSHOT).strip()).isEqualTo(present);
  }

  /// Without what changes with every build: hashes of assets, and of functions with such an asset.
  private static JsonNode stable(ObjectNode template) throws IOException {
    template.remove(List.of("Rules", "Parameters"));
    template.path("Resources").forEach(resource -> ((ObjectNode) resource).remove("Metadata"));
    ((ObjectNode) template.path("Resources")).remove("CDKMetadata");
    template.remove("Conditions");
    return JSON.readTree(
        template
            .toString()
            .replaceAll("[0-9a-f]{64}", "ASSET")
            .replaceAll("(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}", "$1"));
  }

  @Test
  void pageShowsIt() throws IOException {
    String file = Files.readString(Path.of("src/test/java/dev/longhaul/infra/Example.java"));
    String source =
        file.substring(file.indexOf("// begin\n") + 9, file.indexOf("  // end"))
            .stripTrailing()
            .stripIndent();
    String page = Files.readString(Synthesis.PROJECT.resolve("docs/cdk.md"));

    assertThat(page).contains("```java\n" + source + "\n```");
  }
}
