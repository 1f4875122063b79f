package dev.longhaul.cli;

/// A function ran and refused: what Lambda calls a function error.
public final class Refusal extends Failure {
  private static final long serialVersionUID = 1L;

  private final String errorType;

  public Refusal(String errorType, String message) {
    super(FAILED, message);
    this.errorType = errorType;
  }

  /// Of the contract: `InvalidMigration`, `MigrationConflict`, `UnknownMigration`,
  /// `InvalidTransition` or `TargetUnavailable`. Otherwise what Lambda says of a function that
  /// broke, such as `Sandbox.Timedout` or the class of an exception.
  public String errorType() {
    return errorType;
  }
}
