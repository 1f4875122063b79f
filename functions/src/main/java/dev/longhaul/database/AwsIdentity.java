package dev.longhaul.database;

import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/// What a function can get at because of who it is. Nothing is created before it is needed: most
/// deployments use one of the two.
public final class AwsIdentity {
  /// The caller waits for a refusal that says what is wrong, and a function's time is short: the
  /// SDK's own limits come to two minutes where the network swallows what is sent.
  private static final Duration TO_READ_A_SECRET = Duration.ofSeconds(10);

  private final String region;
  private @Nullable SecretsManagerClient secrets;

  public AwsIdentity(String region) {
    this.region = region;
  }

  Credentials databaseToken(String host, int port, String user) {
    return new IamToken(
        host, port, user, region, DefaultCredentialsProvider.builder().build(), Clock.systemUTC());
  }

  synchronized String secret(String arn) {
    if (secrets == null) {
      secrets =
          SecretsManagerClient.builder()
              .region(Region.of(region))
              .httpClientBuilder(
                  UrlConnectionHttpClient.builder()
                      .connectionTimeout(Duration.ofSeconds(2))
                      .socketTimeout(Duration.ofSeconds(5)))
              .overrideConfiguration(override -> override.apiCallTimeout(TO_READ_A_SECRET))
              .build();
    }
    return secrets.getSecretValue(request -> request.secretId(arn)).secretString();
  }
}
