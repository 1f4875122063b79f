package dev.longhaul.local.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An EventBridge rule of the template.
///
/// @param eventPattern JSON, or null for a rule that only has a schedule
/// @param schedule `rate(…)` or `cron(…)`, or null for a rule that only has a pattern
/// @param enabled its state in the template; a person or a function may switch it later
public record RuleDefinition(
    String logicalId,
    String name,
    String description,
    String busName,
    @Nullable String eventPattern,
    @Nullable String schedule,
    boolean enabled,
    List<RuleTarget> targets) {}
