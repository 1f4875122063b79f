package dev.longhaul.health;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Complete segments of WAL that wait to be archived. They pile up on the server's disk, and
/// point-in-time recovery lags behind by them.
///
/// Sources: `pg_stat_archiver`, open to every role
/// (<https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ARCHIVER-VIEW>),
/// against the server's position. The queue's directory (`pg_ls_archive_statusdir`) would tell it
/// exactly, and is closed to roles without `pg_monitor`. Segments are archived in order, so what
/// lies between is the queue. A segment's name is timeline, log and number, eight hexadecimal
/// digits each.
///
/// A server that has neither archived nor failed since its statistics began tells nothing; there
/// the queue is counted from the first reading on, so that an archiver that hangs is seen as well.
final class ArchiveQueue implements Probe {
  private static final String NAME = "archive_queue_segments";
  private @Nullable Double firstSeen;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Limit limit(HealthLimits limits) {
    return limits.require(limits.archiveQueueSegments());
  }

  /// The position is computed for a row only, so not at all where nothing is archived.
  @Override
  public String sql(Scene scene) {
    return """
    select 'archive_queue_segments',
      case when last_failed_time > coalesce(last_archived_time, '-infinity') then last_failed_wal end,
      coalesce(
        case when last_archived_wal ~ '^[0-9A-F]{24}' then
          ('x' || substr(last_archived_wal, 9, 8))::bit(32)::bigint * (4294967296 / segment.size)
            + ('x' || substr(last_archived_wal, 17, 8))::bit(32)::bigint end,
        case when last_failed_wal ~ '^[0-9A-F]{24}' then
          ('x' || substr(last_failed_wal, 9, 8))::bit(32)::bigint * (4294967296 / segment.size)
            + ('x' || substr(last_failed_wal, 17, 8))::bit(32)::bigint - 1 end),
      floor(pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') / segment.size), null
    from pg_stat_archiver,
      (select pg_size_bytes(current_setting('wal_segment_size')) as size) segment
    where current_setting('archive_mode') <> 'off'
    """;
  }

  @Override
  public Signal judge(List<Row> rows, double clock, HealthLimits limits) {
    if (rows.isEmpty()) {
      return Signal.good(NAME, null);
    }
    Row row = rows.getFirst();
    Double current = row.second();
    if (current == null) {
      return Signal.blind(NAME, "the server does not tell its WAL position: switch the signal off");
    }
    if (firstSeen == null) {
      firstSeen = current - 1;
    }
    double archived = row.first() == null ? firstSeen : row.first();
    double queue = Math.max(0, current - archived - 1);
    String failing =
        row.subject() == null
            ? ""
            : ", and archiving %s fails: see the server's log".formatted(row.subject());
    return Signal.judged(
        NAME,
        queue,
        limit(limits),
        "%.0f segments of WAL wait to be archived".formatted(queue) + failing);
  }
}
