package dev.longhaul.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/// Whether a connection has a session of the server's for itself until it is closed. A pooler may
/// give it another one for each transaction (PgBouncer with `pool_mode = transaction`): a lock is
/// then held by a session that others are given as well, and a setting made for all of them.
final class OwnSession {
  /// Other clients of the pooler may be in the way of the first try.
  private static final int TRIES = 3;

  /// A setting that nobody has a use for. RDS Proxy leaves a session to its client from then on
  /// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html>).
  private static final String CLAIM =
      """
      select pg_catalog.pg_backend_pid(), pg_catalog.set_config('longhaul.session', 'own', false)
      """;

  private OwnSession() {}

  interface Opener {
    Connection open() throws SQLException;
  }

  /// False only where it is certain.
  ///
  /// @param opener opens another connection to the same address
  static boolean isGivenTo(Connection connection, Opener opener) throws SQLException {
    if (connection.unwrap(PGConnection.class).getBackendPID() == claim(connection)) {
      // What the server told at login, so nobody stands between.
      return true;
    }
    try (Connection other = opener.open()) {
      other.setAutoCommit(false);
      boolean isOwn = true;
      for (int i = 0; i < TRIES && isOwn; i++) {
        int before = claim(connection);
        // The transaction keeps the session that it is given, which is the one just used, or is in
        // the way of it.
        isOwn = claim(other) != before && claim(connection) == before;
        other.rollback();
      }
      return isOwn;
    }
  }

  private static int claim(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(CLAIM)) {
      row.next();
      return row.getInt(1);
    }
  }
}
