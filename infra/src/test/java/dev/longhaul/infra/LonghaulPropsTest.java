package dev.longhaul.infra;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.secretsmanager.ISecret;
import software.amazon.awscdk.services.secretsmanager.Secret;

class LonghaulPropsTest {
  private static final Database HOST =
      Database.withUser("u").at("host", 5432, "db-ABC").named("app");

  /// What the template's rules and limits refuse, before anything is deployed.
  @Test
  void refusesWhatWouldFailLater() {
    App app = Synthesis.app("refused");

    refused(app, props -> {}, "database: give one");
    refused(app, props -> props.database(Database.withUser("u").named("app")), ".at(...)");
    refused(app, props -> props.database(HOST).name("n".repeat(44)), "longer than 43");
    refused(app, props -> props.database(HOST).executorConcurrency(1), "executorConcurrency");
    refused(app, props -> props.database(HOST).executorMemory(128), "executorMemory");
    refused(
        app,
        props -> props.database(HOST).executorTimeout(Duration.minutes(16)),
        "executorTimeout");
    refused(app, props -> props.database(HOST).sqsEndpoint(true), "vpc:");
    refused(
        app,
        props -> props.database(HOST).alarms(false).alarmEmail("people@example.com"),
        "alarms:");
    refused(
        app,
        props -> props.target("main", HOST.registeringAs("r")).target("audit", HOST),
        "registrar");
    refused(
        app, props -> props.target("main", HOST.viewingAs("v")).target("audit", HOST), "viewer");
    ISecret secret =
        Secret.fromSecretCompleteArn(
            new Stack(app, "secrets"),
            "Viewer",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:viewer-AbCdEf");
    refused(
        app,
        props -> props.database(HOST.viewingWith(secret)),
        "the viewer logs in like the runner");
  }

  private static void refused(App app, Consumer<LonghaulProps.Builder> settings, String part) {
    LonghaulProps.Builder builder = LonghaulProps.builder().archive(Synthesis.archive());
    settings.accept(builder);
    Stack stack = new Stack(app, "stack" + app.getNode().getChildren().size());

    assertThatThrownBy(() -> new Longhaul(stack, "Longhaul", builder.build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(part);
  }
}
