package dev.longhaul.trigger;

import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.Steering;
import dev.longhaul.migration.Direction;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.migration.Transition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Triggers migrations that somebody has named: whatever has not run, or has ended without success.
/// EventBridge delivers an event at least once, so a copy may come when the migration has run and
/// ended long since
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html>).
final class NamedTrigger {
  private static final int MOST_LISTED = 1000;

  /// The time of an event has whole seconds.
  private static final Duration ROUNDING = Duration.ofSeconds(1);

  private final Journal journal;
  private final Steering steering;
  private final Steering.Request request;
  private final @Nullable Instant asked;
  private final List<String> toSend = new ArrayList<>();

  /// @param asked when, if an event says so
  NamedTrigger(Journal journal, Steering.Request request, @Nullable Instant asked) {
    this.journal = journal;
    this.steering = new Steering(journal);
    this.request = request;
    this.asked = asked;
  }

  /// Names to send a message for: what was started, and what was already, in case its message is
  /// lost.
  List<String> toSend() {
    return toSend;
  }

  /// Empty if the migration is started now; else why not.
  Optional<String> trigger(String name) {
    Optional<JournalEntry> found = journal.find(name);
    if (found.isEmpty()) {
      return Optional.of("not registered in target \"" + journal.target() + "\"");
    }
    JournalEntry entry = found.get();
    return switch (entry.status()) {
      case SCHEDULED -> started(entry, steering.start(entry, Transition.TRIGGER, request));
      case ERROR, CANCELLED, ROLLED_BACK -> again(entry);
      case STARTED, IN_PROGRESS -> {
        toSend.add(name);
        yield Optional.of("already " + entry.status());
      }
      case FINISHED -> Optional.of("already FINISHED");
      case PAUSED -> Optional.of("PAUSED: resume it");
    };
  }

  private Optional<String> again(JournalEntry entry) {
    if (asked != null && entry.times().changed().isAfter(asked.plus(ROUNDING))) {
      return Optional.of(
          "%s since %s, and the event is of %s"
              .formatted(entry.status(), entry.times().changed(), asked));
    }
    if (entry.status() == MigrationStatus.ERROR && entry.isDoubtForAPerson()) {
      return Optional.of("outcome unknown: resolve or retry it");
    }
    return started(
        entry,
        entry.status() == MigrationStatus.ROLLED_BACK
            ? steering.startFromTheBeginning(entry, Transition.RETRY, Direction.FORWARDS, request)
            : steering.start(entry, Transition.RETRY, request));
  }

  private Optional<String> started(JournalEntry entry, boolean moved) {
    if (moved) {
      toSend.add(entry.name());
      return Optional.empty();
    }
    return Optional.of("its status has just changed; look again");
  }

  /// Scheduled migrations whose time has not come, with the reason not to start them.
  static Map<String, String> notYetDue(Journal journal) {
    Map<String, String> reasons = new TreeMap<>();
    for (JournalEntry entry : journal.list(Set.of(MigrationStatus.SCHEDULED), null, MOST_LISTED)) {
      if (entry.migration().runAt() != null) {
        reasons.put(entry.name(), "runs at " + entry.migration().runAt());
      }
    }
    return reasons;
  }
}
