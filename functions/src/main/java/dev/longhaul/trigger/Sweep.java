package dev.longhaul.trigger;

import dev.longhaul.Longhaul;
import dev.longhaul.journal.Backlog;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.Outbox;
import dev.longhaul.journal.Trouble;
import dev.longhaul.logging.Log;
import dev.longhaul.metrics.Gauges;
import java.time.Duration;
import java.util.List;

/// Looks after one target: sends messages again for work that nobody is at, and publishes events
/// that are left. Runs every minute while something is outstanding; to run it more often does no
/// harm.
final class Sweep {
  private static final int MOST_MESSAGES = 1000;
  private static final int MOST_EVENTS = 1000;

  /// How long a migration may stand still before it is counted as stuck.
  static final Duration PATIENCE = Duration.ofHours(1);

  private final Longhaul longhaul;
  private final Journal journal;
  private final Backlog backlog;

  Sweep(Longhaul longhaul, Journal journal) {
    this.longhaul = longhaul;
    this.journal = journal;
    this.backlog = new Backlog(journal);
  }

  /// Answers whether anything is left for a later sweep.
  boolean run() {
    longhaul.events().publish(journal, MOST_EVENTS);
    boolean messagesAreLost = backlog.isWaiting() && longhaul.queue().isEmpty();
    List<String> lost = backlog.withoutOwner(messagesAreLost, MOST_MESSAGES);
    if (!lost.isEmpty()) {
      longhaul.queue().send(journal.target(), lost);
      backlog.looked(lost);
      Log.info("sent again what has no live owner", Log.about(lost));
    }
    longhaul.queue().send(journal.target(), backlog.unattended(MOST_MESSAGES));
    return isOutstanding();
  }

  /// To be asked after [#run]: the last sweep before the rule goes off tells what stays.
  Gauges.Reading trouble() {
    Trouble trouble = new Trouble(journal);
    // Where there is no bus, nobody is to hear of them.
    Outbox.Rest rest =
        longhaul.events().isEnabled() ? new Outbox(journal).rest() : new Outbox.Rest(0, 0);
    return new Gauges.Reading(
        trouble.inError(), trouble.withoutProgress(PATIENCE), rest.events(), rest.oldestSeconds());
  }

  boolean isOutstanding() {
    return backlog.isOutstanding(longhaul.events().isEnabled());
  }
}
