package dev.longhaul.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say which functions a command talks to; a picocli mixin.
public final class Connection {
  @Option(
      names = "--stack",
      paramLabel = "NAME",
      description =
          "CloudFormation stack whose functions to call; by default LONGHAUL_STACK, or the local"
              + " stack of this directory.")
  private @Nullable String stack;

  @Option(
      names = "--endpoint-url",
      paramLabel = "URL",
      description =
          "Lambda API to call instead of AWS; by default AWS_ENDPOINT_URL_LAMBDA or"
              + " AWS_ENDPOINT_URL.")
  private @Nullable String endpointUrl;

  @Option(
      names = "--region",
      paramLabel = "REGION",
      description = "AWS region; by default what the AWS SDK finds (AWS_REGION, profile).")
  private @Nullable String region;

  public Functions open() {
    return Functions.at(Address.resolve(stack, endpointUrl, region, System.getenv(), Path.of("")));
  }
}
