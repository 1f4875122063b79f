package dev.longhaul.local.functions;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Locale;

/// The description of a function's error, as the Lambda runtime client for Java makes it
/// (`LambdaErrorConverter`, `UserFault`) and Lambda hands it to the caller.
final class FunctionError {
  private static final String OUR_OWN_FRAMES = FunctionError.class.getPackageName() + ".";

  private FunctionError() {}

  static ObjectNode of(Throwable thrown) {
    var message = thrown.getLocalizedMessage();
    var error =
        JsonNodeFactory.instance
            .objectNode()
            .put("errorMessage", message == null ? thrown.getClass().getName() : message)
            .put("errorType", thrown.getClass().getName());
    var trace = error.putArray("stackTrace");
    for (var frame : thrown.getStackTrace()) {
      if (frame.getClassName().startsWith(OUR_OWN_FRAMES)) {
        break;
      }
      trace.add(frame.toString());
    }
    return error;
  }

  static ObjectNode timedOut(String requestId, Duration timeout) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("errorType", "Sandbox.Timedout")
        .put(
            "errorMessage",
            "RequestId: %s Error: Task timed out after %s seconds"
                .formatted(requestId, seconds(timeout)));
  }

  private static String seconds(Duration timeout) {
    return String.format(Locale.ROOT, "%.2f", timeout.toMillis() / 1000.0);
  }

  static byte[] bytes(ObjectNode error) {
    return error.toString().getBytes(UTF_8);
  }
}
