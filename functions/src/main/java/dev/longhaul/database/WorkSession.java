package dev.longhaul.database;

import java.sql.Connection;
import java.time.Instant;

/// A session that one migration runs in. Its end frees every lock that it holds.
public final class WorkSession implements AutoCloseable {
  private final Target target;
  private final Connection connection;
  private final Instant opened;
  private final WorkSessions sessions;

  WorkSession(Target target, Connection connection, Instant opened, WorkSessions sessions) {
    this.target = target;
    this.connection = connection;
    this.opened = opened;
    this.sessions = sessions;
  }

  public Connection connection() {
    return connection;
  }

  @Override
  public void close() {
    sessions.release(target, connection, opened);
  }
}
