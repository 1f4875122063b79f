package dev.longhaul.local.template;

import java.util.Map;

/// A queue of the template.
///
/// @param attributes as SQS CreateQueue takes them, all as text
public record QueueDefinition(String name, Map<String, String> attributes) {}
