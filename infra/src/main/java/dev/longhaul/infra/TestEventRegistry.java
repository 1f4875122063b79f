package dev.longhaul.infra;

/// The registry that the Lambda console keeps shared test events in: one in an account and region,
/// and always of the same name.
public enum TestEventRegistry {
  /// Nobody has shared a test event here yet, so there is none; it stays when the stack goes.
  NEW,
  /// It is there.
  EXISTING
}
