package dev.longhaul.event;

import dev.longhaul.logging.Log;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;

/// The schedule that wakes the sweep every minute. It is off while nothing is outstanding, so that
/// a database that pauses when nobody connects can pause.
public final class SweepRule {
  private final @Nullable EventBridgeClient events;
  private final String name;

  /// @param events null where the schedule is never switched
  public SweepRule(@Nullable EventBridgeClient events, String name) {
    this.events = events;
    this.name = name;
  }

  public boolean isSwitched() {
    return events != null;
  }

  /// Empty where the schedule is never switched.
  public String name() {
    return name;
  }

  /// Call it after the commit of what the sweep may have to look after: a sweep that is about to
  /// switch the rule off reads once more after it has done so, and so sees either that commit or is
  /// followed by this call. And before any message is sent: a queue that does not answer may take
  /// what is left of the function's time, and the sweep is what sends then.
  public void enable() {
    if (events != null) {
      try {
        events.enableRule(request -> request.name(name));
      } catch (SdkException e) {
        Log.warn(
            "the sweep could not be switched on", Map.of("reason", String.valueOf(e.getMessage())));
      }
    }
  }

  public void disable() {
    if (events != null) {
      try {
        events.disableRule(request -> request.name(name));
      } catch (SdkException e) {
        Log.warn(
            "the sweep could not be switched off",
            Map.of("reason", String.valueOf(e.getMessage())));
      }
    }
  }
}
