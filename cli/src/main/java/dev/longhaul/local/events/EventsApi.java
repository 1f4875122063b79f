package dev.longhaul.local.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.local.http.Reply;
import dev.longhaul.local.http.Request;
import dev.longhaul.local.http.Route;
import dev.longhaul.local.template.LocalNames;
import dev.longhaul.payload.JsonProblem;
import java.io.IOException;
import java.time.InstantSource;
import java.util.UUID;

/// EventBridge's JSON protocol: the operation is named in a header, errors have `__type`.
public final class EventsApi implements Route {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String SERVICE = "AWSEvents.";
  private static final byte[] NOTHING = {};

  private final EventBus bus;
  private final PutEvents putEvents;

  public EventsApi(EventBus bus, InstantSource clock) {
    this.bus = bus;
    this.putEvents = new PutEvents(bus, clock);
  }

  @Override
  public Reply answer(Request request) {
    try {
      var target = request.header("X-Amz-Target").orElse("");
      return reply(200, call(target, parse(request.body())));
    } catch (ApiError e) {
      var error = NODES.objectNode().put("__type", e.type).put("message", e.getMessage());
      return reply(400, error.toString().getBytes(UTF_8));
    }
  }

  private static Reply reply(int status, byte[] body) {
    return Reply.json(status, body)
        .with("Content-Type", "application/x-amz-json-1.1")
        .with("x-amzn-RequestId", UUID.randomUUID().toString());
  }

  private static ObjectNode parse(byte[] body) {
    try {
      if (body.length == 0) {
        return NODES.objectNode();
      }
      if (JSON.readTree(body) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw new ApiError("SerializationException", "the request is not JSON: " + JsonProblem.of(e));
    } catch (IOException e) {
      throw new ApiError("SerializationException", "the request is not JSON in UTF-8");
    }
    throw new ApiError("SerializationException", "the request is not a JSON object");
  }

  private byte[] call(String target, ObjectNode request) {
    var operation = target.startsWith(SERVICE) ? target.substring(SERVICE.length()) : "";
    return switch (operation) {
      case "PutEvents" -> bytes(putEvents.answer(request));
      case "EnableRule" -> switchRule(request, true);
      case "DisableRule" -> switchRule(request, false);
      case "DescribeRule" -> bytes(describe(rule(request)));
      case "ListRules" -> bytes(list(request));
      default ->
          throw new ApiError(
              "UnknownOperationException",
              "the local stack knows PutEvents, EnableRule, DisableRule, DescribeRule and"
                  + " ListRules,"
                  + " not '%s'".formatted(target));
    };
  }

  private static byte[] bytes(ObjectNode answer) {
    return answer.toString().getBytes(UTF_8);
  }

  private byte[] switchRule(ObjectNode request, boolean enabled) {
    bus.switchRule(rule(request).rule(), enabled);
    return NOTHING;
  }

  private EventBus.RuleState rule(ObjectNode request) {
    var name = request.path("Name").asText("");
    if (name.isEmpty()) {
      throw ApiError.validation("Name is required");
    }
    var busName = BusNames.of(request.path("EventBusName"));
    return bus.rule(name)
        .filter(state -> state.rule().busName().equals(busName))
        .orElseThrow(
            () ->
                new ApiError(
                    "ResourceNotFoundException",
                    "Rule %s does not exist on EventBus %s.".formatted(name, busName)));
  }

  private ObjectNode list(ObjectNode request) {
    var busName = BusNames.of(request.path("EventBusName"));
    var prefix = request.path("NamePrefix").asText("");
    var answer = NODES.objectNode();
    var list = answer.putArray("Rules");
    bus.rules().stream()
        .filter(state -> state.rule().busName().equals(busName))
        .filter(state -> state.rule().name().startsWith(prefix))
        .forEach(state -> list.add(describe(state)));
    return answer;
  }

  private static ObjectNode describe(EventBus.RuleState state) {
    var rule = state.rule();
    var answer =
        NODES
            .objectNode()
            .put("Name", rule.name())
            .put("Arn", LocalNames.ruleArn(rule.name()))
            .put("State", state.enabled() ? "ENABLED" : "DISABLED")
            .put("EventBusName", rule.busName());
    if (!rule.description().isEmpty()) {
      answer.put("Description", rule.description());
    }
    if (rule.eventPattern() != null) {
      answer.put("EventPattern", rule.eventPattern());
    }
    if (rule.schedule() != null) {
      answer.put("ScheduleExpression", rule.schedule());
    }
    return answer;
  }
}
