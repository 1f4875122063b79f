package dev.longhaul.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What was decided in a seed and what did not hold; and the faults of all seeds.
final class Notes {
  private final List<String> log = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final Map<String, Integer> faults = new TreeMap<>();

  void beginSeed() {
    log.clear();
    violations.clear();
  }

  void decided(String what) {
    log.add(what);
  }

  void violation(String what) {
    violations.add(what);
  }

  /// @param environment the one that it meets; 0 if it is none in particular
  void fault(String fault, int environment) {
    faults.merge(fault, 1, Integer::sum);
    log.add("fault: " + fault + " " + environment);
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
