package dev.longhaul.local.events;

import com.fasterxml.jackson.databind.JsonNode;

/// Requests name an event bus by its name or by its ARN; none means `default`.
final class BusNames {
  private BusNames() {}

  static String of(JsonNode nameOrArn) {
    var text = nameOrArn.asText("default");
    return text.substring(text.lastIndexOf('/') + 1);
  }
}
