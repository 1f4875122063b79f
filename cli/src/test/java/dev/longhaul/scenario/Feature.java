package dev.longhaul.scenario;

/// What not every emulator of AWS can do.
enum Feature {
  PUT_RULES("PutRule and PutTargets"),
  QUEUE_AS_TARGET("delivery of events to a queue"),
  MOVE_TASKS("StartMessageMoveTask"),
  SECRETS("Secrets Manager");

  private final String description;

  Feature(String description) {
    this.description = description;
  }

  @Override
  public String toString() {
    return description;
  }
}
