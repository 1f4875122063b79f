package dev.longhaul.local.template;

/// An event source mapping: which function gets a queue's messages, and how.
///
/// @param reportsItemFailures whether the function's answer names the messages that failed; without
///   it an answer means that all succeeded
public record QueueSource(
    String queueName,
    String functionName,
    int batchSize,
    int maximumConcurrency,
    boolean reportsItemFailures) {}
