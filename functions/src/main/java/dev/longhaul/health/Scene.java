package dev.longhaul.health;

import java.util.Set;
import java.util.stream.Collectors;

/// What the queries have to know.
///
/// @param version as `server_version_num`
/// @param table the object id of the table that is worked on
/// @param ours the server processes that do our work
record Scene(int version, boolean isAurora, long table, Set<Integer> ours) {

  /// An SQL expression of the type `int[]`.
  String oursAsArray() {
    return ours.stream()
        .map(String::valueOf)
        .sorted()
        .collect(Collectors.joining(",", "'{", "}'::int[]"));
  }
}
