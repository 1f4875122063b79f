package dev.longhaul.database;

import java.sql.Connection;
import java.time.Instant;

/// A session that one migration runs in. Its end frees every lock that it holds.
public final class WorkSession implements AutoCloseable {
  private final Target target;
  private final Connection connection;
  private final Instant opened;
  private final WorkSessions sessions;
  private boolean isKept;

  WorkSession(Target target, Connection connection, Instant opened, WorkSessions sessions) {
    this.target = target;
    this.connection = connection;
    this.opened = opened;
    this.sessions = sessions;
  }

  public Connection connection() {
    return connection;
  }

  /// Lets [#close] keep the session for another migration. One is kept only once the journal says
  /// how its migration stands: while it has it for that migration's backend, who cancels that
  /// cancels whatever the session runs.
  public void keep() {
    isKept = true;
  }

  @Override
  public void close() {
    sessions.release(target, connection, opened, isKept);
  }
}
