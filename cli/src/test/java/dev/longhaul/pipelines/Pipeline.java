package dev.longhaul.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.pipelines.Runner.Ending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An example of docs/pipelines.md as its service runs it: step by step, until one fails.
enum Pipeline {
  GITHUB {
    @Override
    List<Step> steps() {
      List<Step> steps = new ArrayList<>();
      ObjectNode workflow = Page.yaml(Page.blocks("GitHub Actions", "yaml").getFirst());
      for (JsonNode step : workflow.at("/jobs/deploy/steps")) {
        String uses = step.path("uses").asText();
        if (uses.startsWith("longhaul/longhaul/.github/actions/longhaul@")) {
          steps.addAll(action(step.path("with")));
        } else if (uses.isEmpty()) {
          steps.add(new Step(step.path("run").asText(), Map.of()));
        } else {
          assertThat(uses).matches("actions/checkout@.*|aws-actions/configure-aws-credentials@.*");
        }
      }
      return steps;
    }
  },

  GITLAB {
    @Override
    List<Step> steps() {
      ObjectNode configuration = Page.yaml(Page.blocks("GitLab CI", "yaml").getFirst());
      List<Step> steps = new ArrayList<>();
      for (JsonNode stage : configuration.path("stages")) {
        for (JsonNode job : configuration) {
          if (job.path("stage").equals(stage)) {
            JsonNode base = configuration.path(job.path("extends").asText());
            steps.add(
                new Step(
                    lines(base.path("before_script")) + lines(job.path("script")),
                    variables(base.path("variables"))));
          }
        }
      }
      return steps;
    }
  },

  CODEBUILD {
    @Override
    List<Step> steps() {
      ObjectNode build = Page.yaml(Page.blocks("CodeBuild and CodePipeline", "yaml").getFirst());
      assertThat(build.at("/env/shell").asText()).isEqualTo("bash");
      List<Step> steps = new ArrayList<>();
      for (JsonNode phase : build.path("phases")) {
        for (JsonNode command : phase.path("commands")) {
          steps.add(new Step(command.asText(), variables(build.at("/env/variables"))));
        }
      }
      // The pipeline's next stage.
      steps.add(new Step("./deploy.sh", Map.of()));
      return steps;
    }
  },

  SHELL {
    @Override
    List<Step> steps() {
      return List.of(new Step(Page.blocks("A shell", "sh").getFirst(), Map.of()));
    }
  };

  private static final Pattern INPUT = Pattern.compile("\\$\\{\\{ inputs\\.(\\w+) }}");

  record Step(String script, Map<String, String> environment) {}

  abstract List<Step> steps();

  Ending run(Runner runner) {
    StringBuilder log = new StringBuilder();
    for (Step step : steps()) {
      Ending ending = runner.run(step.script, step.environment);
      log.append(ending.out());
      if (ending.exitCode() != 0) {
        return new Ending(ending.exitCode(), log.toString());
      }
    }
    return new Ending(0, log.toString());
  }

  /// The steps of our own action, with its inputs.
  private static List<Step> action(JsonNode with) {
    ObjectNode action;
    try {
      action = Page.yaml(Files.readString(Runner.ACTION.resolve("action.yml")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    with.fieldNames()
        .forEachRemaining(input -> assertThat(action.path("inputs").has(input)).as(input).isTrue());
    List<Step> steps = new ArrayList<>();
    for (JsonNode step : action.at("/runs/steps")) {
      assertThat(step.path("shell").asText()).isEqualTo("bash");
      // An input in a script would be run; as a variable it is only read.
      assertThat(step.path("run").asText()).doesNotContain("${{");
      Map<String, String> environment = new HashMap<>();
      for (Map.Entry<String, JsonNode> variable : step.path("env").properties()) {
        Matcher input = INPUT.matcher(variable.getValue().asText());
        assertThat(input.matches()).isTrue();
        JsonNode otherwise = action.path("inputs").path(input.group(1)).path("default");
        environment.put(
            variable.getKey(), with.path(input.group(1)).asText(otherwise.asText()).strip());
      }
      environment.put("GITHUB_ACTIONS", "true");
      environment.put("GITHUB_ACTION_PATH", Runner.ACTION.toAbsolutePath().normalize().toString());
      steps.add(new Step(step.path("run").asText(), environment));
    }
    return steps;
  }

  private static String lines(JsonNode commands) {
    StringBuilder script = new StringBuilder();
    commands.forEach(command -> script.append(command.asText()).append('\n'));
    return script.toString();
  }

  private static Map<String, String> variables(JsonNode variables) {
    Map<String, String> environment = new HashMap<>();
    for (Map.Entry<String, JsonNode> variable : variables.properties()) {
      environment.put(
          variable.getKey(), variable.getValue().asText().replace("$CI_PROJECT_DIR", "."));
    }
    return environment;
  }
}
