package dev.longhaul.flyway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.cli.Address;
import dev.longhaul.pipelines.Stack;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real Flyway, on the database that the local stack works on.
class BackgroundMigrationTest {
  private static final String INDEX_IS_VALID =
      "select count(*) from pg_index where indexrelid = to_regclass('orders_by_customer') and"
          + " indisvalid";

  @TempDir private Path state;

  @SuppressWarnings("NullAway.Init")
  private Stack stack;

  @BeforeEach
  void start() throws Exception {
    stack = new Stack(state);
  }

  @AfterEach
  void stop() {
    stack.close();
  }

  private abstract static class Sql extends BaseJavaMigration {
    private final String sql;

    Sql(String sql) {
      this.sql = sql;
    }

    @Override
    public void migrate(Context context) throws Exception {
      try (var statement = context.getConnection().createStatement()) {
        statement.execute(sql);
      }
    }
  }

  private static final class V1__Orders extends Sql {
    V1__Orders() {
      super(
          "create table orders as select n as id, n % 100 as customer_id from generate_series(1,"
              + " 100000) as n");
    }
  }

  private static final class V2__Index_orders extends BackgroundMigration {
    private final URI endpoint;

    V2__Index_orders(URI endpoint, String more) {
      super(
          "create index concurrently orders_by_customer on orders (customer_id)" + more,
          "drop index concurrently orders_by_customer");
      this.endpoint = endpoint;
    }

    @Override
    protected ObjectNode payload() {
      return super.payload().put("max_attempts", 1);
    }

    @Override
    protected Address address() {
      return Address.of(endpoint);
    }
  }

  private static final class V3__Customers extends Sql {
    V3__Customers() {
      super("create table customers (id int)");
    }
  }

  private FluentConfiguration flyway(JavaMigration... migrations) {
    return Flyway.configure()
        .dataSource(stack.jdbcUrl(), "postgres", "postgres")
        .locations("classpath:none")
        .failOnMissingLocations(false)
        .javaMigrations(migrations);
  }

  private JavaMigration indexOrders() {
    return new V2__Index_orders(stack.endpoint(), "");
  }

  @Test
  void registersAndGoesOnWhileTheIndexIsBuilt() throws Exception {
    // An open snapshot holds the build up; Flyway must not wait for it.
    Flyway flyway = flyway(new V1__Orders(), indexOrders(), new V3__Customers()).load();
    try (var connection = stack.connect();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("select count(*) from pg_class");

      var result = flyway.migrate();

      assertThat(result.migrationsExecuted).isEqualTo(3);
      assertThat(stack.status("V2__Index_orders")).isIn("STARTED", "IN PROGRESS");
      connection.rollback();
    }
    stack.await("V2__Index_orders", "FINISHED");
    assertThat(stack.value(INDEX_IS_VALID)).isEqualTo("1");
    assertThat(flyway.validateWithResult().validationSuccessful).isTrue();
  }

  @Test
  void isDoneOnceHoweverOftenFlywayRunsIt() throws Exception {
    flyway(new V1__Orders(), indexOrders()).load().migrate();
    stack.await("V2__Index_orders", "FINISHED");
    stack.execute("delete from flyway_schema_history where version = '2'");

    var result = flyway(new V1__Orders(), indexOrders()).load().migrate();

    assertThat(result.migrationsExecuted).isEqualTo(1);
    assertThat(stack.value("select attempt from longhaul.async_migration")).isEqualTo("1");
    assertThat(stack.value("select count(*) from longhaul.async_migration_history")).isEqualTo("3");
  }

  @Test
  void isTriedAgainWithoutARepairWhenTheFunctionsCouldNotBeReached() {
    var unreachable = new V2__Index_orders(URI.create("http://127.0.0.1:1"), "");
    assertThatThrownBy(() -> flyway(new V1__Orders(), unreachable).load().migrate())
        .isInstanceOf(FlywayException.class)
        .hasStackTraceContaining("nothing answers at http://127.0.0.1:1");

    var result = flyway(new V1__Orders(), indexOrders()).load().migrate();

    assertThat(result.migrationsExecuted).isEqualTo(1);
  }

  @Test
  void refusesToRunBeforeWhatItStandsOnIsCommitted() {
    assertThatThrownBy(() -> flyway(new V1__Orders(), indexOrders()).group(true).load().migrate())
        .isInstanceOf(FlywayException.class)
        .hasStackTraceContaining("set group=false");

    assertThatThrownBy(() -> stack.status("V2__Index_orders"))
        .hasMessageContaining("no migration \"V2__Index_orders\" is registered");
  }

  @Test
  void changedSqlIsFoundByFlyway() {
    flyway(new V1__Orders(), indexOrders()).load().migrate();
    var changed = new V2__Index_orders(stack.endpoint(), " where id > 1");

    assertThat(flyway(new V1__Orders(), changed).load().validateWithResult().invalidMigrations)
        .extracting(migration -> migration.version)
        .isEqualTo(List.of("2"));
  }
}
