package dev.longhaul.health;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All signals at one moment; the worst counts.
///
/// @param reason what the worst signal says; null if all are good
/// @param blocksOthers whether a session waits for a lock of ours
public record Reading(
    Level level, @Nullable String reason, List<Signal> signals, boolean blocksOthers) {
  /// The cause where no signal could be read.
  public static final String UNREADABLE = "unreadable";

  static Reading of(List<Signal> signals) {
    Signal worst =
        signals.stream()
            // The first of several that are equally bad.
            .min(Comparator.comparing(Signal::level).reversed())
            .orElse(Signal.good("none", null));
    boolean blocksOthers =
        signals.stream()
            .filter(signal -> signal.name().equals(BlockedSessions.NAME))
            .map(Signal::value)
            .anyMatch(value -> value != null && value > 0);
    return new Reading(worst.level(), worst.reason(), List.copyOf(signals), blocksOthers);
  }

  /// The name of the signal whose reason counts, or [#UNREADABLE]; null if all are good.
  @Nullable String cause() {
    return level == Level.GOOD
        ? null
        : signals.stream()
            .filter(signal -> signal.level() == level)
            .map(Signal::name)
            .findFirst()
            .orElse(UNREADABLE);
  }

  static Reading blind(String reason) {
    return new Reading(Level.BLIND, reason, List.of(), false);
  }
}
