package dev.longhaul.health;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sessions that run a statement, for each CPU of the server. Where there is more than one for
/// long, statements queue for a CPU. Ours count as well, also while they rest between two batches:
/// one of others and one of ours fill two CPUs. Where only ours are active nobody is in their way.
///
/// A role without `pg_read_all_stats` sees the sessions of other roles in `pg_stat_activity`, but
/// not their states (<https://www.postgresql.org/docs/current/monitoring-stats.html>). It does see
/// in `pg_locks` which of them are in a transaction, since each holds a lock on its own virtual
/// transaction id (<https://www.postgresql.org/docs/current/view-pg-locks.html>). There all of
/// these count, which is never too few.
///
/// PostgreSQL does not tell its CPUs: without `vcpus` the signal is off.
final class ActiveSessions implements Probe {
  private static final String NAME = "active_sessions_per_vcpu";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Limit limit(HealthLimits limits) {
    return limits.vcpus() == null ? Limit.OFF : limits.require(limits.activeSessionsPerVcpu());
  }

  @Override
  public String sql(Scene scene) {
    return """
    select 'active_sessions_per_vcpu', null,
      count(*) filter (where not is_ours and (state = 'active' or state = 'fastpath function call'
        or is_hidden and is_in_transaction)),
      count(*) filter (where not is_ours and is_hidden and is_in_transaction),
      count(*) filter (where is_ours and (is_hidden or state = 'active' or state_change > now() - interval '1 second'))
    from (
      select activity.state, activity.state_change, activity.pid = any (%s) as is_ours,
        activity.backend_type is null or activity.state = 'disabled' as is_hidden,
        exists (select from pg_locks l where l.pid = activity.pid
          and l.locktype = 'virtualxid' and l.mode = 'ExclusiveLock') as is_in_transaction
      from pg_stat_activity activity
      where activity.pid <> pg_backend_pid()
        and activity.datid is not null and activity.usesysid is not null
        and coalesce(activity.backend_type, 'client backend') = 'client backend'
    ) sessions
    """
        .formatted(scene.oursAsArray());
  }

  @Override
  public Signal judge(List<Row> rows, double clock, HealthLimits limits) {
    Row row = rows.getFirst();
    double others = number(row.first());
    double hidden = number(row.second());
    double ours = number(row.third());
    double active = others == 0 ? 0 : others + ours;
    Integer configured = limits.vcpus();
    int vcpus = configured == null ? 1 : configured;
    String text =
        "%.0f %s active on %d %s%s"
            .formatted(
                active,
                active == 1 ? "session is" : "sessions are",
                vcpus,
                vcpus == 1 ? "vCPU" : "vCPUs",
                active > others ? ", %.0f of them ours".formatted(ours) : "");
    String advice =
        hidden == 0
            ? ""
            : ", with %.0f in a transaction whose state this role cannot see: grant it pg_read_all_stats"
                .formatted(hidden);
    return Signal.judged(NAME, active / vcpus, limit(limits), text + advice);
  }

  private static double number(@Nullable Double value) {
    return value == null ? 0 : value;
  }
}
