package dev.longhaul.local.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the local stack needs of template.yaml. Resources whose condition does not hold are absent.
public record StackTemplate(
    List<FunctionDefinition> functions,
    List<QueueDefinition> queues,
    List<QueueSource> queueSources,
    List<RuleDefinition> rules) {

  /// Reads a template file.
  ///
  /// @param parameters values for the template's parameters; the others take their defaults
  public static StackTemplate read(Path file, Map<String, String> parameters) {
    try {
      return parse(Files.readString(file), file.getFileName().toString(), parameters);
    } catch (IOException e) {
      throw new TemplateProblem("cannot read the template " + file + ": " + e.getMessage());
    }
  }

  static StackTemplate parse(String yaml, String name, Map<String, String> parameters) {
    ObjectNode template = YamlTree.read(new StringReader(yaml), name);
    var intrinsics = new Intrinsics(template, parameters);
    var functions = new ArrayList<FunctionDefinition>();
    var queues = new ArrayList<QueueDefinition>();
    var sources = new ArrayList<QueueSource>();
    var rules = new ArrayList<RuleDefinition>();
    JsonNode globals = intrinsics.resolve(template.path("Globals").path("Function"));
    for (var resource : template.path("Resources").properties()) {
      var body = resource.getValue();
      if (!intrinsics.holds(body)) {
        continue;
      }
      var reader =
          new ResourceReader(resource.getKey(), intrinsics.nameOf(resource.getKey(), body));
      var properties = body.path("Properties");
      switch (body.path("Type").asText()) {
        case "AWS::Serverless::Function" -> {
          var resolved = intrinsics.resolve(properties);
          functions.add(reader.function(resolved, globals));
          reader.events(resolved.path("Events"), sources, rules);
        }
        case "AWS::SQS::Queue" -> queues.add(reader.queue(intrinsics.resolve(properties)));
        case "AWS::Lambda::EventSourceMapping" ->
            reader.mapping(intrinsics.resolve(properties)).ifPresent(sources::add);
        case "AWS::Events::Rule" -> rules.add(reader.rule(intrinsics.resolve(properties)));
        default -> {
          // Roles, alarms and the like have no local counterpart.
        }
      }
    }
    return new StackTemplate(
        List.copyOf(functions), List.copyOf(queues), List.copyOf(sources), List.copyOf(rules));
  }

  /// The rule that sweeps: the one that the functions themselves know as `SWEEP_RULE_NAME`.
  public Optional<RuleDefinition> sweepRule() {
    return functions.stream()
        .flatMap(
            function -> Optional.ofNullable(function.environment().get("SWEEP_RULE_NAME")).stream())
        .flatMap(name -> rules.stream().filter(rule -> rule.name().equals(name)))
        .findFirst()
        .or(() -> rules.stream().filter(rule -> rule.logicalId().contains("Sweep")).findFirst());
  }
}
