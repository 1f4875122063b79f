package dev.longhaul.testing;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// An invocation.
///
/// @param remaining milliseconds
public record TestContext(IntSupplier remaining, String getInvokedFunctionArn) implements Context {
  private static final String ARN = "arn:aws:lambda:us-east-1:123456789012:function:test";

  public TestContext() {
    this(900_000);
  }

  /// With a time left that stays.
  public TestContext(int remainingTimeInMillis) {
    this(() -> remainingTimeInMillis, ARN);
  }

  /// With a time left that passes.
  public static TestContext of(Duration timeout) {
    long end = System.nanoTime() + timeout.toNanos();
    return new TestContext(() -> (int) ((end - System.nanoTime()) / 1_000_000), ARN);
  }

  /// With a time left that passes so many times as fast: one bounded wait, and none is left.
  public static TestContext hurried(int remainingTimeInMillis, int speed) {
    long begin = System.nanoTime();
    return new TestContext(
        () -> remainingTimeInMillis - (int) ((System.nanoTime() - begin) * speed / 1_000_000), ARN);
  }

  /// An invocation by an alias.
  public static TestContext by(String alias) {
    return new TestContext(() -> 900_000, ARN + ":" + alias);
  }

  @Override
  public int getRemainingTimeInMillis() {
    return remaining.getAsInt();
  }

  @Override
  public String getAwsRequestId() {
    return "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
  }

  @Override
  public String getXrayTraceId() {
    return "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=0";
  }

  @Override
  public String getLogGroupName() {
    return "/aws/lambda/test";
  }

  @Override
  public String getLogStreamName() {
    return "test";
  }

  @Override
  public String getFunctionName() {
    return "test";
  }

  @Override
  public String getFunctionVersion() {
    return "$LATEST";
  }

  @Override
  public @Nullable CognitoIdentity getIdentity() {
    return null;
  }

  @Override
  public @Nullable ClientContext getClientContext() {
    return null;
  }

  @Override
  public int getMemoryLimitInMB() {
    return 512;
  }

  @Override
  public LambdaLogger getLogger() {
    return new LambdaLogger() {
      @Override
      public void log(String message) {
        System.out.println(message);
      }

      @Override
      public void log(byte[] message) {
        log(new String(message, StandardCharsets.UTF_8));
      }
    };
  }
}
