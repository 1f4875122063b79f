package dev.longhaul.health;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// How often in five minutes a checkpoint was requested, which is mostly because WAL reached
/// `max_wal_size` before its time. Each writes all that is dirty, and makes every page be logged
/// whole again.
///
/// Sources: `pg_stat_checkpointer.num_requested` from PostgreSQL 17 on, before that
/// `pg_stat_bgwriter.checkpoints_req`; open to every role. Counted from the first reading on.
/// <https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-CHECKPOINTER-VIEW>
final class RequestedCheckpoints implements Probe {
  private static final String NAME = "requested_checkpoints";
  private static final int CHECKPOINTER_VIEW = 170_000;
  private static final double SECONDS = 300;

  private record Count(double clock, double requested) {}

  private final Deque<Count> history = new ArrayDeque<>();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Limit limit(HealthLimits limits) {
    return limits.require(limits.requestedCheckpoints());
  }

  @Override
  public String sql(Scene scene) {
    return scene.version() >= CHECKPOINTER_VIEW
        ? "select 'requested_checkpoints', null, num_requested, null, null from"
            + " pg_stat_checkpointer"
        : "select 'requested_checkpoints', null, checkpoints_req, null, null from pg_stat_bgwriter";
  }

  @Override
  public Signal judge(List<Row> rows, double clock, HealthLimits limits) {
    Double requested = rows.getFirst().first();
    if (requested == null) {
      return Signal.blind(NAME, "the server does not count them: switch the signal off");
    }
    if (!history.isEmpty() && requested < history.getLast().requested) {
      // Someone has reset the statistics.
      history.clear();
    }
    history.add(new Count(clock, requested));
    while (history.getFirst().clock < clock - SECONDS) {
      history.removeFirst();
    }
    double count = requested - history.getFirst().requested;
    return Signal.judged(
        NAME,
        count,
        limit(limits),
        "%.0f checkpoints were requested in five minutes, for max_wal_size is small for this work"
            .formatted(count));
  }
}
