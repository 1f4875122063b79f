package dev.longhaul.infra;

import java.util.Optional;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ec2.VpcLookupOptions;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.secretsmanager.Secret;

/// Deploys Longhaul alone, for one database: the shortest way to try the construct. What is asked
/// of it by `-c name=value` has the names of `template.yaml`'s parameters. For more, the construct
/// in an application of one's own.
public final class LonghaulApp {
  private final App app;

  private LonghaulApp(App app) {
    this.app = app;
  }

  public static void main(String[] arguments) {
    App app = new App();
    new LonghaulApp(app).deploy();
    app.synth();
  }

  private void deploy() {
    Stack stack =
        new Stack(
            app,
            context("StackName").orElse("longhaul"),
            StackProps.builder()
                .description("Longhaul - heavy PostgreSQL migrations in the background")
                .env(
                    Environment.builder()
                        .account(System.getenv("CDK_DEFAULT_ACCOUNT"))
                        .region(System.getenv("CDK_DEFAULT_REGION"))
                        .build())
                .build());
    LonghaulProps.Builder settings = LonghaulProps.builder().database(database(stack));
    context("VpcId")
        .ifPresent(
            id ->
                settings.vpc(
                    Vpc.fromLookup(stack, "Vpc", VpcLookupOptions.builder().vpcId(id).build())));
    context("AllowScheduledMigrations")
        .map(Boolean::parseBoolean)
        .ifPresent(settings::allowScheduledMigrations);
    context("TimedTriggerSchedule").map(Schedule::expression).ifPresent(settings::timedTrigger);
    context("Alarms").map(Boolean::parseBoolean).ifPresent(settings::alarms);
    context("AlarmEmail").ifPresent(settings::alarmEmail);
    context("Dashboard").map(Boolean::parseBoolean).ifPresent(settings::dashboard);
    Longhaul longhaul = new Longhaul(stack, "Longhaul", settings.build());
    CfnOutput.Builder.create(stack, "RegistrationFunctionArn")
        .description("For pipelines that register migrations")
        .value(longhaul.getRegistrationFunction().getFunctionArn())
        .build();
    CfnOutput.Builder.create(stack, "ControlFunctionArn")
        .description("For those who may look at migrations, and stop or retry them")
        .value(longhaul.getControlFunction().getFunctionArn())
        .build();
    CfnOutput.Builder.create(stack, "DashboardFunctionArn")
        .description("For those who may look at migrations, as a custom widget on a dashboard")
        .value(longhaul.getDashboardFunction().getFunctionArn())
        .build();
  }

  private Database database(Stack stack) {
    Database database =
        context("DatabaseSecretArn")
            .map(arn -> Database.withSecret(Secret.fromSecretCompleteArn(stack, "Secret", arn)))
            .or(() -> context("DatabaseUser").map(Database::withUser))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "-c DatabaseSecretArn=arn:..., or DatabaseHost, DatabaseName, DatabaseUser"
                            + " and DatabaseResourceId"));
    Optional<String> host = context("DatabaseHost");
    if (host.isPresent()) {
      int port = context("DatabasePort").map(Integer::valueOf).orElse(5432);
      Optional<String> resourceId = context("DatabaseResourceId");
      database =
          resourceId.isPresent()
              ? database.at(host.get(), port, resourceId.get())
              : database.at(host.get(), port);
    }
    Optional<String> name = context("DatabaseName");
    return name.isPresent() ? database.named(name.get()) : database;
  }

  private Optional<String> context(String name) {
    return Optional.ofNullable(app.getNode().tryGetContext(name))
        .map(String::valueOf)
        .filter(value -> !value.isBlank());
  }
}
