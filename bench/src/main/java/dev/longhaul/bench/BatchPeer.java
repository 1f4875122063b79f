package dev.longhaul.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.OptionalDouble;

/// One way to fill the column of [BatchTable].
interface BatchPeer {
  String name();

  /// Whether the table has the column already.
  default boolean hasColumn() {
    return true;
  }

  /// All that does not count.
  ///
  /// @throws Unavailable if this machine or this build cannot do it
  Work prepare(Database database) throws IOException, SQLException, InterruptedException;

  /// What counts.
  interface Work extends AutoCloseable {
    void run() throws IOException, SQLException, InterruptedException;

    /// MB of the process that does the work, if that is to be measured.
    default OptionalDouble peakMemory() throws IOException {
      return OptionalDouble.empty();
    }

    @Override
    default void close() throws IOException {}
  }

  /// The others go on without it.
  final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unavailable(String reason) {
      super(reason);
    }
  }
}
