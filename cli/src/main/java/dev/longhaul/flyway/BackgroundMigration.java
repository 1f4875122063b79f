package dev.longhaul.flyway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.cli.Address;
import dev.longhaul.cli.Functions;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/// A Flyway migration that registers its SQL and is done: Longhaul runs it in the background.
///
/// ```java
/// public final class V42__Index_orders_by_customer extends BackgroundMigration {
///   public V42__Index_orders_by_customer() {
///     super(
///         "create index concurrently orders_by_customer on orders (customer_id)",
///         "drop index concurrently orders_by_customer");
///   }
/// }
/// ```
///
/// It never waits for the work: the build of an index waits for transactions that are older than it
/// is, Flyway's own among them.
///
/// Flyway applies it when it is registered. If Flyway's transaction fails after that, Flyway runs
/// it again, and a name that is registered already stays as it is.
///
/// The functions are found by the environment variable `LONGHAUL_STACK`, or `AWS_ENDPOINT_URL`, as
/// the command line finds them.
public abstract class BackgroundMigration extends BaseJavaMigration {
  private final String sqlForwards;
  private final String sqlBackwards;

  /// @param sqlForwards one statement or several
  /// @param sqlBackwards what undoes them; empty if nothing can
  protected BackgroundMigration(String sqlForwards, String sqlBackwards) {
    this.sqlForwards = sqlForwards;
    this.sqlBackwards = sqlBackwards;
  }

  /// What RegistrationFunction takes. Override it to add fields, such as `depends_on`, to what this
  /// returns; the migration's name is the class's.
  protected ObjectNode payload() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("migration_name", getClass().getSimpleName())
        .put("sql_forwards", sqlForwards)
        .put("sql_backwards", sqlBackwards)
        .put("requested_by", "Flyway");
  }

  /// Where the functions are.
  protected Address address() {
    return Address.fromEnvironment();
  }

  @Override
  public final void migrate(Context context) {
    if (context.getConfiguration().isGroup()) {
      throw new FlywayException(
          "with group=true all migrations are one transaction, and "
              + getClass().getSimpleName()
              + " would run before what it stands on is committed; set group=false");
    }
    try (Functions functions = Functions.at(address())) {
      JsonNode _ = functions.invoke(Functions.REGISTRATION, payload());
    }
  }

  /// Of the SQL, so that Flyway's `validate` finds a change, as it does in .sql files. Longhaul
  /// would refuse to register it as well.
  @Override
  public final Integer getChecksum() {
    CRC32 checksum = new CRC32();
    checksum.update((sqlForwards + '\0' + sqlBackwards).getBytes(StandardCharsets.UTF_8));
    return (int) checksum.getValue();
  }

  /// So that a registration that failed leaves nothing in Flyway's table.
  @Override
  public final boolean canExecuteInTransaction() {
    return true;
  }
}
