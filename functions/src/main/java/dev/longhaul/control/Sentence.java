package dev.longhaul.control;

import com.fasterxml.jackson.databind.JsonNode;

/// What an action has done, for a person who has pressed a button.
final class Sentence {
  private Sentence() {}

  /// @param action the action's word
  /// @param status the migration after it, as JSON; or the answer to another question
  static String of(String action, JsonNode status) {
    if (!status.hasNonNull("status")) {
      return "ControlFunction answers \"%s\" to programs only.".formatted(action);
    }
    String name = "\"" + status.path("migration_name").asText() + "\"";
    String now = status.path("status").asText();
    return switch (status.at("/meta/stop_requested").asText()) {
      case "PAUSED" -> name + " pauses as soon as the statement or batch that runs has ended.";
      case "CANCELLED" -> name + " is being cancelled: the database ends the statement that runs.";
      default ->
          switch (action) {
            case "resume" -> name + " goes on: it is " + now + ".";
            case "retry" -> name + " is tried again: it is " + now + ".";
            case "resolve" -> name + " goes on from there: it is " + now + ".";
            case "rollback" ->
                now.equals("ROLLED BACK")
                    ? name + " is ROLLED BACK: nothing of it had been applied."
                    : "The rollback of " + name + " is on its way: it is " + now + ".";
            default -> name + " is " + now + ".";
          };
    };
  }
}
