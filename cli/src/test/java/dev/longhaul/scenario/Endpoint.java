package dev.longhaul.scenario;

import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/// Something that answers like AWS.
///
/// @param services null where it is not there
/// @param absence why it is not there, or null
/// @param gaps what it cannot do
record Endpoint(
    String name, @Nullable Services services, @Nullable String absence, Set<Feature> gaps) {

  /// Addresses, of which some or all may be the same.
  record Services(URI sqs, URI events, URI secrets) {}

  static Endpoint at(String name, Services services, Set<Feature> gaps) {
    return new Endpoint(name, services, null, gaps);
  }

  static Endpoint absent(String name, String why) {
    return new Endpoint(name, null, why, Set.of());
  }

  /// Skips the scenario where there is nothing to play it on, of which [Endpoints] has told.
  Services require() {
    return services == null ? Assumptions.abort(name + ": " + absence) : services;
  }

  /// Skips the scenario, and says so, where the endpoint lacks what it needs.
  void require(Feature... features) {
    for (Feature feature : features) {
      if (gaps.contains(feature)) {
        String reason = "%s has no %s".formatted(name, feature);
        Endpoints.say("skipped %s: %s".formatted(caller(), reason));
        Assumptions.abort(reason);
      }
    }
  }

  /// The scenario that asks.
  private static String caller() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(2).findFirst())
        .map(StackWalker.StackFrame::getMethodName)
        .orElseThrow();
  }

  @Override
  public String toString() {
    return name;
  }
}
