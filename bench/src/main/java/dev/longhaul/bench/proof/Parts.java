package dev.longhaul.bench.proof;

import java.util.List;

/// All parts, in the order of the page.
final class Parts {
  /// The major version of the servers.
  static final String POSTGRES = "18";

  private Parts() {}

  static List<Part> all() {
    return List.of(new ModelPart(), new SimulationPart(), new LoadPart());
  }
}
