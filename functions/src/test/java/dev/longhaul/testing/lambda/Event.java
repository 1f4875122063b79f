package dev.longhaul.testing.lambda;

import java.time.Duration;
import java.util.UUID;

/// One invocation as the Runtime API hands it out: a payload and its headers
/// (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).
///
/// @param timeout the function's, which makes `Lambda-Runtime-Deadline-Ms` when the event is handed
///   out; a function that has not answered by then is killed
/// @param traceId without one the runtime client's native part ends the process
public record Event(
    String payload, String requestId, Duration timeout, String functionArn, String traceId) {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  public static Event of(String payload) {
    return new Event(
        payload,
        UUID.randomUUID().toString(),
        TIMEOUT,
        "arn:aws:lambda:us-east-1:123456789012:function:test",
        "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0");
  }

  public Event withRequestId(String id) {
    return new Event(payload, id, timeout, functionArn, traceId);
  }

  public Event withTimeout(Duration duration) {
    return new Event(payload, requestId, duration, functionArn, traceId);
  }
}
