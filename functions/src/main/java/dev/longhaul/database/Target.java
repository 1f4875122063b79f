package dev.longhaul.database;

import java.sql.Connection;

/// One database that holds migrations and their journal.
public sealed interface Target permits PostgresTarget, SqliteTarget {
  String name();

  Dialect dialect();

  /// A new connection, in autocommit, to the writer.
  ///
  /// @param applicationName what `pg_stat_activity` shows; cut at 63 bytes by the server
  /// @throws dev.longhaul.migration.Refusal `TargetUnavailable` if there is none to be had
  Connection connect(String applicationName);
}
