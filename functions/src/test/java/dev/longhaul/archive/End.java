package dev.longhaul.archive;

import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.lambda.FunctionProcess;

/// What ends a function while the server works for it, or cuts it off.
enum End {
  /// SIGKILL.
  KILLED,
  /// SIGSTOP: the socket stays open and nobody reads it.
  FROZEN,
  /// Both sides see the connection end.
  CUT,
  /// Neither does: no FIN, no RST.
  FORGOTTEN;

  void of(FunctionProcess function, TcpProxy network) throws Exception {
    switch (this) {
      case KILLED -> function.kill();
      case FROZEN -> function.freeze();
      case CUT -> network.cut();
      case FORGOTTEN -> network.forget();
    }
  }

  /// Whether the server does not notice, and its session waits for the next statement.
  boolean leavesTheSessionIdle() {
    return this == FROZEN || this == FORGOTTEN;
  }
}
