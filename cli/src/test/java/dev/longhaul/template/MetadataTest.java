package dev.longhaul.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/// What the Serverless Application Repository shows
/// (<https://docs.aws.amazon.com/serverlessrepo/latest/devguide/serverless-app-publishing-applications.html>).
class MetadataTest {
  private static final JsonNode APPLICATION =
      Template.section("Metadata").path("AWS::ServerlessRepo::Application");

  @Test
  void saysWhatItIs() {
    assertThat(APPLICATION.path("Name").asText()).matches("[a-zA-Z0-9-]{1,140}");
    assertThat(APPLICATION.path("Description").asText()).hasSizeBetween(1, 256);
    assertThat(APPLICATION.path("Author").asText()).hasSizeBetween(1, 127);
    assertThat(APPLICATION.path("Labels")).hasSizeBetween(1, 10);
    APPLICATION
        .path("Labels")
        .forEach(l -> assertThat(l.asText()).matches("[a-zA-Z0-9+_:/@-]{1,127}"));
  }

  @Test
  void licenseAndReadmeAreThere() throws IOException {
    assertThat(APPLICATION.path("SpdxLicenseId").asText()).isEqualTo("Apache-2.0");
    assertThat(Files.readString(Template.PROJECT.resolve(APPLICATION.path("LicenseUrl").asText())))
        .contains("Apache License");
    assertThat(Template.PROJECT.resolve(APPLICATION.path("ReadmeUrl").asText())).isRegularFile();
  }

  @Test
  void versionIsTheOneOfTheBuild() throws IOException {
    String build = Files.readString(Template.PROJECT.resolve("pom.xml"));

    assertThat(build)
        .containsPattern(
            "<artifactId>longhaul</artifactId>\\s*<version>%s(-SNAPSHOT)?</version>"
                .formatted(APPLICATION.path("SemanticVersion").asText()));
  }
}
