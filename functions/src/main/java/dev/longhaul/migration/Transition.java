package dev.longhaul.migration;

import static dev.longhaul.migration.MigrationStatus.CANCELLED;
import static dev.longhaul.migration.MigrationStatus.ERROR;
import static dev.longhaul.migration.MigrationStatus.FINISHED;
import static dev.longhaul.migration.MigrationStatus.IN_PROGRESS;
import static dev.longhaul.migration.MigrationStatus.PAUSED;
import static dev.longhaul.migration.MigrationStatus.ROLLED_BACK;
import static dev.longhaul.migration.MigrationStatus.SCHEDULED;
import static dev.longhaul.migration.MigrationStatus.STARTED;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/// The one table of allowed transitions. The journal carries out each as a single UPDATE that is
/// guarded by the statuses named here, so a transition that lost a race changes nothing.
/// `docs/state-chart.md` draws this table; a test keeps the two equal.
public enum Transition {
  /// A scheduled migration is handed to the queue.
  TRIGGER(STARTED, SCHEDULED),
  /// An executor takes it; from IN PROGRESS when the backend of the earlier attempt is gone.
  CLAIM(IN_PROGRESS, STARTED, IN_PROGRESS),
  /// Goes on later: after a retryable error, or at the function's deadline.
  REQUEUE(STARTED, IN_PROGRESS),
  /// The last forwards step is done and verified.
  FINISH(FINISHED, IN_PROGRESS),
  /// An error that waiting does not mend, or one attempt too many.
  FAIL(ERROR, IN_PROGRESS),
  PAUSE(PAUSED, STARTED, IN_PROGRESS),
  RESUME(STARTED, PAUSED),
  CANCEL(CANCELLED, SCHEDULED, STARTED, IN_PROGRESS, PAUSED),
  /// Runs again what a person or an error had ended.
  RETRY(STARTED, ERROR, CANCELLED, ROLLED_BACK),
  /// Runs the backwards script.
  ROLL_BACK(STARTED, FINISHED, ERROR, CANCELLED, PAUSED),
  /// The last backwards step is done; or, from anything but IN PROGRESS, nothing had been applied
  /// and so no SQL runs.
  UNDO(ROLLED_BACK, IN_PROGRESS, SCHEDULED, STARTED, ERROR, CANCELLED, PAUSED);

  private final MigrationStatus to;

  @SuppressWarnings("ImmutableEnumChecker") // Unmodifiable.
  private final Set<MigrationStatus> from;

  Transition(MigrationStatus to, MigrationStatus first, MigrationStatus... more) {
    this.to = to;
    this.from = Collections.unmodifiableSet(EnumSet.of(first, more));
  }

  public MigrationStatus to() {
    return to;
  }

  public Set<MigrationStatus> from() {
    return from;
  }

  /// The statuses it may start from, in words: `ERROR or CANCELLED`.
  public String fromInWords() {
    return from.stream().map(MigrationStatus::label).collect(Collectors.joining(" or "));
  }
}
