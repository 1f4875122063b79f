package dev.longhaul.health;

import java.util.List;

/// The same as [ReplicaLag] for the readers of an Aurora cluster, which share the writer's storage
/// and do not show in `pg_stat_replication`.
///
/// Source: `aurora_replica_status()`,
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora_replica_status.html>. The
/// writer has a row as well, whose session id is always `MASTER_SESSION_ID`.
final class AuroraLag implements Probe {

  @Override
  public String name() {
    return ReplicaLag.NAME;
  }

  @Override
  public Limit limit(HealthLimits limits) {
    return limits.require(limits.replicaLagSeconds());
  }

  @Override
  public String sql(Scene scene) {
    return """
    select 'replica_lag_seconds', server_id, replica_lag_in_msec / 1000.0, null, null
    from aurora_replica_status()
    where session_id <> 'MASTER_SESSION_ID'
    """;
  }

  @Override
  public Signal judge(List<Row> rows, double clock, HealthLimits limits) {
    double worst = 0;
    String slowest = "";
    for (Row row : rows) {
      Double lag = row.first();
      if (lag == null) {
        return Signal.blind(
            name(),
            "Aurora tells no lag of its reader \"%s\": wait until it is up, or switch the signal off"
                .formatted(row.subject()));
      }
      if (lag >= worst) {
        worst = lag;
        slowest = String.valueOf(row.subject());
      }
    }
    return Signal.judged(
        name(),
        worst,
        limit(limits),
        "Aurora reader \"%s\" is %s s behind".formatted(slowest, Signal.number(worst)));
  }
}
