package dev.longhaul.infra;

import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.iam.AccountPrincipal;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.rds.AuroraPostgresClusterEngineProps;
import software.amazon.awscdk.services.rds.AuroraPostgresEngineVersion;
import software.amazon.awscdk.services.rds.ClusterInstance;
import software.amazon.awscdk.services.rds.DatabaseCluster;
import software.amazon.awscdk.services.rds.DatabaseClusterEngine;
import software.constructs.Construct;

/// docs/cdk.md shows this file, from the marks; a test holds the two together.
final class Example {
  private Example() {}

  // begin
  static final class OrdersStack extends Stack {
    OrdersStack(Construct scope, String id) {
      super(scope, id);
      Vpc vpc = Vpc.Builder.create(this, "Vpc").maxAzs(2).build();
      DatabaseCluster cluster =
          DatabaseCluster.Builder.create(this, "Orders")
              .engine(
                  DatabaseClusterEngine.auroraPostgres(
                      AuroraPostgresClusterEngineProps.builder()
                          .version(AuroraPostgresEngineVersion.VER_17_4)
                          .build()))
              .writer(ClusterInstance.serverlessV2("writer"))
              .defaultDatabaseName("orders")
              .iamAuthentication(true)
              .storageEncrypted(true)
              .vpc(vpc)
              .build();

      Longhaul longhaul =
          new Longhaul(
              this,
              "Longhaul",
              LonghaulProps.builder()
                  .database(Database.withUser("longhaul").at(cluster).named("orders"))
                  .vpc(vpc)
                  .allowScheduledMigrations(true)
                  .timedTrigger(Schedule.expression("cron(0 2 ? * SAT *)"))
                  .build());

      Role pipeline =
          Role.Builder.create(this, "Pipeline")
              .assumedBy(new AccountPrincipal("123456789012"))
              .build();
      longhaul.grantRegister(pipeline);
      longhaul.grantView(pipeline);

      SqlMigration column =
          SqlMigration.Builder.create(this, "TotalInCents")
              .longhaul(longhaul)
              .migrationName("0041_total_in_cents")
              .sqlForwards("alter table orders add column total_in_cents bigint")
              .sqlBackwards("alter table orders drop column total_in_cents")
              .waitFor(Duration.minutes(5))
              .build();
      SqlMigration.Builder.create(this, "IndexOrdersByTotal")
          .longhaul(longhaul)
          .migrationName("0042_index_orders_by_total")
          .sqlForwards("create index concurrently orders_by_total on orders (total_in_cents)")
          .sqlBackwards("drop index concurrently orders_by_total")
          .dependsOn(column)
          .build();
    }
  }

  public static void main(String[] arguments) {
    App app = new App();
    new OrdersStack(app, "orders");
    app.synth();
  }
  // end
}
