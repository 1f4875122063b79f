package dev.longhaul.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What was done in a seed and what did not hold; and the faults of all seeds.
final class Notes {
  private final List<String> log = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final Map<String, Integer> faults = new TreeMap<>();

  void beginSeed(long seed) {
    log.clear();
    violations.clear();
    log.add(Recording.head(seed));
  }

  /// For who reads; no act.
  void remark(String what) {
    log.add("# " + what);
  }

  void done(Act act) {
    log.add(act.toJson());
  }

  void violation(String what) {
    violations.add(what);
    remark(what);
  }

  void fault(String fault) {
    faults.merge(fault, 1, Integer::sum);
  }

  List<String> log() {
    return List.copyOf(log);
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  Map<String, Integer> faults() {
    return Map.copyOf(faults);
  }
}
