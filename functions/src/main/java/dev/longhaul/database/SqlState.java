package dev.longhaul.database;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Sorts errors by SQLSTATE, the only classifier there is. Codes:
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
public final class SqlState {
  public static final String ACTIVE_TRANSACTION = "25001";
  public static final String INVALID_TRANSACTION_TERMINATION = "2D000";
  public static final String QUERY_CANCELED = "57014";
  public static final String LOCK_NOT_AVAILABLE = "55P03";

  /// The name of a table, index or view is taken.
  public static final String DUPLICATE_TABLE = "42P07";

  public static final String INVALID_PASSWORD = "28P01";
  public static final String INSUFFICIENT_PRIVILEGE = "42501";

  /// Worth the same statement again, later: lock timeout, serialization failure, deadlock.
  private static final Set<String> RETRYABLE = Set.of(LOCK_NOT_AVAILABLE, "40001", "40P01");

  /// The server ends the session: shutdown, crash of a neighbour, start-up, idle session.
  private static final Set<String> SESSION_ENDED =
      Set.of("57P01", "57P02", "57P03", "57P05", "25P03");

  /// SQLITE_BUSY and SQLITE_LOCKED, <https://www.sqlite.org/rescode.html>.
  private static final Set<Integer> SQLITE_LOCKS = Set.of(5, 6);

  private SqlState() {}

  public static boolean isRetryable(String state) {
    return RETRYABLE.contains(state) || state.startsWith("53") || isConnectionLoss(state);
  }

  /// Whether the session is gone and with it the answer to what was under way.
  public static boolean isConnectionLoss(String state) {
    return state.startsWith("08") || SESSION_ENDED.contains(state);
  }

  /// Whether the statement refused to run inside a transaction.
  public static boolean isRefusalOfTransaction(String state) {
    return state.equals(ACTIVE_TRANSACTION) || state.equals(INVALID_TRANSACTION_TERMINATION);
  }

  /// The SQLSTATE, or "XX000" where a driver gives none. SQLite's gives its own result codes.
  public static String of(SQLException e) {
    @Nullable String state = e.getSQLState();
    if (state != null) {
      return state;
    }
    return SQLITE_LOCKS.contains(e.getErrorCode()) ? LOCK_NOT_AVAILABLE : "XX000";
  }
}
