package dev.longhaul.local.functions;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import dev.longhaul.local.template.FunctionDefinition;
import dev.longhaul.local.template.LocalNames;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One invocation as its function sees it. It is the function's logger as well.
final class LocalContext implements Context, LambdaLogger {
  private static final int LONGEST_TAIL = 4096;

  private final String requestId = UUID.randomUUID().toString();
  private final long started = System.nanoTime();
  private final FunctionDefinition function;
  private final FunctionLog log;
  private byte[] tail = {};

  LocalContext(FunctionDefinition function, FunctionLog log) {
    this.function = function;
    this.log = log;
  }

  @Override
  public synchronized void log(String message) {
    log.line(message);
    var line = (message.stripTrailing() + "\n").getBytes(UTF_8);
    var all = Arrays.copyOf(tail, tail.length + line.length);
    System.arraycopy(line, 0, all, tail.length, line.length);
    tail = Arrays.copyOfRange(all, Math.max(0, all.length - LONGEST_TAIL), all.length);
  }

  @Override
  public void log(byte[] message) {
    log(new String(message, UTF_8));
  }

  synchronized byte[] tail() {
    return tail.clone();
  }

  @Override
  public String getAwsRequestId() {
    return requestId;
  }

  @Override
  public String getLogGroupName() {
    return "/aws/lambda/" + function.name();
  }

  @Override
  public String getLogStreamName() {
    return "local";
  }

  @Override
  public String getFunctionName() {
    return function.name();
  }

  @Override
  public String getFunctionVersion() {
    return "$LATEST";
  }

  @Override
  public String getInvokedFunctionArn() {
    return LocalNames.functionArn(function.name());
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
  public int getRemainingTimeInMillis() {
    var remaining = function.timeout().minus(Duration.ofNanos(System.nanoTime() - started));
    return Math.toIntExact(Math.max(0, remaining.toMillis()));
  }

  @Override
  public int getMemoryLimitInMB() {
    return function.memoryMegabytes();
  }

  @Override
  public LambdaLogger getLogger() {
    return this;
  }
}
