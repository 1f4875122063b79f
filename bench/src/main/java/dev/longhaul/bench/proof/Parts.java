package dev.longhaul.bench.proof;

import java.util.List;

/// All parts, in the order of the page.
final class Parts {
  private Parts() {}

  static List<Part> all() {
    return List.of(new ModelPart(), new SimulationPart(), new LoadPart());
  }
}
