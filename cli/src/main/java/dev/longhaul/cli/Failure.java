package dev.longhaul.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What ends a command and is the user's to mend: the message is what stderr shows, in one line
/// (several only where there are several things to mend), and it says the way out.
public class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Something went wrong, or ended otherwise than was asked for.
  public static final int FAILED = 1;

  /// The command cannot be carried out as it was given; `wait` also ends so when its time is up.
  public static final int USAGE = 2;

  private final int exitCode;

  public Failure(int exitCode, String message) {
    this(exitCode, message, null);
  }

  public Failure(int exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /// Never null, other than what an exception may say in general.
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  public int exitCode() {
    return exitCode;
  }
}
