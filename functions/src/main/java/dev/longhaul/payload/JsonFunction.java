package dev.longhaul.payload;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.database.SqlState;
import dev.longhaul.journal.JournalFailure;
import dev.longhaul.logging.Log;
import dev.longhaul.migration.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A Lambda function from a JSON object to JSON. It reads the stream itself: the runtime's own
/// mapping to classes would cost start-up time and could not name the wrong fields.
public abstract class JsonFunction implements RequestStreamHandler {
  public static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  /// @throws Refusal for the caller's eyes
  protected abstract JsonNode handle(ObjectNode payload, Context context);

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    try (Log.Scope _ = Log.scope(invocation(context))) {
      JSON.writeValue(output, answer(input.readAllBytes(), context));
    }
  }

  private JsonNode answer(byte[] payload, Context context) {
    try {
      return handle(parse(payload), context);
    } catch (Refusal refusal) {
      // Not logged here: the runtime logs what is thrown.
      throw refusal.asFunctionError();
    } catch (RuntimeException failure) {
      throw logged(failure) instanceof Refusal refusal ? refusal.asFunctionError() : failure;
    }
  }

  /// Logs what went wrong, and answers a refusal if the caller shall see more of it than that it
  /// did.
  protected static RuntimeException logged(RuntimeException failure) {
    switch (failure) {
      case Refusal refusal -> Log.info("refused", Map.of("error_type", refusal.kind().name()));
      case JournalFailure journal -> {
        Log.error("the journal failed", journal, Map.of());
        if (SqlState.isRetryable(journal.sqlState())) {
          return Refusal.unavailable(
              "the target's database went away or was too busy (SQLSTATE %s): try again"
                  .formatted(journal.sqlState()));
        }
      }
      case RuntimeException bug -> Log.error("failed", bug, Map.of());
    }
    return failure;
  }

  /// The trace's id leads to the trace of a caller that has one. It is the caller's, so it costs
  /// nothing here.
  private static Map<String, String> invocation(Context context) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("function", context.getFunctionName());
    fields.put("request_id", context.getAwsRequestId());
    @Nullable String trace = context.getXrayTraceId();
    if (trace != null) {
      fields.put("xray_trace_id", trace);
    }
    return fields;
  }

  private static ObjectNode parse(byte[] payload) {
    try {
      if (JSON.readTree(payload) instanceof ObjectNode object) {
        return object;
      }
      throw Refusal.invalid("the payload must be a JSON object: { … }");
    } catch (JsonProcessingException e) {
      throw Refusal.invalid("the payload is not JSON: " + JsonProblem.of(e));
    } catch (IOException e) {
      throw Refusal.invalid("the payload is not JSON in UTF-8");
    }
  }
}
