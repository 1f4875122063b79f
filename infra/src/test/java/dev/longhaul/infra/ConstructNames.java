package dev.longhaul.infra;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/// What the template calls the resources of a construct. Their places in the construct's tree say
/// it; the ids in CDK's output end with hashes.
final class ConstructNames {
  private static final Map<String, String> OTHERS =
      Map.of(
          "Queue/Policy", "QueuePolicy",
          "DeadLetters/Policy", "DeadLettersPolicy",
          "UndeliveredEvents/Policy", "UndeliveredEventsPolicy",
          "ControlFunction/view", "ControlFunctionView");

  private ConstructNames() {}

  /// Empty for what is not Longhaul's: the application's metadata.
  static String of(JsonNode template, String logicalId) {
    String path = template.path("Resources").path(logicalId).at("/Metadata/aws:cdk:path").asText();
    List<String> parts = List.of(path.split("/"));
    if (parts.size() < 3 || !parts.get(1).equals("Longhaul")) {
      return "";
    }
    List<String> own = parts.subList(2, parts.size());
    if (own.get(own.size() - 1).equals("Resource")) {
      own = own.subList(0, own.size() - 1);
    }
    String place = String.join("/", own);
    return OTHERS.getOrDefault(
        place, place.replace("/CurrentVersion", "Version").replace("/live", "Aliaslive"));
  }
}
