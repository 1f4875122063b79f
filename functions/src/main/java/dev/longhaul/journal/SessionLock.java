package dev.longhaul.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The lease: a session-level advisory lock, which PostgreSQL frees exactly when the session's
/// backend is gone. Only ever tried, never waited for: a session that waits for one inside a
/// snapshot deadlocks with CREATE INDEX CONCURRENTLY, which waits for all old snapshots.
///
/// The key is a hash of the migration's name, in the single-bigint key space, so that it says the
/// same in every release and on every server version.
public final class SessionLock {
  static final long OUTBOX = key("outbox", "");

  private SessionLock() {}

  public static long of(String migrationName) {
    return key("migration", migrationName);
  }

  /// The lane of a table: of two statements that build or drop indexes concurrently on one table,
  /// each waits for the other's transaction, and PostgreSQL ends one as a deadlock. So ours take
  /// turns.
  public static long ofTable(long oid) {
    return key("table", Long.toString(oid));
  }

  public static boolean tryAcquire(JournalConnection connection, long key) {
    return connection
        .first(row -> row.getBoolean(1), "select pg_catalog.pg_try_advisory_lock(?)", key)
        .orElseThrow();
  }

  public static void release(JournalConnection connection, long key) {
    connection.query(row -> row.getBoolean(1), "select pg_catalog.pg_advisory_unlock(?)", key);
  }

  private static long key(String purpose, String name) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(("longhaul\n" + purpose + "\n" + name).getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(hash).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
