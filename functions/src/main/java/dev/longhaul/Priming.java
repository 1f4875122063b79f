package dev.longhaul;

import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.client.builder.SdkSyncClientBuilder;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/// Loads, before Lambda takes the snapshot of a function, the classes that its first call needs.
///
/// In the constructor, where the variable says that a snapshot will be taken, and not in a
/// `beforeCheckpoint` hook: that would need the library `org.crac` for a moment that the end of the
/// constructor is as well. Nothing needs a hook after the restore either, since nothing is kept
/// that could have grown old: no connection, no secret, no credential
/// (<https://docs.aws.amazon.com/lambda/latest/dg/snapstart-best-practices.html>).
public final class Priming {
  /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
  private static final String INITIALIZATION_TYPE = "AWS_LAMBDA_INITIALIZATION_TYPE";

  /// Where nothing listens: a connection is refused at once, by the machine itself.
  private static final URI NOWHERE = URI.create("http://127.0.0.1:1");

  private Priming() {}

  public static boolean isWanted(Map<String, String> environment) {
    return "snap-start".equals(environment.get(INITIALIZATION_TYPE));
  }

  /// Calls PostgreSQL, SQS, EventBridge and Secrets Manager where none of them is, by clients of
  /// its own: all that is not the network happens, and nothing of it is kept.
  public static void callNobody() {
    refused(Priming::connect);
    try (SdkHttpClient http = UrlConnectionHttpClient.create();
        SqsClient sqs = client(SqsClient.builder(), http);
        EventBridgeClient events = client(EventBridgeClient.builder(), http);
        SecretsManagerClient secrets = client(SecretsManagerClient.builder(), http)) {
      refused(
          () ->
              sqs.sendMessageBatch(
                  batch ->
                      batch
                          .queueUrl(NOWHERE + "/000000000000/nobody")
                          .entries(
                              SendMessageBatchRequestEntry.builder()
                                  .id("0")
                                  .messageBody("{}")
                                  .delaySeconds(0)
                                  .build())));
      refused(
          () ->
              events.putEvents(
                  put ->
                      put.entries(
                          PutEventsRequestEntry.builder()
                              .source("nobody")
                              .detailType("nobody")
                              .detail("{}")
                              .build())));
      refused(() -> events.enableRule(rule -> rule.name("nobody")));
      refused(() -> secrets.getSecretValue(secret -> secret.secretId("nobody")));
    }
  }

  private static @Nullable Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("PGHOST", NOWHERE.getHost());
    properties.setProperty("PGPORT", Integer.toString(NOWHERE.getPort()));
    properties.setProperty("PGDBNAME", "nobody");
    properties.setProperty("user", "nobody");
    return new Driver().connect("jdbc:postgresql:///", properties);
  }

  private static <B extends SdkSyncClientBuilder<B, C> & AwsClientBuilder<B, C>, C> C client(
      B builder, SdkHttpClient http) {
    return builder
        .region(Region.US_EAST_1)
        .endpointOverride(NOWHERE)
        .httpClient(http)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("nobody", "nobody")))
        .build();
  }

  private static void refused(Callable<?> call) {
    try {
      call.call();
    } catch (SdkClientException | SQLException expected) {
      return;
    } catch (Exception e) {
      throw new IllegalStateException("not the refusal that was expected", e);
    }
    throw new IllegalStateException("somebody answers at " + NOWHERE);
  }
}
