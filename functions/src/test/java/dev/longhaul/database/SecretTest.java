package dev.longhaul.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.longhaul.health.HealthLimits;
import dev.longhaul.migration.Refusal;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Passwords;
import dev.longhaul.testing.PlantedCanary;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/// Against a server that really asks for the password: `pg_hba.conf` wants SCRAM for one role.
class SecretTest {
  private static final String ARN =
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:app-Ab1Cd2";
  private static final String ROLE = "app_with_password";

  private static final String FIRST = PlantedCanary.PASSWORD + "-1";
  private static final String SECOND = PlantedCanary.PASSWORD + "-2";

  private final Database database = Database.create();
  private final List<String> fetched = new ArrayList<>();
  private String stored = "";

  @BeforeEach
  void askForPasswords() throws IOException {
    Passwords.ask(database, ROLE, FIRST);
    stored = secret(FIRST);
  }

  private String secret(String password) {
    URI url = URI.create(database.url());
    return """
    {"username": "%s", "password": "%s", "engine": "postgres", "host": "%s", "port": %d, "dbname": "%s"}
    """
        .formatted(ROLE, password, url.getHost(), url.getPort(), url.getPath().substring(1));
  }

  private Target target() {
    return new PostgresTarget(
        "main",
        new Properties(),
        new Secret(
            ARN,
            arn -> {
              fetched.add(arn);
              return stored;
            }),
        false,
        HealthLimits.DEFAULT);
  }

  private static void connect(Target target) throws Exception {
    try (Connection connection = target.connect("longhaul")) {
      assertThat(connection.getMetaData().getUserName()).isEqualTo(ROLE);
    }
  }

  @Test
  void isFetchedOnceForManyConnections() throws Exception {
    Target target = target();
    connect(target);
    connect(target);

    assertThat(fetched).containsExactly(ARN);
  }

  @Test
  void isFetchedOnceMoreAfterARotation() throws Exception {
    Target target = target();
    connect(target);
    database.execute("alter role " + ROLE + " password '" + SECOND + "'");
    stored = secret(SECOND);
    connect(target);
    connect(target);

    assertThat(fetched).containsExactly(ARN, ARN);
  }

  @Test
  void isFetchedOnlyOnceMoreWhenItStaysWrong() {
    stored = secret("hunter2");

    assertThat(catchThrowable(() -> target().connect("longhaul")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("28P01")
        .hasMessageContaining("check the user and its password")
        .hasMessageNotContaining("hunter2");
    assertThat(fetched).hasSize(2);
  }

  @Test
  void isNotFetchedAgainForAnyOtherError() {
    stored = secret(FIRST).replaceAll("\"dbname\": \"[^\"]*\"", "\"dbname\": \"no_such_database\"");

    assertThat(catchThrowable(() -> target().connect("longhaul")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("3D000");
    assertThat(fetched).hasSize(1);
  }

  /// The other way to a password, on the same server that asks for one.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://ROLE:p%40ss%3Aw%2Fo%3Fr%23d%25+%20%26%3D%C3%BC@ADDRESS",
        "postgresql://ADDRESS?user=ROLE&password=p%40ss%3Aw%2Fo%3Fr%23d%25%2B%20%26%3D%C3%BC",
        "jdbc:postgresql://ADDRESS?user=ROLE&password=p%40ss%3Aw%2Fo%3Fr%23d%25%2B%20%26%3D%C3%BC"
      })
  void isNotNeededWhereTheUrlHoldsThePassword(String url) throws Exception {
    database.execute("alter role " + ROLE + " password 'p@ss:w/o?r#d%+ &=ü'");
    URI server = URI.create(database.url());
    String address = "127.0.0.1:" + server.getPort() + server.getPath();

    connect(
        Targets.fromEnvironment(
                Map.of("DATABASE_URL", url.replace("ROLE", ROLE).replace("ADDRESS", address)),
                new AwsIdentity("us-east-1"))
            .get("main"));
  }

  @Test
  void yieldsToWhatTheConfigurationSays() {
    Properties properties = new Properties();
    properties.setProperty("PGHOST", "writer.example.com");
    new Secret(ARN, arn -> stored).addTo(properties);

    assertThat(properties)
        .containsEntry("PGHOST", "writer.example.com")
        .containsEntry("user", ROLE)
        .containsEntry("password", FIRST);
  }

  /// Through the SDK, and with a URL that names the server alone.
  @Test
  void isReadFromSecretsManagerAndFillsInWhatTheUrlLeavesOut() throws Exception {
    HttpServer manager =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    manager.createContext(
        "/",
        exchange -> {
          fetched.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          ObjectNode answer = new ObjectMapper().createObjectNode().put("SecretString", stored);
          byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    manager.start();
    Map<String, String> properties =
        Map.of(
            "aws.endpointUrlSecretsManager",
            "http://127.0.0.1:" + manager.getAddress().getPort(),
            "aws.accessKeyId",
            "test",
            "aws.secretAccessKey",
            PlantedCanary.SECRET_KEY);
    properties.forEach(System::setProperty);
    try {
      String url = "postgresql://127.0.0.1:%d".formatted(URI.create(database.url()).getPort());
      connect(
          Targets.fromEnvironment(
                  Map.of("DATABASE_URL", url, "DATABASE_SECRET_ARN", ARN),
                  new AwsIdentity("us-east-1"))
              .get("main"));
    } finally {
      System.clearProperty("aws.endpointUrlSecretsManager");
      manager.stop(0);
    }
    assertThat(fetched).containsExactly("{\"SecretId\":\"" + ARN + "\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2",
        "{\"username\": \"app\"}",
        "{\"password\": \"hunter2\"}",
        "[\"hunter2\"]",
        "",
        "{\"username\": 1, \"password\": \"hunter2\"}"
      })
  void isRefusedWithoutBeingQuoted(String text) {
    stored = text;

    assertThat(catchThrowable(() -> target().connect("longhaul")))
        .isInstanceOf(Refusal.class)
        .hasNoCause()
        .hasMessageContaining(ARN)
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void saysWhyItCannotBeRead() {
    Secret secret =
        new Secret(
            ARN,
            arn -> {
              throw ResourceNotFoundException.builder().message("not there").build();
            });

    assertThat(catchThrowable(() -> secret.addTo(new Properties())))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("ResourceNotFoundException")
        .hasMessageContaining("check the function's role");
  }
}
