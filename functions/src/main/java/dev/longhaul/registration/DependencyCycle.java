package dev.longhaul.registration;

import dev.longhaul.migration.Migration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds dependencies that go round in a circle. Only migrations of the same call can form one:
/// what is registered already cannot depend on what is not.
final class DependencyCycle {
  private final Map<String, Migration> byName = new HashMap<>();
  private final Set<String> cleared = new HashSet<>();

  private DependencyCycle(List<Migration> migrations) {
    migrations.forEach(migration -> byName.put(migration.name(), migration));
  }

  /// The names on a cycle, the first repeated at the end. All migrations are of one target.
  static Optional<List<String>> find(List<Migration> migrations) {
    DependencyCycle search = new DependencyCycle(migrations);
    return migrations.stream()
        .map(migration -> search.from(migration.name()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /// Depth first with a path of its own instead of recursion: a chain may have a thousand links.
  private Optional<List<String>> from(String start) {
    List<String> path = new ArrayList<>();
    List<List<String>> open = new ArrayList<>();
    path.add(start);
    open.add(new ArrayList<>(dependencies(start)));
    while (!path.isEmpty()) {
      List<String> left = open.getLast();
      if (left.isEmpty()) {
        cleared.add(path.removeLast());
        open.removeLast();
        continue;
      }
      String next = left.removeLast();
      if (path.contains(next)) {
        List<String> cycle = new ArrayList<>(path.subList(path.indexOf(next), path.size()));
        cycle.add(next);
        return Optional.of(cycle);
      }
      if (!cleared.contains(next)) {
        path.add(next);
        open.add(new ArrayList<>(dependencies(next)));
      }
    }
    return Optional.empty();
  }

  private List<String> dependencies(String name) {
    Migration migration = byName.get(name);
    return migration == null ? List.of() : migration.dependsOn();
  }
}
