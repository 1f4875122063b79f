package dev.longhaul.health;

import java.util.List;

/// Sessions of others that wait for a lock that a session of ours holds, or for one that it waits
/// for ahead of them. Who waits for a row waits for the transaction that holds it, so that shows in
/// `pg_locks` as well; who queues behind such a waiter does not count again.
///
/// Sources: <https://www.postgresql.org/docs/current/view-pg-locks.html> and `pg_blocking_pids`,
/// <https://www.postgresql.org/docs/current/functions-info.html>. Both are open to every role.
final class BlockedSessions implements Probe {
  static final String NAME = "blocked_sessions";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Limit limit(HealthLimits limits) {
    return limits.require(limits.blockedSessions());
  }

  /// `pg_blocking_pids` stops the lock manager for a moment, so it is asked about waiters only.
  @Override
  public String sql(Scene scene) {
    return """
    select 'blocked_sessions', null, count(distinct waiting.pid), null, null
    from pg_locks waiting
    where not waiting.granted and waiting.pid <> all (%1$s)
      and pg_blocking_pids(waiting.pid) && %1$s
    """
        .formatted(scene.oursAsArray());
  }

  @Override
  public Signal judge(List<Row> rows, double clock, HealthLimits limits) {
    Double waiting = rows.getFirst().first();
    double count = waiting == null ? 0 : waiting;
    return Signal.judged(
        NAME, count, limit(limits), "%.0f sessions wait for our locks".formatted(count));
  }
}
