package dev.longhaul.infra;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Token;
import software.amazon.awscdk.Tokenization;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.IVpc;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.SubnetType;
import software.amazon.awscdk.services.events.IEventBus;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.iam.IManagedPolicy;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.lambda.ICodeSigningConfig;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.sns.ITopic;

/// The settings of a [Longhaul]: those of `template.yaml`'s parameters, with the same defaults.
/// Only a database is needed.
public final class LonghaulProps {
  /// A function's name has at most 64 characters, `-RegistrationFunction` included.
  private static final int LONGEST_NAME = 43;

  @Nullable String name;
  @Nullable Path archive;
  private final Map<String, Database> targets = new TreeMap<>();
  private Map<String, Object> health = Map.of();
  @Nullable IVpc vpc;
  SubnetSelection vpcSubnets =
      SubnetSelection.builder().subnetType(SubnetType.PRIVATE_WITH_EGRESS).build();
  List<ISecurityGroup> securityGroups = List.of();
  boolean sqsEndpoint;
  boolean eventBridgeEndpoint;
  boolean secretsManagerEndpoint;
  boolean allowScheduledMigrations;
  @Nullable Schedule timedTrigger;
  @Nullable IEventBus eventBus;
  Architecture architecture = Architecture.ARM_64;
  boolean snapStart = true;
  int executorMemory = 512;
  Duration executorTimeout = Duration.seconds(900);
  Duration detachAfter = Duration.seconds(60);
  int executorConcurrency = 5;
  boolean reserveConcurrency;
  RetentionDays logRetention = RetentionDays.ONE_MONTH;
  int historyRetentionDays;
  boolean alarms = true;
  @Nullable String alarmEmail;
  @Nullable ITopic alarmTopic;
  boolean dashboard;
  @Nullable TestEventRegistry testEvents;
  @Nullable IManagedPolicy permissionsBoundary;
  @Nullable IKey encryptionKey;
  @Nullable ICodeSigningConfig codeSigningConfig;

  private LonghaulProps() {}

  public static Builder builder() {
    return new Builder();
  }

  List<Database> databases() {
    return List.copyOf(targets.values());
  }

  /// How those functions log in that run no SQL.
  List<Database> registrars() {
    return databases().stream().map(Database::registrar).filter(Objects::nonNull).toList();
  }

  /// How the dashboard logs in.
  List<Database> viewers() {
    return databases().stream().map(Database::viewer).filter(Objects::nonNull).toList();
  }

  /// What the policies name: an ARN without its last six characters stands for any.
  static List<String> secretArns(List<Database> databases) {
    return databases.stream()
        .map(Database::secret)
        .filter(Objects::nonNull)
        .map(
            secret ->
                secret.getSecretFullArn() == null
                    ? secret.getSecretArn() + "-??????"
                    : secret.getSecretFullArn())
        .distinct()
        .toList();
  }

  /// One database is named by variables of its own, several by a JSON map.
  ///
  /// @param login what of the only database a function logs in with; null for the database's own
  Map<String, String> databaseVariables(Stack stack, Function<Database, @Nullable Database> login) {
    Map<String, String> variables = new HashMap<>();
    Database only = only();
    if (only != null) {
      fields(Objects.requireNonNullElse(login.apply(only), only))
          .forEach(
              (name, value) ->
                  variables.put("DATABASE_" + name.toUpperCase(Locale.ROOT), text(value)));
    } else {
      Map<String, Map<String, Object>> several = new TreeMap<>();
      targets.forEach((target, database) -> several.put(target, fields(database)));
      variables.put("DATABASE_TARGETS", stack.toJsonString(several));
    }
    if (!health.isEmpty()) {
      variables.put("DATABASE_HEALTH", stack.toJsonString(health));
    }
    return variables;
  }

  private @Nullable Database only() {
    return targets.size() == 1 ? targets.get(Database.MAIN) : null;
  }

  /// A port may be known only when the stack is deployed.
  private static String text(Object value) {
    return value instanceof Number number
        ? Tokenization.stringifyNumber(number)
        : String.valueOf(value);
  }

  private static Map<String, Object> fields(Database database) {
    Map<String, @Nullable Object> fields = new TreeMap<>();
    fields.put("secret_arn", database.secret() == null ? null : database.secret().getSecretArn());
    fields.put("host", database.host());
    fields.put("port", database.port());
    fields.put("name", database.name());
    fields.put("user", database.user());
    Map<String, Object> given = new TreeMap<>();
    fields.forEach(
        (name, value) -> {
          if (value != null) {
            given.put(name, value);
          }
        });
    return given;
  }

  void requireValid(String prefix) {
    require(!targets.isEmpty(), "database: give one, or several targets");
    targets.values().forEach(Database::requireComplete);
    require(
        (registrars().isEmpty() && viewers().isEmpty()) || only() != null,
        "target: a registrar or viewer is for the only database, given by database(...)");
    require(
        Token.isUnresolved(prefix) || prefix.length() <= LONGEST_NAME,
        "name: \"%s\" is longer than %d characters".formatted(prefix, LONGEST_NAME));
    require(
        executorConcurrency >= 2 && executorConcurrency <= 1000,
        "executorConcurrency: Lambda takes 2 to 1000 for a queue");
    long seconds = executorTimeout.toSeconds().longValue();
    require(seconds >= 30 && seconds <= 900, "executorTimeout: must be from 30 to 900 seconds");
    require(
        historyRetentionDays == 0 || (historyRetentionDays >= 30 && historyRetentionDays <= 99_999),
        "historyRetentionDays: must be 0, or from 30 to 99999 days");
    long stay = detachAfter.toSeconds().longValue();
    require(stay >= 1 && stay <= 900, "detachAfter: must be from 1 to 900 seconds");
    require(
        executorMemory >= 256 && executorMemory <= 10_240,
        "executorMemory: must be from 256 to 10240 MB");
    require(
        vpc != null
            || (securityGroups.isEmpty()
                && !sqsEndpoint
                && !eventBridgeEndpoint
                && !secretsManagerEndpoint),
        "vpc: security groups and endpoints do nothing without one");
    require(
        !secretsManagerEndpoint || !secretArns(databases()).isEmpty(),
        "secretsManagerEndpoint: Secrets Manager is called only where a secret is given");
    require(
        alarms || (alarmEmail == null && alarmTopic == null),
        "alarms: alarmEmail and alarmTopic do nothing without them");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  public static final class Builder {
    private LonghaulProps props = new LonghaulProps();

    private Builder() {}

    /// What the names of all resources begin with, and what the command line takes as `--stack`.
    /// Default: the stack's name, which serves for one Longhaul in a stack.
    public Builder name(String name) {
      props.name = name;
      return this;
    }

    /// The functions' code, `longhaul-functions.zip`. Default: the one that came with this library.
    public Builder archive(Path archive) {
      props.archive = archive;
      return this;
    }

    /// The only database, target `main`.
    public Builder database(Database database) {
      return target(Database.MAIN, database);
    }

    /// One of several databases.
    public Builder target(String name, Database database) {
      props.targets.put(name, database);
      return this;
    }

    /// From where on a database counts as too busy for more work, over the defaults of
    /// docs/health.md: `Map.of("vcpus", 4, "replica_lag_seconds", List.of(5, 15, 60))`.
    public Builder health(Map<String, Object> limits) {
      props.health = new TreeMap<>(limits);
      return this;
    }

    /// Where the functions run, with a security group of their own, which is let into the databases
    /// that are constructs. Default: outside a VPC.
    public Builder vpc(IVpc vpc) {
      props.vpc = vpc;
      return this;
    }

    /// Default: the private ones with a way out. Without a way out, give the endpoints, too.
    public Builder vpcSubnets(SubnetSelection vpcSubnets) {
      props.vpcSubnets = vpcSubnets;
      return this;
    }

    /// Further ones, beside their own.
    public Builder securityGroups(List<ISecurityGroup> securityGroups) {
      props.securityGroups = new ArrayList<>(securityGroups);
      return this;
    }

    /// An interface endpoint for the functions alone, for subnets without NAT. Default: none.
    public Builder sqsEndpoint(boolean wanted) {
      props.sqsEndpoint = wanted;
      return this;
    }

    /// Likewise.
    public Builder eventBridgeEndpoint(boolean wanted) {
      props.eventBridgeEndpoint = wanted;
      return this;
    }

    /// Likewise. Only where a secret is used.
    public Builder secretsManagerEndpoint(boolean wanted) {
      props.secretsManagerEndpoint = wanted;
      return this;
    }

    /// Whether a registered migration waits for a trigger, unless it says `execute_immediately`.
    /// Default: it does not.
    public Builder allowScheduledMigrations(boolean allowed) {
      props.allowScheduledMigrations = allowed;
      return this;
    }

    /// When to run all that waits. Default: only when it is triggered.
    public Builder timedTrigger(Schedule schedule) {
      props.timedTrigger = schedule;
      return this;
    }

    /// For the events that Longhaul publishes, and for `Run Migrations`. Default: the account's.
    public Builder eventBus(IEventBus eventBus) {
      props.eventBus = eventBus;
      return this;
    }

    /// The archive is the same for both. Default: arm64, which costs less.
    public Builder architecture(Architecture architecture) {
      props.architecture = architecture;
      return this;
    }

    /// Whether the functions that somebody waits for start from a snapshot. Default: they do.
    public Builder snapStart(boolean wanted) {
      props.snapStart = wanted;
      return this;
    }

    /// In MB. Default: 512; more only means a shorter cold start.
    public Builder executorMemory(int megabytes) {
      props.executorMemory = megabytes;
      return this;
    }

    /// What one attempt may take; a longer statement goes on in the database. Default: 15 minutes.
    public Builder executorTimeout(Duration timeout) {
      props.executorTimeout = timeout;
      return this;
    }

    /// How long an attempt stays with a statement before it leaves it to the database, unless the
    /// migration says otherwise. Default: 1 minute.
    public Builder detachAfter(Duration stay) {
      props.detachAfter = stay;
      return this;
    }

    /// How many migrations may run at the same time, each with two connections. Default: 5.
    public Builder executorConcurrency(int migrations) {
      props.executorConcurrency = migrations;
      return this;
    }

    /// Whether that much is taken out of the account's pool for the executor alone. Default: no.
    public Builder reserveConcurrency(boolean wanted) {
      props.reserveConcurrency = wanted;
      return this;
    }

    /// Of the functions' logs; what happened to a migration stands in the journal. Default: a
    /// month.
    public Builder logRetention(RetentionDays retention) {
      props.logRetention = retention;
      return this;
    }

    /// How long the journal keeps the transitions of a migration that has ended, at least 30 days;
    /// the migration and its last transition stay. Default: 0, for good.
    public Builder historyRetentionDays(int days) {
      props.historyRetentionDays = days;
      return this;
    }

    /// Seven CloudWatch alarms, which docs/console.md explains one by one. Default: they are made.
    public Builder alarms(boolean wanted) {
      props.alarms = wanted;
      return this;
    }

    /// An address that is written to when an alarm begins or ends, by a topic of its own. Default:
    /// none.
    public Builder alarmEmail(String address) {
      props.alarmEmail = address;
      return this;
    }

    /// A topic that is told of the same; its policy, and its key's, have to let in CloudWatch.
    /// Default: none.
    public Builder alarmTopic(ITopic topic) {
      props.alarmTopic = topic;
      return this;
    }

    /// A CloudWatch dashboard with the migrations, their metrics, the queues and the alarms.
    /// Default: none, since it costs 3 USD a month beyond the account's first three.
    public Builder dashboard(boolean wanted) {
      props.dashboard = wanted;
      return this;
    }

    /// Shared events for the Test tab of the Lambda console. Default: none.
    public Builder testEvents(TestEventRegistry registry) {
      props.testEvents = registry;
      return this;
    }

    /// What limits every role. Default: none.
    public Builder permissionsBoundary(IManagedPolicy boundary) {
      props.permissionsBoundary = boundary;
      return this;
    }

    /// For the queues, the logs, and the functions' environment and snapshots. Its policy has to
    /// let in CloudWatch Logs and EventBridge. Default: keys that AWS manages.
    public Builder encryptionKey(IKey key) {
      props.encryptionKey = key;
      return this;
    }

    /// What the archive has to satisfy. Default: none.
    public Builder codeSigningConfig(ICodeSigningConfig config) {
      props.codeSigningConfig = config;
      return this;
    }

    public LonghaulProps build() {
      LonghaulProps built = props;
      props = new LonghaulProps();
      return built;
    }
  }
}
