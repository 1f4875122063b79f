package dev.longhaul.health;

import java.util.List;

/// Whether the table, one of its partitions or a TOAST table of theirs is being vacuumed because
/// its oldest transaction ids are about to run out. That vacuum is not to be delayed, and every
/// batch gives it more to do.
///
/// Sources: `pg_class` for the age, `pg_locks` for the vacuum's lock (SHARE UPDATE EXCLUSIVE): both
/// are open to every role, while `pg_stat_progress_vacuum` hides the table from one without
/// `pg_read_all_stats`. The rule for the age is autovacuum's:
/// <https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND>. Another
/// statement with that lock on so old a table counts as well.
///
/// The limit counts such tables; it is [HealthLimits#WRAPAROUND] or off.
final class WraparoundVacuum implements Probe {
  private static final String NAME = "wraparound_vacuum";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Limit limit(HealthLimits limits) {
    return limits.require(limits.wraparoundVacuum());
  }

  /// No join with all of `pg_class`, which may be large: what matters is found by its index.
  @Override
  public String sql(Scene scene) {
    return """
    select 'wraparound_vacuum', old.oid::regclass::text, 1, null, null
    from (
      select c.oid, c.relfrozenxid, c.relminmxid, c.reloptions
      from pg_class c
      where c.oid = any (array(
          select %1$d::oid union select tree.relid from pg_partition_tree(%1$d::oid::regclass) tree))
        or c.oid = any (array(
          select owner.reltoastrelid from pg_class owner where owner.oid = any (array(
            select %1$d::oid union select tree.relid
            from pg_partition_tree(%1$d::oid::regclass) tree))))
    ) old
    where old.relfrozenxid <> '0'::xid
      and (age(old.relfrozenxid) > least(
            current_setting('autovacuum_freeze_max_age')::bigint,
            (select option_value::bigint from pg_options_to_table(old.reloptions)
              where option_name = 'autovacuum_freeze_max_age'))
        or mxid_age(old.relminmxid) > least(
            current_setting('autovacuum_multixact_freeze_max_age')::bigint,
            (select option_value::bigint from pg_options_to_table(old.reloptions)
              where option_name = 'autovacuum_multixact_freeze_max_age')))
      and exists (
        select from pg_locks l
        where l.locktype = 'relation' and l.relation = old.oid
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
          and l.mode = 'ShareUpdateExclusiveLock' and l.granted and l.pid <> all (%2$s))
    """
        .formatted(scene.table(), scene.oursAsArray());
  }

  @Override
  public Signal judge(List<Row> rows, double clock, HealthLimits limits) {
    return rows.isEmpty()
        ? Signal.good(NAME, 0.0)
        : Signal.judged(
            NAME,
            rows.size(),
            limit(limits),
            "%s is being vacuumed to prevent wraparound".formatted(rows.getFirst().subject()));
  }
}
