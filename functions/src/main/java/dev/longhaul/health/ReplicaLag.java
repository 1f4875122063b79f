package dev.longhaul.health;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How many seconds the slowest physical replica is behind in applying what was written.
///
/// Source: `pg_stat_replication`,
/// <https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW>.
/// Its `replay_lag` is null in three cases, which must be told apart:
/// - The role lacks `pg_read_all_stats`; then every column but a few is null, `state` too: blind.
/// - The replica has caught up and nothing is written: its `replay_lsn` is the server's position.
/// - The replica has confirmed nothing since it connected: it is behind by bytes. How long it is so
///   is measured here, by when the server stood where the replica does not stand yet. This also
///   serves while a replica catches up, when `replay_lag` counts from the sending.
///
/// Not counted: `pg_receivewal` and base backups, which apply nothing (`replay_lsn` is null), and
/// logical subscribers (a logical slot is theirs), which confirm when they like. A replica that is
/// not connected is not seen.
final class ReplicaLag implements Probe {
  static final String NAME = "replica_lag_seconds";

  private static final double REMEMBERED_SECONDS = 900;

  /// @param position the server's, in bytes of WAL
  private record Written(double clock, double position) {}

  private final Deque<Written> history = new ArrayDeque<>();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Limit limit(HealthLimits limits) {
    return limits.require(limits.replicaLagSeconds());
  }

  @Override
  public String sql(Scene scene) {
    return """
    select 'replica_lag_seconds',
      case when replica.state is not null
        then coalesce(nullif(replica.application_name, ''), replica.pid::text) end,
      case when replica.state = 'catchup' then null else extract(epoch from replica.replay_lag) end,
      pg_wal_lsn_diff(replica.replay_lsn, '0/0'),
      pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')
    from pg_stat_replication replica
    where (replica.state is null
        or replica.state in ('streaming', 'catchup') and replica.replay_lsn is not null)
      and not exists (select from pg_replication_slots slot
        where slot.active_pid = replica.pid and slot.slot_type = 'logical')
    """;
  }

  @Override
  public Signal judge(List<Row> rows, double clock, HealthLimits limits) {
    double worst = 0;
    String slowest = "";
    for (Row row : rows) {
      String name = row.subject();
      Double replayed = row.second();
      Double written = row.third();
      if (name == null || replayed == null || written == null) {
        return Signal.blind(
            NAME,
            "a replica is connected whose lag this role cannot see: grant it pg_read_all_stats (or"
                + " pg_monitor), or switch the signal off");
      }
      remember(clock, written);
      Double measured = row.first();
      double lag = measured == null ? observed(clock, replayed) : measured;
      if (lag >= worst) {
        worst = lag;
        slowest = name;
      }
    }
    return Signal.judged(
        NAME,
        worst,
        limit(limits),
        "replica \"%s\" is %s s behind".formatted(slowest, Signal.number(worst)));
  }

  private void remember(double clock, double written) {
    @Nullable Written last = history.peekLast();
    if (last == null || last.position < written) {
      history.add(new Written(clock, written));
    }
    while (history.getFirst().clock < clock - REMEMBERED_SECONDS) {
      history.removeFirst();
    }
  }

  /// For how long the server has been beyond the replica's position, as far as was seen.
  private double observed(double clock, double replayed) {
    return history.stream()
        .filter(written -> written.position > replayed)
        .findFirst()
        .map(written -> clock - written.clock)
        .orElse(0.0);
  }
}
