package dev.longhaul.local.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.local.template.LocalNames;
import dev.longhaul.local.template.RuleDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import software.amazon.event.ruler.Machine;

/// The rules, and the way of an event through them to their targets.
public final class EventBus {
  private static final String FUNCTION_ARN = LocalNames.functionArn("");

  /// A rule as it is now.
  public record RuleState(RuleDefinition rule, boolean enabled) {}

  private final Map<String, RuleDefinition> rules = new LinkedHashMap<>();
  private final Map<String, Machine> machines = new HashMap<>();
  private final RuleSwitches switches;
  private final InstantSource clock;
  private final BiConsumer<String, byte[]> functions;

  /// A bus with these rules.
  ///
  /// @param switches the file that remembers which rules were switched
  /// @param functions invokes a function by its name, without waiting for it
  /// @throws IllegalArgumentException if a rule's pattern or schedule is not valid
  public EventBus(
      List<RuleDefinition> rules,
      Path switches,
      InstantSource clock,
      BiConsumer<String, byte[]> functions) {
    this.clock = clock;
    this.functions = functions;
    try {
      this.switches = RuleSwitches.in(switches);
      for (var rule : rules) {
        add(rule);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(RuleDefinition rule) throws IOException {
    rules.put(rule.name(), rule);
    var pattern = rule.eventPattern();
    if (pattern != null) {
      try {
        machines
            .computeIfAbsent(rule.busName(), _ -> Machine.builder().build())
            .addRule(rule.name(), pattern);
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "rule %s has no valid event pattern: %s".formatted(rule.name(), e.getMessage()), e);
      }
    }
  }

  public List<RuleState> rules() {
    return rules.values().stream().map(this::state).toList();
  }

  public Optional<RuleState> rule(String name) {
    return Optional.ofNullable(rules.get(name)).map(this::state);
  }

  private RuleState state(RuleDefinition rule) {
    return new RuleState(rule, switches.isEnabled(rule.name(), rule.enabled()));
  }

  void switchRule(RuleDefinition rule, boolean enabled) {
    switches.set(rule.name(), enabled);
  }

  /// Invokes the targets of a rule as its schedule does, whether or not the rule is enabled.
  public void fire(RuleDefinition rule) {
    var event = envelope("Scheduled Event", "aws.events", clock.instant());
    event.putArray("resources").add(LocalNames.ruleArn(rule.name()));
    event.putObject("detail");
    deliver(rule, event);
  }

  /// Gives an event to every enabled rule that it matches.
  void publish(String busName, ObjectNode event) {
    var machine = machines.get(busName);
    if (machine == null) {
      return;
    }
    try {
      for (var name : machine.rulesForJSONEvent(event.toString())) {
        rule(name).filter(RuleState::enabled).ifPresent(state -> deliver(state.rule(), event));
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("event-ruler cannot read " + event, e);
    }
  }

  /// The head of an event; `resources` and `detail` are the caller's to add, in this order.
  static ObjectNode envelope(String detailType, String source, Instant time) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("version", "0")
        .put("id", UUID.randomUUID().toString())
        .put("detail-type", detailType)
        .put("source", source)
        .put("account", LocalNames.ACCOUNT)
        .put("time", time.truncatedTo(ChronoUnit.SECONDS).toString())
        .put("region", LocalNames.REGION);
  }

  private void deliver(RuleDefinition rule, JsonNode event) {
    for (var target : rule.targets()) {
      if (target.arn().startsWith(FUNCTION_ARN)) {
        functions.accept(
            target.arn().substring(FUNCTION_ARN.length()), TargetInput.of(rule, target, event));
      }
    }
  }
}
