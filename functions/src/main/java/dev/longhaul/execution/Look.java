package dev.longhaul.execution;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.journal.Journal;
import dev.longhaul.journal.JournalEntry;
import dev.longhaul.journal.Lookout;
import dev.longhaul.journal.Progress;
import dev.longhaul.journal.Sessions;
import dev.longhaul.logging.Log;
import dev.longhaul.migration.MigrationStatus;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an executor does that finds a migration's lock taken: the work is in flight, whether or not
/// the executor that began it still lives. It reads how far the statement is, passes on what a
/// person wants, ends a session that has nothing more to do, and says when to look again.
record Look(Journal journal, JournalEntry entry, Duration detachAfter) {
  private static final Duration FIRST = Duration.ofSeconds(15);
  private static final Duration LAST = Duration.ofMinutes(5);
  private static final Duration SOON = Duration.ofSeconds(2);

  /// A live executor leaves its session idle for milliseconds. One that is frozen, or cut off by
  /// the network, for as long as it likes; to end its session loses nothing.
  private static final Duration LONGEST_IDLE = Duration.ofSeconds(10);

  /// A tenth of the time that it has been going on, from 15 s to 5 min.
  static Duration next(Duration elapsed) {
    Duration tenth = elapsed.dividedBy(10);
    return tenth.compareTo(FIRST) < 0 ? FIRST : tenth.compareTo(LAST) > 0 ? LAST : tenth;
  }

  /// When to look again; empty if somebody else does.
  Optional<Duration> look() {
    Sessions sessions = new Sessions(journal);
    Optional<Sessions.Owner> owner = sessions.owner(entry.name());
    @Nullable ObjectNode progress = null;
    Duration next = SOON;
    if (owner.isPresent()) {
      Sessions.Owner session = owner.get();
      if (session.isIdle()) {
        endIfForgotten(sessions, session);
      } else {
        progress =
            new Progress(journal).of(session.backend().pid(), entry.run().progress()).orElse(null);
        next = cancelIfAsked(sessions, session) ? SOON : next(session.since());
      }
    }
    return new Lookout(journal).look(entry, progress, next) ? Optional.of(next) : Optional.empty();
  }

  private void endIfForgotten(Sessions sessions, Sessions.Owner session) {
    if (session.since().compareTo(LONGEST_IDLE) > 0 && sessions.end(session.backend())) {
      Log.warn(
          "ended a session that was idle with a migration's lock",
          Map.of("pid", session.backend().pid()));
    }
  }

  /// A cancel that the statement has not heard of, or a pause that it has not met: a pause lets a
  /// statement end that does so soon.
  private boolean cancelIfAsked(Sessions sessions, Sessions.Owner session) {
    boolean asked =
        entry.stopRequested() == MigrationStatus.CANCELLED
            || (entry.stopRequested() == MigrationStatus.PAUSED
                && (entry.isDetached() || session.since().compareTo(detachAfter) > 0));
    return asked && sessions.cancel(entry.name(), entry.attempt());
  }
}
