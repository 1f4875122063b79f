package dev.longhaul.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Validations;
import software.amazon.awscdk.services.sqs.Queue;

/// cdk-nag's AwsSolutions on all that the constructs make: what it finds fails the synthesis,
/// unless it is acknowledged where it is made, with the reason.
class NagTest {
  @Test
  void findsNothingThatIsNotExplained() throws IOException {
    App app = Synthesis.app("nag");
    for (Scenario scenario : Scenario.ALL) {
      Stack stack = new Stack(app, scenario.name());
      Longhaul longhaul = new Longhaul(stack, "Longhaul", scenario.props(stack));
      migration(stack, "Index", longhaul).build();
      migration(stack, "Awaited", longhaul).waitFor(Duration.minutes(5)).build();
    }
    Stack apart = new Stack(app, "apart");
    LonghaulFunctions deployed = LonghaulFunctions.fromStackName(apart, "Longhaul", "longhaul");
    migration(apart, "Index", deployed).build();
    migration(apart, "Awaited", deployed).waitFor(Duration.minutes(5)).build();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

    app.synth();

    String report = Files.readString(Path.of(app.getOutdir(), "validation-report.json"));
    assertThat(report).contains("\"pluginReports\": []");
  }

  @Test
  void wouldFindSomething() {
    App app = Synthesis.app("nag-finds");
    new Queue(new Stack(app, "stack"), "Queue");
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

    assertThatThrownBy(app::synth).hasMessageContaining("Validation failed");
  }

  private static SqlMigration.Builder migration(
      Stack stack, String id, LonghaulFunctions longhaul) {
    return SqlMigration.Builder.create(stack, id)
        .longhaul(longhaul)
        .migrationName(id)
        .sqlForwards("select 1");
  }
}
