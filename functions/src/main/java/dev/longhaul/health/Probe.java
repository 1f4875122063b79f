package dev.longhaul.health;

import java.util.List;

/// One signal: where it is read, and what the answer means. It may remember earlier answers.
sealed interface Probe
    permits ActiveSessions,
        ArchiveQueue,
        AuroraLag,
        BlockedSessions,
        ReplicaLag,
        RequestedCheckpoints,
        WraparoundVacuum {

  /// The signal's name, which is also its limit's in the configuration.
  String name();

  Limit limit(HealthLimits limits);

  /// A query with the columns of [Row]; the first is this probe's name.
  String sql(Scene scene);

  /// @param rows this probe's own
  /// @param clock the server's, in seconds
  Signal judge(List<Row> rows, double clock, HealthLimits limits);
}
