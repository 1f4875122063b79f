package dev.longhaul.local.events;

import dev.longhaul.local.template.RuleDefinition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Fires the rules that have a schedule. A time that passes while a rule is disabled, or while the
/// machine sleeps, is not made up for, as on AWS.
public final class RuleScheduler implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(RuleScheduler.class.getName());
  private static final Duration TICK = Duration.ofMillis(100);

  private record Due(RuleDefinition rule, Schedule schedule) {}

  private final EventBus bus;
  private final InstantSource clock;
  private final Map<Due, Instant> next = new HashMap<>();
  private final ScheduledExecutorService ticks =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("rule-scheduler").factory());

  /// Schedules the rules of a bus from now on.
  ///
  /// @throws IllegalArgumentException if a rule's schedule is not one that EventBridge takes
  public RuleScheduler(EventBus bus, InstantSource clock) {
    this.bus = bus;
    this.clock = clock;
    var now = clock.instant();
    for (var state : bus.rules()) {
      var expression = state.rule().schedule();
      if (expression != null) {
        var due = new Due(state.rule(), Schedule.parse(expression));
        due.schedule().next(now).ifPresent(time -> next.put(due, time));
      }
    }
  }

  public void start() {
    var _ = ticks.scheduleWithFixedDelay(this::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    ticks.shutdownNow();
  }

  private void tick() {
    try {
      var now = clock.instant();
      for (var due : next.keySet().toArray(Due[]::new)) {
        var time = next.get(due);
        if (time != null && !time.isAfter(now)) {
          next.remove(due);
          following(due, time, now);
          bus.rule(due.rule().name())
              .filter(EventBus.RuleState::enabled)
              .ifPresent(state -> bus.fire(state.rule()));
        }
      }
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "a scheduled rule did not fire", e);
    }
  }

  /// Counts from the time that was due, so that a rate does not drift, unless that is long gone.
  private void following(Due due, Instant time, Instant now) {
    due.schedule()
        .next(time)
        .filter(following -> following.isAfter(now))
        .or(() -> due.schedule().next(now))
        .ifPresent(following -> next.put(due, following));
  }
}
