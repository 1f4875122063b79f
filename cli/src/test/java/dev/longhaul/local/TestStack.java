package dev.longhaul.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/// Options and stock clients for a stack in a test.
final class TestStack {
  private TestStack() {}

  static LocalStackOptions options(Path state) {
    return LocalStackOptions.ephemeral(state).binaries(binaries()).template(template());
  }

  static Path binaries() {
    try {
      return Files.createDirectories(Path.of("target", "postgresql"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// For a stack of another process, which would unpack them into its state directory.
  static void shareBinaries(Path state) throws IOException {
    try (var unpacked = Files.list(binaries())) {
      for (var binaries : unpacked.toList()) {
        Files.createSymbolicLink(state.resolve(binaries.getFileName()), binaries.toAbsolutePath());
      }
    }
  }

  static Path template() {
    var file = Objects.requireNonNull(TestStack.class.getResource("/local-template.yaml"));
    return Path.of(URI.create(file.toString()));
  }

  static LambdaClient lambda(LocalStack stack) {
    return client(LambdaClient.builder(), stack.addresses().endpoint());
  }

  static LambdaClient lambda(String endpoint) {
    return client(LambdaClient.builder(), URI.create(endpoint));
  }

  static EventBridgeClient events(LocalStack stack) {
    return client(EventBridgeClient.builder(), stack.addresses().endpoint());
  }

  static SqsClient sqs(LocalStack stack) {
    return client(SqsClient.builder(), stack.addresses().queueEndpoint());
  }

  private static <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C client(
      B builder, URI endpoint) {
    return builder
        .endpointOverride(endpoint)
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
        .httpClient(UrlConnectionHttpClient.create())
        .build();
  }
}
