package dev.longhaul.pipelines;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The roles of docs/pipelines.md: who may take them, and what they may do.
class RolesTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"GitHub Actions", "GitLab CI", "CodeBuild and CodePipeline"})
  void mayInvokeTheTwoFunctionsAndNoOthers(String section) {
    List<String> invocable = new ArrayList<>();
    for (JsonNode policy : role(section).path("Policies")) {
      for (JsonNode statement : policy.at("/PolicyDocument/Statement")) {
        assertThat(statement.path("Effect").asText()).isEqualTo("Allow");
        assertThat(statement.path("Resource").toString()).isNotEqualTo("\"*\"");
        assertThat(statement.path("Action").toString()).doesNotContain("*");
        if (statement.path("Action").asText().equals("lambda:InvokeFunction")) {
          statement.path("Resource").forEach(arn -> invocable.add(arn.path("Fn::Sub").asText()));
        } else {
          assertThat(statement.path("Action").toString()).doesNotContain("lambda");
        }
      }
    }
    assertThat(invocable)
        .containsExactly("${RegistrationFunctionArn}:live", "${ControlFunctionArn}:live");
  }

  @ParameterizedTest
  @CsvSource({
    "GitHub Actions, token.actions.githubusercontent.com, sts.amazonaws.com,"
        + " repo:${Repository}:ref:refs/heads/${Branch}",
    "GitLab CI, gitlab.com, https://gitlab.com,"
        + " project_path:${Project}:ref_type:branch:ref:${Branch}"
  })
  void trustsOneBranchOfOneRepository(
      String section, String issuer, String audience, String subject) {
    JsonNode trust = role(section).at("/AssumeRolePolicyDocument/Statement");

    assertThat(trust).hasSize(1);
    assertThat(trust.path(0).path("Action").asText()).isEqualTo("sts:AssumeRoleWithWebIdentity");
    JsonNode condition = trust.path(0).path("Condition");
    assertThat(condition).hasSize(1);
    assertThat(condition.path("StringEquals").path(issuer + ":aud").asText()).isEqualTo(audience);
    assertThat(condition.path("StringEquals").path(issuer + ":sub").path("Fn::Sub").asText())
        .isEqualTo(subject);
    JsonNode provider =
        template(section)
            .path("Resources")
            .path(trust.path(0).at("/Principal/Federated/Ref").asText())
            .path("Properties");
    assertThat(provider.path("Url").asText()).isEqualTo("https://" + issuer);
    assertThat(provider.at("/ClientIdList/0").asText()).isEqualTo(audience);
  }

  @Test
  void trustsCodeBuildForTheOneProjectOfTheStage() {
    String section = "CodeBuild and CodePipeline";
    String project = template(section).at("/Resources/Project/Properties/Name").asText();

    assertThat(
            role(section)
                .at("/AssumeRolePolicyDocument/Statement/0/Condition/StringEquals/aws:SourceArn")
                .path("Fn::Sub")
                .asText())
        .endsWith(":project/" + project);
    JsonNode stage = Page.yaml("Stages:\n" + Page.blocks(section, "yaml").getLast());
    assertThat(stage.at("/Stages/0/Actions/0/Configuration/ProjectName").asText())
        .isEqualTo(project);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GitHub Actions", "GitLab CI", "CodeBuild and CodePipeline"})
  void passesCfnLint(String section) throws Exception {
    assumeTrue(Runner.isOnPath("cfn-lint"), "SKIPPED: cfn-lint is not on this machine");
    Path file = Files.writeString(directory.resolve("role.yaml"), text(section));

    Process lint =
        new ProcessBuilder("cfn-lint", "--regions", "us-east-1", "--", file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(lint.getInputStream().readAllBytes(), UTF_8);

    assertThat(lint.waitFor()).as(output).isZero();
  }

  private static JsonNode role(String section) {
    return template(section).at("/Resources/Role/Properties");
  }

  private static ObjectNode template(String section) {
    return Page.yaml(text(section));
  }

  private static String text(String section) {
    return Page.blocks(section, "yaml").stream()
        .filter(block -> block.startsWith("AWSTemplateFormatVersion"))
        .findFirst()
        .orElseThrow();
  }
}
