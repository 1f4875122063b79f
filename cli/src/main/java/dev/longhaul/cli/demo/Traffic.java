package dev.longhaul.cli.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/// What an application does meanwhile: several sessions that write single rows all over a table.
final class Traffic implements AutoCloseable {
  private final List<Thread> threads = new ArrayList<>();
  private final List<Connection> connections = new ArrayList<>();
  private final AtomicLong writes = new AtomicLong();
  private volatile boolean isOver;

  private Traffic() {}

  /// @param rows of the table, whose keys count from 1
  static Traffic on(DatabaseUrl database, String table, int rows, int sessions)
      throws SQLException {
    Traffic traffic = new Traffic();
    try {
      for (int i = 0; i < sessions; i++) {
        Connection connection = database.connect();
        traffic.connections.add(connection);
        PreparedStatement write =
            connection.prepareStatement("update " + table + " set is_read = true where id = ?");
        traffic.threads.add(Thread.startVirtualThread(() -> traffic.write(write, rows)));
      }
      return traffic;
    } catch (SQLException e) {
      traffic.close();
      throw e;
    }
  }

  private void write(PreparedStatement write, int rows) {
    try {
      while (!isOver) {
        write.setLong(1, ThreadLocalRandom.current().nextInt(rows) + 1);
        write.executeUpdate();
        writes.incrementAndGet();
      }
    } catch (SQLException e) {
      // The stack was killed, or the demo ends: so does what only keeps the database busy.
      isOver = true;
    }
  }

  /// How many rows were written so far.
  long writes() {
    return writes.get();
  }

  @Override
  public void close() throws SQLException {
    isOver = true;
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
