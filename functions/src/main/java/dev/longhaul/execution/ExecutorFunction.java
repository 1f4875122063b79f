package dev.longhaul.execution;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.Longhaul;
import dev.longhaul.doctor.Doctor;
import dev.longhaul.logging.Log;
import dev.longhaul.migration.Refusal;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.queue.Pointer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// Receives messages from SQS and answers which of them failed (a partial batch response,
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>). A message fails
/// if it is not ours, or if its target cannot be reached; the queue's redrive policy ends that.
/// What fails inside a migration is the journal's business and not the queue's.
///
/// Asked `{"action": "doctor"}`, it examines what its database user, of whom no other function has
/// the credentials, can do.
public final class ExecutorFunction extends JsonFunction {
  /// How soon a failed message comes back, times how often it has been received.
  private static final Duration RETURN = Duration.ofSeconds(2);

  private final Longhaul longhaul;
  private final Executor executor;

  public ExecutorFunction() {
    this(Longhaul.fromEnvironment(System.getenv()));
  }

  public ExecutorFunction(Longhaul longhaul) {
    this.longhaul = longhaul;
    this.executor =
        new Executor(longhaul, new Backoff(() -> ThreadLocalRandom.current().nextLong()));
  }

  @Override
  protected JsonNode handle(ObjectNode event, Context context) {
    if (Doctor.isAsked(event)) {
      return new Doctor(longhaul, Doctor.User.RUNNER).answer(event);
    }
    if (!event.path("Records").isArray()) {
      throw Refusal.invalid("Records: must be the list of messages that SQS sends");
    }
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode failures = answer.putArray("batchItemFailures");
    for (JsonNode message : event.path("Records")) {
      String id = message.path("messageId").asText();
      try (Log.Scope _ = Log.scope(Map.of("message_id", id))) {
        if (!isDone(message, new TimeBudget(context))) {
          failures.addObject().put("itemIdentifier", id);
          longhaul
              .queue()
              .returnSoon(
                  message.path("receiptHandle").asText(),
                  RETURN.multipliedBy(
                      Math.max(
                          1, message.path("attributes").path("ApproximateReceiveCount").asInt())));
        }
      }
    }
    return answer;
  }

  private boolean isDone(JsonNode message, TimeBudget time) {
    Optional<Pointer> pointer = Pointer.parse(message.path("body").asText());
    if (pointer.isEmpty()) {
      Log.warn("a message that is not ours", Map.of());
      return false;
    }
    Log.add(Map.of("target", pointer.get().target(), "migration", pointer.get().migrationName()));
    try {
      executor.execute(pointer.get(), time);
      return true;
    } catch (Refusal refusal) {
      Log.warn(
          "a message could not be worked at",
          Map.of("reason", String.valueOf(refusal.getMessage())));
      return false;
    } catch (RuntimeException e) {
      Log.error("a message could not be worked at", e, Map.of());
      return false;
    }
  }
}
