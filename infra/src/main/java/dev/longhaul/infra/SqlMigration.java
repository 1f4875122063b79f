package dev.longhaul.infra;

import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.CustomResource;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.constructs.Construct;

/// A migration that a stack registers when it is deployed. The deployment goes on at once, while
/// the migration runs in the background; unless [Builder#waitFor] says otherwise.
///
/// ```java
/// SqlMigration.Builder.create(this, "Index")
///     .longhaul(longhaul)
///     .migrationName("0042_index_orders_by_customer")
///     .sqlForwards("create index concurrently orders_by_customer on orders (customer_id)")
///     .sqlBackwards("drop index concurrently orders_by_customer")
///     .build();
/// ```
///
/// A migration that is registered is never changed: other SQL under the same name fails the
/// deployment, and a new name is a new migration. Taken out of the stack, or with it, a migration
/// and what it did stay; unless [Builder#rollbackOnDelete] says otherwise.
public final class SqlMigration extends Construct {
  /// Of SQL, in bytes: a template has room for a megabyte, and Lambda for one in such a request.
  private static final int LARGEST = 200_000;

  private final String migrationName;
  private final List<String> targets;
  private final Map<String, CustomResource> resources = new HashMap<>();

  private SqlMigration(Builder builder) {
    super(builder.scope, builder.id);
    LonghaulFunctions longhaul =
        Objects.requireNonNull(builder.longhaul, "longhaul: say which deployment registers it");
    builder.requireValid();
    migrationName = String.valueOf(builder.properties.get("migration_name"));
    targets = List.copyOf(builder.targets);
    String token =
        MigrationProvider.tokenFor(
            this, longhaul, builder.waitFor != null || builder.rollbackOnDelete);
    for (String target : targets) {
      CustomResource resource =
          CustomResource.Builder.create(this, target)
              .resourceType("Custom::SqlMigration")
              .serviceToken(token)
              .properties(builder.propertiesFor(target))
              .removalPolicy(RemovalPolicy.DESTROY)
              .build();
      // Also on what runs the migration, which must be there before it and, to undo it, after it.
      if (longhaul instanceof Construct construct) {
        resource.getNode().addDependency(construct);
      }
      for (SqlMigration earlier : builder.earlier) {
        resource.getNode().addDependency(earlier);
      }
      resources.put(target, resource);
    }
  }

  public String getMigrationName() {
    return migrationName;
  }

  /// What the migration was when it was registered: SCHEDULED, STARTED or, if it was there already,
  /// whatever it had come to.
  public String getStatus() {
    return getStatus(targets.get(0));
  }

  public String getStatus(String target) {
    CustomResource resource = resources.get(target);
    if (resource == null) {
      throw new IllegalArgumentException("target: \"%s\" is none of %s".formatted(target, targets));
    }
    return resource.getAttString("status");
  }

  public static final class Builder {
    private final Construct scope;
    private final String id;
    private final Map<String, Object> properties = new HashMap<>();
    private final List<SqlMigration> earlier = new ArrayList<>();
    private @Nullable LonghaulFunctions longhaul;
    private List<String> targets = List.of(Database.MAIN);
    private @Nullable Duration waitFor;
    private boolean rollbackOnDelete;

    private Builder(Construct scope, String id) {
      this.scope = scope;
      this.id = id;
    }

    public static Builder create(Construct scope, String id) {
      return new Builder(scope, id);
    }

    /// The deployment that registers and runs it: a [Longhaul], or what
    /// [LonghaulFunctions#fromStackName] finds.
    public Builder longhaul(LonghaulFunctions deployment) {
      longhaul = deployment;
      return this;
    }

    /// Unique in its target, for good.
    public Builder migrationName(String name) {
      return with("migration_name", name);
    }

    public Builder sqlForwards(String... statements) {
      return with("sql_forwards", List.of(statements));
    }

    /// What undoes it; nothing says that it cannot be undone.
    public Builder sqlBackwards(String... statements) {
      return with("sql_backwards", List.of(statements));
    }

    /// The databases to register it in, in each with a journal entry of its own. Default: `main`.
    public Builder targets(String... names) {
      targets = List.of(names);
      return this;
    }

    /// Migrations that must be FINISHED first, in the same target.
    public Builder dependsOn(SqlMigration... migrations) {
      earlier.addAll(List.of(migrations));
      return with("depends_on", earlier.stream().map(SqlMigration::getMigrationName).toList());
    }

    /// Not before this time.
    public Builder runAt(Instant time) {
      return with("run_at", time.toString());
    }

    /// Begins only while the clock on the wall of `zone` shows a time from `from` and before `to`,
    /// where midnight is the end of the day. A window over midnight belongs to the day on which it
    /// opens.
    ///
    /// @param days none for every day
    public Builder window(LocalTime from, LocalTime to, ZoneId zone, DayOfWeek... days) {
      Map<String, Object> window = new HashMap<>();
      if (days.length > 0) {
        window.put("days", Arrays.stream(days).map(day -> day.name().substring(0, 3)).toList());
      }
      window.put("from", from.toString());
      window.put("to", to.equals(LocalTime.MIDNIGHT) ? "24:00" : to.toString());
      window.put("time_zone", zone.getId());
      return with("window", window);
    }

    /// Runs the statements that hold `:batch` in batches of the table's rows, by the order of a
    /// key.
    ///
    /// @param options of the contract's field `batch` beside `table` and `key`: `size`,
    ///   `target_ms`, `parallelism`, `stripes`, `on_row_error`, `until_empty`, `health`
    public Builder batch(String table, List<String> key, Map<String, Object> options) {
      Map<String, Object> batch = new HashMap<>(options);
      batch.put("table", table);
      batch.put("key", key);
      return with("batch", batch);
    }

    /// Whether it goes to the queue at once, even where migrations wait for a trigger.
    public Builder executeImmediately(boolean immediately) {
      return with("execute_immediately", immediately);
    }

    /// How long DDL waits for a lock before it gives way. Default: 3 seconds.
    public Builder lockTimeout(Duration timeout) {
      return with("lock_timeout", timeout.toMilliseconds().longValue() + "ms");
    }

    /// How long an executor stays with a statement before it leaves it to the database.
    public Builder detachAfter(Duration stay) {
      return with("detach_after", stay.toMilliseconds().longValue() + "ms");
    }

    /// How many failed attempts a retryable error gets. Default: 10.
    public Builder maxAttempts(int attempts) {
      return with("max_attempts", attempts);
    }

    /// Whether SQLite targets run it.
    public Builder applyOnSqlite(boolean apply) {
      return with("apply_on_sqlite", apply);
    }

    /// Who, for the history. Default: the stack.
    public Builder requestedBy(String person) {
      return with("requested_by", person);
    }

    /// Lets the deployment wait until the migration is FINISHED, and fail if it ends otherwise or
    /// takes longer than this, at most 50 minutes. It goes on in the background all the same.
    public Builder waitFor(Duration longest) {
      waitFor = longest;
      return this;
    }

    /// Undoes the migration when it is taken out of the stack, or renamed, or the stack is deleted,
    /// which then waits for it. Default: nothing is undone.
    public Builder rollbackOnDelete(boolean wanted) {
      rollbackOnDelete = wanted;
      return this;
    }

    public SqlMigration build() {
      return new SqlMigration(this);
    }

    private Builder with(String field, Object value) {
      properties.put(field, value);
      return this;
    }

    private Map<String, Object> propertiesFor(String target) {
      Map<String, Object> all = new HashMap<>(properties);
      all.putIfAbsent("sql_backwards", "");
      all.put("target", target);
      if (waitFor != null) {
        all.put("wait_for", waitFor.toSeconds());
        all.put("execute_immediately", true);
      }
      if (rollbackOnDelete) {
        all.put("rollback_on_delete", true);
      }
      return all;
    }

    private void requireValid() {
      require(properties.containsKey("migration_name"), "migrationName: give it a name");
      require(properties.containsKey("sql_forwards"), "sqlForwards: say what it does");
      require(!targets.isEmpty(), "targets: name at least one");
      require(
          waitFor == null || waitFor.toSeconds().longValue() <= 3000,
          "waitFor: at most 50 minutes; CloudFormation gives up after an hour");
      require(
          waitFor == null || !properties.containsKey("run_at"),
          "waitFor: a deployment cannot wait for runAt");
      require(
          waitFor == null || !properties.containsKey("window"),
          "waitFor: a deployment cannot wait for a window");
      require(
          waitFor == null || !Boolean.FALSE.equals(properties.get("execute_immediately")),
          "waitFor: a deployment cannot wait for a trigger");
      require(
          !rollbackOnDelete || properties.containsKey("sql_backwards"),
          "rollbackOnDelete: needs sqlBackwards");
      int size = String.valueOf(properties).getBytes(StandardCharsets.UTF_8).length;
      require(
          size <= LARGEST,
          "%,d bytes are too many for a template, at most %,d: register it from the pipeline, with \"longhaul register\""
              .formatted(size, LARGEST));
    }

    private static void require(boolean holds, String otherwise) {
      if (!holds) {
        throw new IllegalArgumentException(otherwise);
      }
    }
  }
}
