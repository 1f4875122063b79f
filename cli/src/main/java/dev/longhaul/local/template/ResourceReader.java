package dev.longhaul.local.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// Turns one resource's resolved properties into its record. Defaults are CloudFormation's and
/// SAM's.
///
/// @param name the physical name
record ResourceReader(String logicalId, String name) {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(3);
  private static final int DEFAULT_MEMORY = 128;
  private static final int DEFAULT_BATCH = 10;

  /// Without a limit Lambda goes up to 1,000 at a time, which no laptop wants.
  private static final int DEFAULT_CONCURRENCY = 10;

  private static final List<String> QUEUE_ATTRIBUTES =
      List.of(
          "DelaySeconds",
          "MaximumMessageSize",
          "MessageRetentionPeriod",
          "ReceiveMessageWaitTimeSeconds",
          "RedrivePolicy",
          "VisibilityTimeout");

  FunctionDefinition function(JsonNode properties, JsonNode globals) {
    var environment = new HashMap<String, String>();
    for (var level : List.of(globals, properties)) {
      level
          .path("Environment")
          .path("Variables")
          .properties()
          .forEach(v -> environment.put(v.getKey(), v.getValue().asText()));
    }
    var timeout = either(properties, globals, "Timeout");
    return new FunctionDefinition(
        name,
        either(properties, globals, "Handler").asText(""),
        timeout.isMissingNode() ? DEFAULT_TIMEOUT : Duration.ofSeconds(timeout.asInt()),
        either(properties, globals, "MemorySize").asInt(DEFAULT_MEMORY),
        Map.copyOf(environment));
  }

  private static JsonNode either(JsonNode properties, JsonNode globals, String name) {
    return properties.has(name) ? properties.path(name) : globals.path(name);
  }

  QueueDefinition queue(JsonNode properties) {
    var attributes = new TreeMap<String, String>();
    for (var attribute : QUEUE_ATTRIBUTES) {
      var value = properties.path(attribute);
      if (value.isContainerNode()) {
        attributes.put(attribute, value.toString());
      } else if (!value.isMissingNode()) {
        attributes.put(attribute, value.asText());
      }
    }
    return new QueueDefinition(name, Map.copyOf(attributes));
  }

  /// An explicit event source mapping; empty if its source is no queue or it is switched off.
  Optional<QueueSource> mapping(JsonNode properties) {
    return source(
        properties.path("EventSourceArn").asText(),
        afterLastColon(properties.path("FunctionName").asText()),
        properties);
  }

  private static Optional<QueueSource> source(String arn, String function, JsonNode properties) {
    if (!arn.startsWith("arn:aws:sqs:") || !properties.path("Enabled").asBoolean(true)) {
      return Optional.empty();
    }
    var responses = properties.path("FunctionResponseTypes");
    return Optional.of(
        new QueueSource(
            afterLastColon(arn),
            function,
            properties.path("BatchSize").asInt(DEFAULT_BATCH),
            properties.path("ScalingConfig").path("MaximumConcurrency").asInt(DEFAULT_CONCURRENCY),
            StreamSupport.stream(responses.spliterator(), false)
                .anyMatch(type -> type.asText().equals("ReportBatchItemFailures"))));
  }

  /// A function's `Events`, which SAM expands to mappings and rules of their own.
  void events(JsonNode events, List<QueueSource> sources, List<RuleDefinition> rules) {
    for (var event : events.properties()) {
      var properties = event.getValue().path("Properties");
      var id = logicalId + event.getKey();
      switch (event.getValue().path("Type").asText()) {
        case "SQS" ->
            source(properties.path("Queue").asText(), name, properties).ifPresent(sources::add);
        case "Schedule" ->
            rules.add(samRule(id, properties, "Name", null, properties.path("Schedule").asText()));
        case "EventBridgeRule", "CloudWatchEvent" ->
            rules.add(
                samRule(id, properties, "RuleName", properties.path("Pattern").toString(), null));
        default -> {
          // An HTTP API, a topic and the like: nothing that the local stack serves.
        }
      }
    }
  }

  private RuleDefinition samRule(
      String id,
      JsonNode properties,
      String nameProperty,
      @Nullable String pattern,
      @Nullable String schedule) {
    return new RuleDefinition(
        id,
        LocalNames.physicalName("AWS::Events::Rule", id, properties.path(nameProperty).asText("")),
        properties.path("Description").asText(""),
        afterLastSlash(properties.path("EventBusName").asText("default")),
        pattern,
        schedule,
        properties.path("Enabled").asBoolean(true) && isEnabled(properties),
        List.of(new RuleTarget(id, LocalNames.functionArn(name), input(properties))));
  }

  RuleDefinition rule(JsonNode properties) {
    var targets = new ArrayList<RuleTarget>();
    for (var target : properties.path("Targets")) {
      targets.add(
          new RuleTarget(target.path("Id").asText(), target.path("Arn").asText(), input(target)));
    }
    return new RuleDefinition(
        logicalId,
        name,
        properties.path("Description").asText(""),
        afterLastSlash(properties.path("EventBusName").asText("default")),
        properties.has("EventPattern") ? properties.path("EventPattern").toString() : null,
        properties.has("ScheduleExpression")
            ? properties.path("ScheduleExpression").asText()
            : null,
        isEnabled(properties),
        List.copyOf(targets));
  }

  private static boolean isEnabled(JsonNode properties) {
    return !properties.path("State").asText("ENABLED").equals("DISABLED");
  }

  private static RuleTarget.Input input(JsonNode target) {
    if (target.has("Input")) {
      return new RuleTarget.Constant(target.path("Input").asText());
    }
    if (target.has("InputPath")) {
      return new RuleTarget.Path(target.path("InputPath").asText());
    }
    if (target.has("InputTransformer")) {
      var paths = new HashMap<String, String>();
      target
          .path("InputTransformer")
          .path("InputPathsMap")
          .properties()
          .forEach(path -> paths.put(path.getKey(), path.getValue().asText()));
      return new RuleTarget.Transformed(
          Map.copyOf(paths), target.path("InputTransformer").path("InputTemplate").asText());
    }
    return new RuleTarget.Whole();
  }

  private static String afterLastColon(String arn) {
    return arn.substring(arn.lastIndexOf(':') + 1);
  }

  private static String afterLastSlash(String busNameOrArn) {
    return busNameOrArn.substring(busNameOrArn.lastIndexOf('/') + 1);
  }
}
