package dev.longhaul.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.LambdaClientBuilder;
import software.amazon.awssdk.services.lambda.model.GetFunctionConfigurationResponse;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.LambdaException;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;
import software.amazon.awssdk.services.lambda.model.ResourceNotReadyException;
import software.amazon.awssdk.services.lambda.model.SnapStartNotReadyException;

/// The functions, called synchronously through the Lambda API.
///
/// With a loopback endpoint, credentials and region that are configured nowhere are made up: the
/// local stack checks neither.
public final class Functions implements AutoCloseable {
  public static final String REGISTRATION = "RegistrationFunction";
  public static final String TRIGGER = "TriggerFunction";
  public static final String CONTROL = "ControlFunction";
  static final String EXECUTOR = "ExecutorFunction";

  /// Longer than any of these functions may run, so that no call is given up and sent again while
  /// the first one is still at work.
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(5);

  /// How long to wait for the snapshot of a function that nobody has called for two weeks. Lambda
  /// refuses calls while it makes a new one
  /// (<https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html>).
  private static final Duration READY_TIMEOUT = Duration.ofMinutes(3);

  private static final Duration READY_PAUSE = Duration.ofSeconds(2);

  /// Lambda puts the request's id, a hash or a status around what a person needs to read.
  private static final Pattern SERVICE_DETAILS = Pattern.compile(" \\(Service: .*");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Address address;
  private final LambdaClient lambda;
  private @Nullable Duration skew;

  private Functions(Address address, LambdaClient lambda) {
    this.address = address;
    this.lambda = lambda;
  }

  /// Makes a client; connects to nothing yet.
  ///
  /// @throws Failure when no AWS region is configured and one is needed
  public static Functions at(Address address) {
    LambdaClientBuilder builder =
        LambdaClient.builder()
            .httpClient(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(Duration.ofSeconds(5))
                    .socketTimeout(ANSWER_TIMEOUT)
                    .build());
    configure(builder, address, address.endpoint());
    try {
      return new Functions(address, builder.build());
    } catch (SdkClientException e) {
      throw unreachable(address, e);
    }
  }

  private static <B extends AwsClientBuilder<B, C>, C> void configure(
      B builder, Address address, @Nullable URI endpoint) {
    if (endpoint != null) {
      builder.endpointOverride(endpoint);
    }
    if (address.region() != null) {
      builder.region(Region.of(address.region()));
    }
    if (address.isLoopback()) {
      builder.credentialsProvider(localCredentials());
      builder.overrideConfiguration(override -> override.retryStrategy(r -> r.maxAttempts(1)));
      if (address.region() == null) {
        builder.region(localRegion());
      }
    }
  }

  Address address() {
    return address;
  }

  /// A client of another service, with the same credentials and region.
  ///
  /// @param endpoint null for the one that the SDK finds
  <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> C client(
      B builder, @Nullable URI endpoint) {
    configure(builder, address, endpoint);
    return builder.httpClient(UrlConnectionHttpClient.create()).build();
  }

  /// Why a function cannot be called; empty if it can be. It is not run for that.
  String probe(String function) {
    try {
      lambda.invoke(
          request ->
              request
                  .functionName(address.functionName(function))
                  .invocationType(InvocationType.DRY_RUN));
      return "";
    } catch (LambdaException e) {
      return serviceMessage(e);
    } catch (SdkClientException e) {
      return String.valueOf(unreachable(address, e).getMessage());
    }
  }

  /// @param stateReason empty where all is well
  /// @param timeout in seconds
  /// @param reservedConcurrency null for none
  record Settings(
      String state, String stateReason, int timeout, @Nullable Integer reservedConcurrency) {}

  /// @throws software.amazon.awssdk.core.exception.SdkException if they cannot be read
  Settings settings(String function) {
    String name = address.functionName(function);
    GetFunctionConfigurationResponse configuration =
        lambda.getFunctionConfiguration(request -> request.functionName(name));
    @Nullable Integer reserved =
        lambda
            .getFunctionConcurrency(request -> request.functionName(name.replaceAll(":live$", "")))
            .reservedConcurrentExecutions();
    return new Settings(
        String.valueOf(configuration.stateAsString()),
        Objects.requireNonNullElse(configuration.stateReason(), ""),
        configuration.timeout(),
        reserved);
  }

  /// An answer, and how far this machine's clock is before that of the service; null if the service
  /// does not tell.
  record Timed(JsonNode answer, @Nullable Duration skew) {}

  /// As [#invoke].
  Timed invokeTimed(String function, JsonNode payload) {
    JsonNode answer = invoke(function, payload);
    return new Timed(answer, skew);
  }

  private static @Nullable Duration skew(InvokeResponse response) {
    return response
        .sdkHttpResponse()
        .firstMatchingHeader("Date")
        .map(
            date ->
                Duration.between(
                    Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)), Instant.now()))
        .orElse(null);
  }

  /// Calls a function and waits for its answer.
  ///
  /// @param function its name in the contract, such as `RegistrationFunction`, without a stack's
  ///   name
  /// @throws Refusal when the function answered an error
  /// @throws Failure when there was no answer
  public JsonNode invoke(String function, JsonNode payload) {
    InvokeResponse response;
    try {
      byte[] body = JSON.writeValueAsBytes(payload);
      response = invokeWhenReady(address.functionName(function), body);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    } catch (ResourceNotFoundException e) {
      throw new Failure(
          Failure.FAILED,
          "there is no function %s at %s; %s"
              .formatted(
                  address.functionName(function),
                  address.describe(),
                  address.isLoopback() && address.stack() != null
                      ? "the local stack takes no --stack (or LONGHAUL_STACK)"
                      : "check --stack and --region"),
          e);
    } catch (LambdaException e) {
      throw new Failure(Failure.FAILED, address.describe() + ": " + serviceMessage(e), e);
    } catch (SdkClientException e) {
      throw unreachable(address, e);
    }
    skew = skew(response);
    JsonNode answer = read(function, response);
    if (response.functionError() != null) {
      throw new Refusal(
          answer.path("errorType").asText(response.functionError()),
          answer.path("errorMessage").asText("the function failed and says no more"));
    }
    return answer;
  }

  private InvokeResponse invokeWhenReady(String name, byte[] body) {
    long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
    while (true) {
      try {
        return lambda.invoke(
            request -> request.functionName(name).payload(SdkBytes.fromByteArrayUnsafe(body)));
      } catch (SnapStartNotReadyException | ResourceNotReadyException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        pause(e);
      }
    }
  }

  private static void pause(LambdaException reason) {
    try {
      Thread.sleep(READY_PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw reason;
    }
  }

  @Override
  public void close() {
    lambda.close();
  }

  private JsonNode read(String function, InvokeResponse response) {
    try {
      return JSON.readTree(response.payload().asByteArrayUnsafe());
    } catch (IOException e) {
      throw new Failure(
          Failure.FAILED,
          "%s at %s answered something that is not JSON; is it one of Longhaul's functions?"
              .formatted(address.functionName(function), address.describe()),
          e);
    }
  }

  private static AwsCredentialsProviderChain localCredentials() {
    return AwsCredentialsProviderChain.of(
        SystemPropertyCredentialsProvider.create(),
        EnvironmentVariableCredentialsProvider.create(),
        ProfileCredentialsProvider.create(),
        StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")));
  }

  /// Without the last link of the SDK's own chain, which asks a metadata service that only exists
  /// on EC2 and takes seconds to find that out.
  private static Region localRegion() {
    try {
      Region region =
          new AwsRegionProviderChain(
                  new SystemSettingsRegionProvider(), new AwsProfileRegionProvider())
              .getRegion();
      return region == null ? Region.US_EAST_1 : region;
    } catch (SdkClientException notConfigured) {
      return Region.US_EAST_1;
    }
  }

  private static Failure unreachable(Address address, SdkClientException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
        return new Failure(
            Failure.FAILED,
            "nothing answers at %s; %s"
                .formatted(
                    address.describe(),
                    address.isLoopback()
                        ? "start it with ./longhaul local, or give --stack"
                        : "check --endpoint-url, --region and the network"),
            e);
      }
    }
    String message = String.valueOf(e.getMessage());
    if (message.contains("Unable to load region")) {
      return new Failure(
          Failure.USAGE, "no AWS region is configured; give --region, or set AWS_REGION", e);
    }
    if (message.contains("Unable to load credentials")) {
      return new Failure(
          Failure.FAILED,
          "no AWS credentials were found; log in with the aws command, or set AWS_PROFILE or"
              + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
          e);
    }
    return new Failure(Failure.FAILED, address.describe() + ": " + message, e);
  }

  private static String serviceMessage(LambdaException e) {
    Matcher details = SERVICE_DETAILS.matcher(String.valueOf(e.getMessage()));
    return details.replaceFirst("");
  }
}
