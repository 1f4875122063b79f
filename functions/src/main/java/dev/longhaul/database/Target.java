package dev.longhaul.database;

import dev.longhaul.health.HealthLimits;
import java.sql.Connection;

/// One database that holds migrations and their journal.
public sealed interface Target permits PostgresTarget, SqliteTarget {
  String name();

  Dialect dialect();

  /// From when on batched work goes slower.
  HealthLimits health();

  /// A new connection, in autocommit, to the writer.
  ///
  /// @param applicationName what `pg_stat_activity` shows; cut at 63 bytes by the server
  /// @throws dev.longhaul.migration.Refusal `TargetUnavailable` if there is none to be had
  Connection connect(String applicationName);
}
