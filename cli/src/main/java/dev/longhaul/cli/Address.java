package dev.longhaul.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where the functions are.
///
/// @param endpoint of the Lambda API; null for the one that the SDK derives from the region
/// @param stack whose functions are meant: on AWS a function is called `STACK-NAME`; null for plain
///   names, as the local stack has them
/// @param region null for the one that the SDK finds by itself
public record Address(@Nullable URI endpoint, @Nullable String stack, @Nullable String region) {
  /// Written by the local stack into the directory that it was started in.
  static final Path LOCAL_STACK = Path.of(".longhaul", "stack.json");

  private static final String LOCAL_ENDPOINT = "http://127.0.0.1:9001";

  public static Address of(URI endpoint) {
    return new Address(endpoint, null, null);
  }

  /// Where the environment says, or a local stack in the working directory.
  ///
  /// @throws Failure when nothing says it
  public static Address fromEnvironment() {
    return resolve(null, null, null, System.getenv(), Path.of(""));
  }

  /// What was given on the command line wins over the environment, and both over a local stack in
  /// the working directory. AWS credentials alone are no address: without the name of a stack
  /// nothing says which functions are meant.
  static Address resolve(
      @Nullable String stack,
      @Nullable String endpoint,
      @Nullable String region,
      Map<String, String> environment,
      Path workingDirectory) {
    String givenStack = firstGiven(stack, environment.get("LONGHAUL_STACK"));
    String givenEndpoint =
        "true".equalsIgnoreCase(environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
            ? firstGiven(endpoint)
            : firstGiven(
                endpoint,
                environment.get("AWS_ENDPOINT_URL_LAMBDA"),
                environment.get("AWS_ENDPOINT_URL"));
    if (givenEndpoint != null) {
      return new Address(endpoint(givenEndpoint), givenStack, firstGiven(region));
    }
    if (givenStack != null) {
      return new Address(null, givenStack, firstGiven(region));
    }
    Path local = workingDirectory.resolve(LOCAL_STACK);
    if (Files.exists(local)) {
      return new Address(localEndpoint(local), null, firstGiven(region));
    }
    throw new Failure(
        Failure.USAGE,
        "say which functions to call: --stack NAME (or LONGHAUL_STACK) for a stack on AWS,"
            + " --endpoint-url URL for another Lambda API; ./longhaul local starts a stack here");
  }

  /// On AWS the alias, by which a function starts from its snapshot; a Lambda API elsewhere need
  /// not have one.
  String functionName(String function) {
    return stack == null ? function : stack + "-" + function + (endpoint == null ? ":live" : "");
  }

  boolean isLoopback() {
    if (endpoint == null || endpoint.getHost() == null) {
      return false;
    }
    String host = endpoint.getHost();
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || host.startsWith("127.")
        || host.equals("[::1]");
  }

  /// For messages: `http://127.0.0.1:9001`, `stack orders in eu-central-1`.
  String describe() {
    if (endpoint != null) {
      return endpoint.toString();
    }
    return "AWS" + (region == null ? "" : " " + region) + ", stack " + stack;
  }

  private static URI localEndpoint(Path file) {
    try {
      String endpoint = new ObjectMapper().readTree(file.toFile()).path("endpoint_url").asText("");
      return endpoint(endpoint.isEmpty() ? LOCAL_ENDPOINT : endpoint);
    } catch (JacksonException notJson) {
      // Half written by a stack that is just starting, or damaged: the usual address may still do.
      return URI.create(LOCAL_ENDPOINT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URI endpoint(String text) {
    try {
      URI uri = URI.create(text);
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (IllegalArgumentException notAnAddress) {
      // Falls through: the same answer as for an address without a host.
    }
    throw new Failure(
        Failure.USAGE,
        "the endpoint must be an address such as http://127.0.0.1:9001, not '" + text + "'");
  }

  private static @Nullable String firstGiven(@Nullable String... values) {
    for (String value : values) {
      if (value != null && !value.isBlank()) {
        return value.strip();
      }
    }
    return null;
  }
}
