package dev.longhaul.batch;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long a session's statements may wait and run, as PostgreSQL writes it.
///
/// @param clientCheck `client_connection_check_interval`, which came with PostgreSQL 14; null where
///   it is not known (<https://www.postgresql.org/docs/current/runtime-config-connection.html>)
record SessionLimits(String lockTimeout, String statementTimeout, @Nullable String clientCheck) {
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration CLIENT_CHECK = Duration.ofSeconds(5);

  /// Of the target time, but a server that is slow for a moment has some seconds.
  private static final int LONGEST_OF_TARGET = 20;

  private static final Duration LEAST_STATEMENT_TIMEOUT = Duration.ofSeconds(10);

  /// Of a session that runs batches: none waits long for a lock while it holds others, and none
  /// runs on for a client that is gone.
  ///
  /// @param lockTimeout the migration's own; null if it has none
  /// @param target how long a batch should take
  static SessionLimits ofBatches(@Nullable Duration lockTimeout, Duration target) {
    return new SessionLimits(
        milliseconds(lockTimeout == null ? LOCK_TIMEOUT : lockTimeout),
        milliseconds(longest(target)),
        milliseconds(CLIENT_CHECK));
  }

  /// Of a batch, after which it is tried again with fewer rows.
  private static Duration longest(Duration target) {
    Duration longest = target.multipliedBy(LONGEST_OF_TARGET);
    return longest.compareTo(LEAST_STATEMENT_TIMEOUT) > 0 ? longest : LEAST_STATEMENT_TIMEOUT;
  }

  static SessionLimits of(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                """
                select pg_catalog.current_setting('lock_timeout'),
                  pg_catalog.current_setting('statement_timeout'),
                  pg_catalog.current_setting('client_connection_check_interval', true)
                """);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return new SessionLimits(row.getString(1), row.getString(2), row.getString(3));
    }
  }

  SessionLimits withTarget(Duration target) {
    return withStatementTimeout(longest(target));
  }

  SessionLimits withStatementTimeout(Duration longest) {
    return new SessionLimits(lockTimeout, milliseconds(longest), clientCheck);
  }

  void apply(Connection connection) throws SQLException {
    set(connection, "lock_timeout", lockTimeout);
    set(connection, "statement_timeout", statementTimeout);
    if (clientCheck != null) {
      set(connection, "client_connection_check_interval", clientCheck);
    }
  }

  /// Nothing happens where the server does not know the setting.
  private static void set(Connection connection, String name, String value) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select pg_catalog.set_config(name, ?, false) from pg_catalog.pg_settings where name ="
                + " ?")) {
      statement.setString(1, value);
      statement.setString(2, name);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
      }
    }
  }

  private static String milliseconds(Duration duration) {
    return duration.toMillis() + "ms";
  }
}
