package dev.longhaul.local.template;

import java.time.Duration;
import java.util.Map;

/// A function of the template.
///
/// @param name its logical id, which is what it is called locally
/// @param environment its variables; a value that refers to a queue is the queue's name
public record FunctionDefinition(
    String name,
    String handler,
    Duration timeout,
    int memoryMegabytes,
    Map<String, String> environment) {}
