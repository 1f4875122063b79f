package dev.longhaul.migration;

import java.util.Arrays;
import java.util.Optional;

/// Where a migration stands. The label is the spelling in the journal and in JSON.
public enum MigrationStatus {
  /// Recorded; runs when somebody triggers it, or at its `run_at`.
  SCHEDULED("SCHEDULED"),
  /// Triggered: a message is in the queue, or the sweep will send one.
  STARTED("STARTED"),
  /// Claimed by an executor.
  IN_PROGRESS("IN PROGRESS"),
  /// Every forwards step is done, and what the catalog can confirm is confirmed.
  FINISHED("FINISHED"),
  /// Ended by an error that waiting does not mend; `meta.error` says which.
  ERROR("ERROR"),
  /// Held by a person between two steps; `resume` goes on.
  PAUSED("PAUSED"),
  /// Ended by a person.
  CANCELLED("CANCELLED"),
  /// Every backwards step is done, or there was nothing to undo.
  ROLLED_BACK("ROLLED BACK");

  private final String label;

  MigrationStatus(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  /// Whether nothing happens from here until somebody asks for it.
  public boolean isEnd() {
    return switch (this) {
      case FINISHED, ERROR, CANCELLED, ROLLED_BACK -> true;
      case SCHEDULED, STARTED, IN_PROGRESS, PAUSED -> false;
    };
  }

  /// Whether some [Transition] leads from here to `next`.
  public boolean canBecome(MigrationStatus next) {
    return Arrays.stream(Transition.values())
        .anyMatch(transition -> transition.from().contains(this) && transition.to() == next);
  }

  public static Optional<MigrationStatus> ofLabel(String label) {
    return Arrays.stream(values()).filter(status -> status.label.equals(label)).findFirst();
  }

  @Override
  public String toString() {
    return label;
  }
}
