package dev.longhaul.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.PlantedCanary;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.TcpProxy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/// A database whose password is in Secrets Manager, and outages of that.
@Tag("fault")
@ParameterizedClass(name = "{0}")
@MethodSource("dev.longhaul.scenario.Endpoints#all")
class SecretTest {
  /// Where the functions find Secrets Manager: the SDK's own setting, which is the process's.
  private static final String SETTING = "aws.endpointUrlSecretsManager";

  private final Endpoint endpoint;

  SecretTest(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @ParameterizedTest
  @EnumSource
  void theTargetIsUnavailableWithoutItsSecretUntilSecretsManagerIsBack(Outage outage) {
    URI secrets = endpoint.require().secrets();
    endpoint.require(Feature.SECRETS);
    Database database = Database.create();
    String arn = createSecret(secrets, database);
    try (TcpProxy way = TcpProxy.to(secrets)) {
      System.setProperty(SETTING, way.endpoint());
      Map<String, String> environment = Map.of("DATABASE_URL", "", "DATABASE_SECRET_ARN", arn);
      try (Stack stack = new Stack(endpoint, database, environment)) {
        outage.breakWay(way);
        Instant begin = Instant.now();
        Refused.by(() -> stack.functions.register("0001_a", "select 1", ""))
            .is("TargetUnavailable", arn);
        assertThat(Duration.between(begin, Instant.now())).isLessThan(Outage.IN_TIME);

        way.pass();
        stack.functions.register("0001_a", "select 1", "");
        stack.deliverUntil("0001_a", "FINISHED");
      }
    } finally {
      System.clearProperty(SETTING);
    }
  }

  private static String createSecret(URI endpoint, Database database) {
    URI url = URI.create(database.url());
    ObjectNode secret =
        JsonFunction.JSON
            .createObjectNode()
            .put("username", "postgres")
            .put("password", PlantedCanary.PASSWORD)
            .put("host", url.getHost())
            .put("port", url.getPort())
            .put("dbname", url.getPath().substring(1));
    try (SecretsManagerClient client =
        SecretsManagerClient.builder()
            .endpointOverride(endpoint)
            .region(Region.US_EAST_1)
            .credentialsProvider(Stack.CREDENTIALS)
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build()) {
      return client
          .createSecret(
              request ->
                  request
                      .name(url.getPath().substring(1) + "-" + System.nanoTime())
                      .secretString(secret.toString()))
          .arn();
    }
  }
}
