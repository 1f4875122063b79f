package dev.longhaul.local.postgres;

/// PostgreSQL cannot be started or reached. The message is one line for the person at the terminal.
public final class PostgresProblem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PostgresProblem(String message) {
    super(message);
  }

  PostgresProblem(String message, Throwable cause) {
    super(message, cause);
  }
}
