package dev.longhaul.trigger;

import dev.longhaul.Longhaul;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.Retention;
import dev.longhaul.logging.Log;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Prunes the histories of the targets, where that is asked for. What stays has to be read to be
/// passed over, a row for each migration that ever ran; so once nothing old is left, a process does
/// not look again for an hour.
final class Pruning {
  static final int MOST_TRANSITIONS = 1000;
  private static final Duration PAUSE = Duration.ofHours(1);

  private final Longhaul longhaul;

  /// By target, in terms of [System#nanoTime].
  private final Map<String, Long> looked = new ConcurrentHashMap<>();

  Pruning(Longhaul longhaul) {
    this.longhaul = longhaul;
  }

  void prune(Journal journal) {
    longhaul.historyRetention().ifPresent(age -> prune(journal, age));
  }

  private void prune(Journal journal, Duration age) {
    Long last = looked.get(journal.target());
    if (last != null && System.nanoTime() - last < PAUSE.toNanos()) {
      return;
    }
    long now = System.nanoTime();
    int pruned = new Retention(journal).prune(age, longhaul.events().isEnabled(), MOST_TRANSITIONS);
    if (pruned > 0) {
      Log.info("pruned the history", Map.of("transitions", String.valueOf(pruned)));
    }
    if (pruned < MOST_TRANSITIONS) {
      looked.put(journal.target(), now);
    }
  }
}
