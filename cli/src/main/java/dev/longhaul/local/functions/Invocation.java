package dev.longhaul.local.functions;

/// What became of one invocation.
///
/// @param payload the function's answer, or the description of its error
/// @param failed whether the function ended with an error
/// @param logTail the end of what the function logged, at most 4 KB
@SuppressWarnings("ArrayRecordComponent") // bytes pass through; nobody compares them
public record Invocation(String requestId, byte[] payload, boolean failed, byte[] logTail) {}
