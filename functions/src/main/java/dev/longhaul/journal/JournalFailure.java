package dev.longhaul.journal;

import dev.longhaul.database.SqlState;
import java.sql.SQLException;

/// The journal could not be read or written: broken infrastructure, or a bug.
public final class JournalFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String sqlState;

  public JournalFailure(SQLException cause) {
    super("journal: SQLSTATE " + SqlState.of(cause) + ": " + cause.getMessage(), cause);
    this.sqlState = SqlState.of(cause);
  }

  public String sqlState() {
    return sqlState;
  }
}
