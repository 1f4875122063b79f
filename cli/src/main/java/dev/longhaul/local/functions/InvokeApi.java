package dev.longhaul.local.functions;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.longhaul.local.http.Reply;
import dev.longhaul.local.http.Request;
import dev.longhaul.local.http.Route;
import dev.longhaul.local.template.LocalNames;
import java.net.URLDecoder;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/// Lambda's Invoke: `POST /2015-03-31/functions/{name or ARN}/invocations`. The payload reaches the
/// handler byte for byte, even one that is not JSON, so that the handler's own refusal is seen.
public final class InvokeApi implements Route {
  public static final String PREFIX = "/2015-03-31/functions/";

  private static final Pattern PATH = Pattern.compile(Pattern.quote(PREFIX) + "(.+)/invocations");

  /// Names may be an ARN, or a part of one, and may end in a version or an alias.
  private static final Pattern NAME =
      Pattern.compile("(?:.*:)?function:([^:]+)(?::[^:]+)?|([^:]+)(?::[^:]+)?");

  private static final int LONGEST_SYNCHRONOUS = 6_291_456;
  private static final int LONGEST_ASYNCHRONOUS = 1_048_576;
  private static final byte[] EMPTY = "{}".getBytes(UTF_8);

  private final LocalFunctions functions;

  public InvokeApi(LocalFunctions functions) {
    this.functions = functions;
  }

  @Override
  public Reply answer(Request request) {
    var path = PATH.matcher(request.path());
    if (!path.matches()) {
      return error(404, "UnknownOperationException", "the local stack only knows Invoke");
    }
    var name = name(URLDecoder.decode(path.group(1), UTF_8));
    if (!functions.has(name)) {
      return error(
          404, "ResourceNotFoundException", "Function not found: " + LocalNames.functionArn(name));
    }
    if (functions.isClosing()) {
      return error(503, "ServiceException", "the local stack is shutting down");
    }
    var type = request.header("X-Amz-Invocation-Type").orElse("RequestResponse");
    var payload = request.body().length == 0 ? EMPTY : request.body();
    return switch (type) {
      case "RequestResponse" ->
          payload.length > LONGEST_SYNCHRONOUS
              ? tooLarge(payload.length, type, LONGEST_SYNCHRONOUS)
              : invoke(name, payload, request.header("X-Amz-Log-Type").orElse("None"));
      case "Event" -> {
        if (payload.length > LONGEST_ASYNCHRONOUS) {
          yield tooLarge(payload.length, type, LONGEST_ASYNCHRONOUS);
        }
        functions.invokeLater(name, payload);
        yield empty(202);
      }
      case "DryRun" -> empty(204);
      default -> error(400, "InvalidParameterValueException", "unknown invocation type " + type);
    };
  }

  /// A name that is no name at all is its own, and will not be found.
  private static String name(String nameOrArn) {
    var match = NAME.matcher(nameOrArn);
    if (!match.matches()) {
      return nameOrArn;
    }
    return match.group(1) == null ? match.group(2) : match.group(1);
  }

  private Reply invoke(String name, byte[] payload, String logType) {
    var invocation = functions.invoke(name, payload);
    if (invocation.payload().length > LONGEST_SYNCHRONOUS) {
      return responseTooLarge(invocation);
    }
    var reply =
        Reply.json(200, invocation.payload())
            .with("x-amzn-RequestId", invocation.requestId())
            .with("X-Amz-Executed-Version", "$LATEST");
    if (invocation.failed()) {
      reply = reply.with("X-Amz-Function-Error", "Unhandled");
    }
    if (logType.equals("Tail")) {
      reply =
          reply.with("X-Amz-Log-Result", Base64.getEncoder().encodeToString(invocation.logTail()));
    }
    return reply;
  }

  private static Reply responseTooLarge(Invocation invocation) {
    var error =
        JsonNodeFactory.instance
            .objectNode()
            .put(
                "errorMessage",
                "Response payload size exceeded maximum allowed payload size (%d bytes)."
                    .formatted(LONGEST_SYNCHRONOUS))
            .put("errorType", "Function.ResponseSizeTooLarge");
    return Reply.json(200, FunctionError.bytes(error))
        .with("x-amzn-RequestId", invocation.requestId())
        .with("X-Amz-Executed-Version", "$LATEST")
        .with("X-Amz-Function-Error", "Unhandled");
  }

  private static Reply empty(int status) {
    return new Reply(status, Map.of("x-amzn-RequestId", requestId()), new byte[0]);
  }

  private static Reply tooLarge(int length, String type, int limit) {
    return error(
        413,
        "RequestEntityTooLargeException",
        "%d byte payload is too large for the %s invocation type (limit %d bytes)"
            .formatted(length, type, limit));
  }

  private static Reply error(int status, String type, String message) {
    var body = JsonNodeFactory.instance.objectNode().put("Type", "User").put("Message", message);
    return Reply.json(status, body.toString().getBytes(UTF_8))
        .with("x-amzn-RequestId", requestId())
        .with("x-amzn-ErrorType", type);
  }

  private static String requestId() {
    return UUID.randomUUID().toString();
  }
}
