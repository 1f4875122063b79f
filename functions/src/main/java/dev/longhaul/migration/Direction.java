package dev.longhaul.migration;

/// Which of a migration's two scripts runs.
public enum Direction {
  FORWARDS,
  BACKWARDS
}
