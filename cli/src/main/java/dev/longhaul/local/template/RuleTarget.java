package dev.longhaul.local.template;

import java.util.Map;

/// One target of a rule.
///
/// @param arn what the rule invokes; only functions are invoked locally
public record RuleTarget(String id, String arn, Input input) {

  /// What the target receives.
  public sealed interface Input {}

  /// The event itself.
  public record Whole() implements Input {}

  /// Always the same JSON text, whatever the event.
  public record Constant(String json) implements Input {}

  /// A part of the event, as `$.detail`.
  public record Path(String path) implements Input {}

  /// A template whose `<name>` places are filled from paths into the event.
  public record Transformed(Map<String, String> paths, String template) implements Input {}
}
