package dev.longhaul.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.longhaul.health.HealthLimits;
import dev.longhaul.health.Limit;
import dev.longhaul.migration.Refusal;
import dev.longhaul.testing.Database;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {
  /// Every character that means something in a URL, encoded and not.
  private static final String PASSWORD = "p@ss:w/o?r#d%+ &=ü'\"";

  private static final String ENCODED = "p%40ss%3Aw%2Fo%3Fr%23d%25+%20%26%3D%C3%BC%27%22";
  private static final AwsIdentity AWS = new AwsIdentity("us-east-1");

  private static URI server;
  private static String name;

  /// The cluster trusts its own machine, whatever the password; so the tests look at what is sent.
  @BeforeAll
  static void create() {
    server = URI.create(Database.create().url());
    name = server.getPath().substring(1);
  }

  private static Target main(Map<String, String> environment) {
    return Targets.fromEnvironment(environment, AWS).get("main");
  }

  private static Target url(String url) {
    return main(Map.of("DATABASE_URL", url));
  }

  private static String address() {
    return server.getHost() + ":" + server.getPort() + "/" + name;
  }

  /// `user@database application_name` of a connection.
  private static String ask(Target target) throws Exception {
    try (Connection connection = target.connect("longhaul:test");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select current_user || '@' || current_database() || ' ' ||"
                    + " current_setting('application_name')")) {
      row.next();
      return row.getString(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://postgres@ADDRESS",
        "postgres://postgres:secret@ADDRESS?sslmode=prefer",
        "postgresql://postgres:ENCODED@ADDRESS?connectTimeout=5&sslmode=disable",
        "jdbc:postgresql://ADDRESS?user=postgres",
        "jdbc:postgresql://ADDRESS?user=postgres&password=ENCODED&sslmode=disable"
      })
  void readsUrlsInEveryForm(String url) throws Exception {
    Target target = url(url.replace("ADDRESS", address()).replace("ENCODED", ENCODED));

    assertThat(ask(target)).isEqualTo("postgres@" + name + " longhaul:test");
    assertThat(target.dialect()).isEqualTo(Dialect.POSTGRESQL);
    assertThat(target.toString()).contains("127.0.0.1").doesNotContain("secret", "p@ss");
  }

  @Test
  void readsSqliteUrls() {
    assertThat(url("jdbc:sqlite:/tmp/x.db"))
        .isEqualTo(new SqliteTarget("main", "jdbc:sqlite:/tmp/x.db"));
  }

  @Test
  void takesTheUsersNameForADatabaseThatIsNotNamed() {
    assertThat(
            catchThrowable(
                () ->
                    url("postgresql://nobody_of_that_name@127.0.0.1:" + server.getPort())
                        .connect("x")))
        .hasMessageContaining("role \"nobody_of_that_name\" does not exist");
  }

  @Test
  void readsSeveralTargets() throws Exception {
    Targets targets =
        Targets.fromEnvironment(
            Map.of(
                "DATABASE_URL",
                "ignored",
                "DATABASE_TARGETS",
                """
                {"main": {"url": "postgresql://postgres@%s"},
                 "iam": {"host": "db.example.com", "port": 5433, "name": "app", "user": "app"},
                 "secret": {"secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:x",
                            "host": "writer.example.com"}}
                """
                    .formatted(address())),
            AWS);

    assertThat(targets.names()).containsExactly("iam", "main", "secret");
    assertThat(ask(targets.get("main"))).startsWith("postgres@" + name);
    assertThat(targets.get("iam")).hasToString("PostgresTarget[iam at db.example.com:5433]");
    assertThat(targets.get("secret"))
        .hasToString("PostgresTarget[secret at writer.example.com:5432]");
  }

  @Test
  void readsSingleVariables() {
    assertThat(
            main(
                Map.of(
                    "DATABASE_HOST", "db.example.com",
                    "DATABASE_PORT", "5433",
                    "DATABASE_NAME", "app",
                    "DATABASE_USER", "app",
                    "DATABASE_URL", "  ",
                    "DATABASE_TARGETS", "")))
        .hasToString("PostgresTarget[main at db.example.com:5433]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "db.example.com:5432/app?password=hunter2",
        "mysql://app:hunter2@db.example.com/app",
        "postgresql://app:hun#hunter2@db.example.com/app",
        "postgresql://app:hunter2%zz@db.example.com/app",
        "postgresql://app:hunter2 @db.example.com/app",
        "postgresql://app:hunter2@[db.example.com/app",
        "postgresql://app:hunter2@db.example.com:port/app",
        "postgresql://app:hunter2@db.example.com:99999/app",
        "jdbc:postgresql://db.example.com:x/app?user=app&password=hunter2",
        "jdbc:mysql://db.example.com/app?password=hunter2",
        "postgresql://:hunter2@db.example.com/app",
        "jdbc:postgresql://db.example.com/app?password=hunter2"
      })
  void refusesUrlsWithoutQuotingThem(String url) {
    assertRefused(Map.of("DATABASE_URL", url));
    assertRefused(Map.of("DATABASE_TARGETS", "{\"main\": {\"url\": \"" + url + "\"}}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2",
        "{\"main\": {\"url\": \"hunter2\"",
        "[\"hunter2\"]",
        "{}",
        "{\"main\": \"postgresql://app:hunter2@db.example.com/app\"}",
        "{\"main\": {}}",
        "{\"main\": null}",
        "{\"main\": {\"url\": \"postgresql://a:hunter2@b/c\", \"pasword\": \"hunter2\"}}",
        "{\"main\": {\"host\": \"db.example.com\", \"name\": \"app\"}}",
        "{\"main\": {\"host\": \"db.example.com\", \"user\": \"app\", \"port\": \"hunter2\"}}",
        "{\"main\": {\"host\": \"db.example.com\", \"user\": \"app\", \"port\": 0}}",
        "{\"main\": {\"host\": \"db.example.com\", \"user\": \"app\", \"port\": 65536}}",
        "{\"main\": {\"host\": [\"hunter2\"], \"user\": \"app\"}}",
        "{\"main\": {\"url\": {\"hunter2\": 1}}}",
        "{\"main\": {\"url\": \"postgresql://a@b/c\", \"health\": \"hunter2\"}}",
        "{\"main\": {\"url\": \"postgresql://a@b/c\", \"health\": {\"vcpus\": \"hunter2\"}}}"
      })
  void refusesTargetsWithoutQuotingThem(String targets) {
    assertRefused(Map.of("DATABASE_TARGETS", targets));
  }

  @Test
  void refusesSingleVariablesThatMakeNoSense() {
    assertRefused(Map.of());
    assertRefused(Map.of("DATABASE_HOST", "db.example.com"));
    assertRefused(Map.of("DATABASE_USER", "app", "DATABASE_NAME", "app"));
    assertRefused(
        Map.of(
            "DATABASE_HOST", "db.example.com", "DATABASE_USER", "app", "DATABASE_PORT", "hunter2"));
  }

  private static void assertRefused(Map<String, String> environment) {
    assertThat(catchThrowable(() -> Targets.fromEnvironment(environment, AWS)))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.kind()).isEqualTo(Refusal.Kind.TargetUnavailable);
              assertThat(refusal).message().isNotBlank().doesNotContain("hunter2");
              assertThat(refusal.getCause()).isNull();
            });
  }

  private static HealthLimits health(Targets targets, String name) {
    return ((PostgresTarget) targets.get(name)).health();
  }

  @Test
  void laysATargetsHealthOverThatOfAll() {
    Targets targets =
        Targets.fromEnvironment(
            Map.of(
                "DATABASE_HEALTH",
                "{\"vcpus\": 4, \"blocked_sessions\": 0}",
                "DATABASE_TARGETS",
                """
                {"main": {"url": "postgresql://u@h/n"},
                 "audit": {"url": "postgresql://u@h/m",
                           "health": {"vcpus": 64, "replica_lag_seconds": [1, 2, 3]}}}
                """),
            AWS);

    assertThat(health(targets, "main").vcpus()).isEqualTo(4);
    assertThat(health(targets, "main").replicaLagSeconds())
        .isEqualTo(HealthLimits.DEFAULT.replicaLagSeconds());
    assertThat(health(targets, "audit").vcpus()).isEqualTo(64);
    assertThat(health(targets, "audit").replicaLagSeconds()).isEqualTo(new Limit(1, 2, 3));
    assertThat(health(targets, "audit").blockedSessions()).isEqualTo(Limit.OFF);
    assertThat(
            health(
                Targets.fromEnvironment(Map.of("DATABASE_URL", "postgresql://u@h/n"), AWS), "main"))
        .isEqualTo(HealthLimits.DEFAULT);
  }

  @Test
  void refusesHealthByName() {
    assertThat(
            catchThrowable(
                () ->
                    main(
                        Map.of(
                            "DATABASE_URL",
                            "postgresql://u@h/n",
                            "DATABASE_HEALTH",
                            "{\"lag\": 1, \"vcpus\": 0}"))))
        .hasMessageContaining("DATABASE_HEALTH: vcpus: must be a whole number")
        .hasMessageContaining("lag: is no field");
    assertThat(
            catchThrowable(
                () ->
                    main(
                        Map.of(
                            "DATABASE_TARGETS",
                            "{\"main\": {\"url\": \"postgresql://u@h/n\", \"health\": {\"lag\":"
                                + " 1}}}"))))
        .hasMessageContaining("DATABASE_TARGETS: target \"main\": health.lag: is no field");
    assertRefused(Map.of("DATABASE_URL", "postgresql://u@h/n", "DATABASE_HEALTH", "hunter2"));
    assertRefused(Map.of("DATABASE_URL", "postgresql://u@h/n", "DATABASE_HEALTH", "[1]"));
  }

  @Test
  void takesANullForAnAbsentField() {
    Targets targets =
        Targets.fromEnvironment(
            Map.of(
                "DATABASE_TARGETS",
                "{\"main\": {\"host\": \"db.example.com\", \"port\": null, \"user\": \"app\","
                    + " \"url\": null}}"),
            AWS);

    assertThat(targets.get("main")).hasToString("PostgresTarget[main at db.example.com:5432]");
  }

  @Test
  void doesNotRepeatThePasswordWhenTheServerIsDown() {
    assertThat(
            catchThrowable(
                () -> url("postgresql://app:" + ENCODED + "@127.0.0.1:1/app").connect("longhaul")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("127.0.0.1:1")
        .hasMessageContaining("08001")
        .hasMessageNotContainingAny(PASSWORD, ENCODED);
  }

  @Test
  void setsSessionsUpForLongWork() throws Exception {
    Database database = Database.create();
    database.execute(
        "alter database %s set statement_timeout = '1s'"
            .formatted(URI.create(database.url()).getPath().substring(1)));
    try (Connection connection = url(database.url()).connect("longhaul");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select current_setting('statement_timeout') || ' ' || current_setting('lock_timeout')
                  || ' ' || current_setting('client_connection_check_interval')
                  || ' ' || current_setting('standard_conforming_strings')
                """)) {
      row.next();
      assertThat(row.getString(1)).isEqualTo("0 0 0 on");
    }
  }
}
