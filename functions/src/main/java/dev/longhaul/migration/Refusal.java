package dev.longhaul.migration;

import java.lang.reflect.Constructor;

/// Something that was asked for and is not done, with a sentence for the person who asked: the
/// field, the reason, the way out. Nothing has been written when one is thrown.
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// In characters. What was sent may be megabytes, and messages quote it.
  private static final int LONGEST_MESSAGE = 20_000;

  /// What a caller sees as the function error's `errorType`.
  public enum Kind {
    InvalidMigration,
    MigrationConflict,
    UnknownMigration,
    InvalidTransition,
    TargetUnavailable
  }

  private final Kind kind;

  private Refusal(Kind kind, String message) {
    this(kind, message, LONGEST_MESSAGE);
  }

  private Refusal(Kind kind, String message, int longest) {
    super(shortened(message, longest), null, false, false);
    this.kind = kind;
  }

  /// Keeps the start, which names the field, and the end, which holds the way out.
  private static String shortened(String message, int longest) {
    int half = longest / 2;
    return message.length() <= longest
        ? message
        : message.substring(0, half) + " … " + message.substring(message.length() - half);
  }

  public static Refusal invalid(String message) {
    return new Refusal(Kind.InvalidMigration, message);
  }

  public static Refusal conflict(String message) {
    return new Refusal(Kind.MigrationConflict, message);
  }

  public static Refusal unknown(String name, String target) {
    return new Refusal(
        Kind.UnknownMigration,
        "no migration \"%s\" is registered in target \"%s\": check the name, or register it"
            .formatted(name, target));
  }

  public static Refusal transition(String message) {
    return new Refusal(Kind.InvalidTransition, message);
  }

  public static Refusal unavailable(String message) {
    return new Refusal(Kind.TargetUnavailable, message);
  }

  /// The same for those who take only so many characters.
  public Refusal within(int longest) {
    return new Refusal(kind, String.valueOf(getMessage()), longest);
  }

  public Kind kind() {
    return kind;
  }

  /// The exception for the Lambda runtime, which reports the *name of its class* as `errorType`
  /// (`LambdaErrorConverter` in aws-lambda-java-runtime-interface-client). The contract's names
  /// have no package, so these classes live in the unnamed one, where only reflection reaches them.
  public RuntimeException asFunctionError() {
    try {
      Constructor<?> constructor = Class.forName(kind.name()).getConstructor(String.class);
      return (RuntimeException) constructor.newInstance(getMessage());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no class " + kind.name() + " in the archive", e);
    }
  }
}
