package dev.longhaul.local.template;

/// The template, or a value given for one of its parameters, cannot be used. The message is one
/// line for the person at the terminal.
public final class TemplateProblem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TemplateProblem(String message) {
    super(message);
  }
}
