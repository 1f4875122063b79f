package dev.longhaul.database;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.health.HealthLimits;
import dev.longhaul.migration.Migration;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.Fields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/// The targets of a deployment, by name.
public final class Targets {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> FIELDS =
      Set.of("url", "host", "port", "name", "user", "secret_arn", "pooled");

  /// The one field whose value is an object.
  private static final String HEALTH = "health";

  private final Map<String, Target> targets;

  private Targets(Map<String, Target> targets) {
    this.targets = Collections.unmodifiableMap(targets);
  }

  /// Reads `DATABASE_TARGETS`, a JSON object of name → configuration; or else the one target `main`
  /// from `DATABASE_URL`, or from `DATABASE_HOST`, `DATABASE_PORT`, `DATABASE_NAME`,
  /// `DATABASE_USER` (with an IAM token) and `DATABASE_SECRET_ARN`. `pooled` (`DATABASE_POOLED`)
  /// says that a pooler stands before the server. `DATABASE_HEALTH` holds the limits of health for
  /// all targets, and a target's `health` lies over them.
  ///
  /// @throws Refusal `TargetUnavailable` if the configuration makes no sense; it never quotes a
  ///   value that may hold a password
  public static Targets fromEnvironment(Map<String, String> environment, AwsIdentity aws) {
    Map<String, Target> targets = new LinkedHashMap<>();
    HealthLimits health = health(environment.getOrDefault("DATABASE_HEALTH", ""));
    String several = environment.getOrDefault("DATABASE_TARGETS", "");
    if (several.isBlank()) {
      Map<String, String> fields = new LinkedHashMap<>();
      for (String field : FIELDS) {
        String value = environment.get("DATABASE_" + field.toUpperCase(java.util.Locale.ROOT));
        if (value != null && !value.isBlank()) {
          fields.put(field, value);
        }
      }
      targets.put(Migration.DEFAULT_TARGET, target(Migration.DEFAULT_TARGET, fields, health, aws));
    } else {
      readObject("DATABASE_TARGETS", several, "{\"main\": {\"url\": …}}")
          .properties()
          .forEach(
              entry ->
                  targets.put(
                      entry.getKey(),
                      target(entry.getKey(), fields(entry), health.merge(health(entry)), aws)));
      if (targets.isEmpty()) {
        throw Refusal.unavailable("DATABASE_TARGETS names no target: {\"main\": {\"url\": …}}");
      }
    }
    return new Targets(targets);
  }

  public SortedSet<String> names() {
    return new TreeSet<>(targets.keySet());
  }

  public java.util.Optional<Target> find(String name) {
    return java.util.Optional.ofNullable(targets.get(name));
  }

  /// @throws Refusal `InvalidMigration` if there is no such target
  public Target get(String name) {
    return find(name)
        .orElseThrow(
            () ->
                Refusal.invalid(
                    "target: \"%s\" is not configured here; one of %s, or add it to DATABASE_TARGETS"
                        .formatted(name, names())));
  }

  private static ObjectNode readObject(String variable, String json, String example) {
    try {
      if (JSON.readTree(json) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      // Falls through: the exception's message would quote the text, passwords and all.
    }
    throw Refusal.unavailable("%s is not a JSON object: %s".formatted(variable, example));
  }

  private static HealthLimits health(String json) {
    return json.isBlank()
        ? HealthLimits.DEFAULT
        : HealthLimits.DEFAULT.merge(
            health("DATABASE_HEALTH", readObject("DATABASE_HEALTH", json, "{\"vcpus\": 4}"), ""));
  }

  private static HealthLimits health(Map.Entry<String, JsonNode> target) {
    JsonNode health = target.getValue().path(HEALTH);
    if (health.isMissingNode() || health.isNull()) {
      return HealthLimits.NONE;
    }
    String place = "DATABASE_TARGETS: target \"%s\"".formatted(target.getKey());
    if (health instanceof ObjectNode object) {
      return health(place, object, HEALTH + ".");
    }
    throw Refusal.unavailable("%s: \"health\" must be an object: {\"vcpus\": 4}".formatted(place));
  }

  private static HealthLimits health(String place, ObjectNode object, String path) {
    List<String> problems = new ArrayList<>();
    HealthLimits limits = HealthLimits.read(new Fields(object, path, problems));
    if (!problems.isEmpty()) {
      throw Refusal.unavailable(place + ": " + String.join("; ", problems));
    }
    return limits;
  }

  private static Map<String, String> fields(Map.Entry<String, JsonNode> entry) {
    Map<String, String> fields = new LinkedHashMap<>();
    entry
        .getValue()
        .properties()
        .forEach(
            field -> {
              if (field.getKey().equals(HEALTH)) {
                return;
              }
              if (!FIELDS.contains(field.getKey())) {
                SortedSet<String> known = new TreeSet<>(FIELDS);
                known.add(HEALTH);
                throw Refusal.unavailable(
                    "DATABASE_TARGETS: target \"%s\" has an unknown field \"%s\"; known are %s"
                        .formatted(entry.getKey(), field.getKey(), known));
              }
              JsonNode value = field.getValue();
              if (value.isContainerNode()) {
                throw Refusal.unavailable(
                    "DATABASE_TARGETS: target \"%s\": \"%s\" must be a string or a number"
                        .formatted(entry.getKey(), field.getKey()));
              }
              if (!value.isNull()) {
                fields.put(field.getKey(), value.asText());
              }
            });
    return fields;
  }

  private static Target target(
      String name, Map<String, String> fields, HealthLimits health, AwsIdentity aws) {
    String url = fields.get("url");
    if (url != null && url.startsWith("jdbc:sqlite:")) {
      return new SqliteTarget(name, url);
    }
    Properties properties = url == null ? new Properties() : parse(name, url);
    put(properties, "PGHOST", fields.get("host"));
    put(properties, "PGPORT", port(name, fields.get("port")));
    put(properties, "PGDBNAME", fields.get("name"));
    put(properties, "user", fields.get("user"));
    boolean isPooled = isPooled(name, fields.get("pooled"));
    String secret = fields.get("secret_arn");
    if (secret != null) {
      return new PostgresTarget(
          name, properties, new Secret(secret, aws::secret), isPooled, health);
    }
    String host = properties.getProperty("PGHOST");
    String user = properties.getProperty("user");
    if (host == null || user == null) {
      throw Refusal.unavailable(
          "target \"%s\" is not configured: set DATABASE_URL, or DATABASE_SECRET_ARN, or DATABASE_HOST, DATABASE_NAME and DATABASE_USER"
              .formatted(name));
    }
    if (url != null) {
      return new PostgresTarget(name, properties, new Credentials.Fixed(), isPooled, health);
    }
    int port = Integer.parseInt(properties.getProperty("PGPORT", "5432"));
    return new PostgresTarget(
        name, properties, aws.databaseToken(host, port, user), isPooled, health);
  }

  private static boolean isPooled(String name, @Nullable String value) {
    if (value != null && !value.equals("true") && !value.equals("false")) {
      throw Refusal.unavailable("target \"%s\": pooled must be true or false".formatted(name));
    }
    return "true".equals(value);
  }

  private static @Nullable String port(String name, @Nullable String port) {
    if (port != null && !(port.matches("[0-9]{1,5}") && isPort(Integer.parseInt(port)))) {
      throw Refusal.unavailable(
          "target \"%s\": its port must be a number from 1 to 65535".formatted(name));
    }
    return port;
  }

  static boolean isPort(int port) {
    return 1 <= port && port <= 65_535;
  }

  private static void put(Properties properties, String key, @Nullable String value) {
    if (value != null) {
      properties.setProperty(key, value);
    }
  }

  private static Properties parse(String name, String url) {
    Properties properties =
        url.startsWith("jdbc:") ? Driver.parseURL(url, new Properties()) : DatabaseUri.parse(url);
    if (properties == null) {
      throw Refusal.unavailable(
          "target \"%s\": its URL is none that PostgreSQL or SQLite has: postgresql://user:password@host:5432/database"
              .formatted(name));
    }
    Properties copy = new Properties();
    properties
        .stringPropertyNames()
        .forEach(key -> copy.setProperty(key, properties.getProperty(key)));
    return copy;
  }
}
