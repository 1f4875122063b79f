package dev.longhaul.bench;

import dev.longhaul.testing.TcpProxy;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One run of one peer on a copy of the table, to an end that is checked.
record BatchRun(BatchTable table, BatchCase circumstances) {
  private static final String DATABASE = "run";
  private static final double MEGABYTE = 1 << 20;

  /// As long as a walk beside it: autovacuum and the disk make a tail by themselves.
  private static final int ALONE_MILLISECONDS = 60_000;

  /// Of a round trip, beside what it takes on loopback: another zone of the same region.
  private static final Duration DISTANCE = Duration.ofMillis(1);

  /// @param traffic transactions a second that go on beside it; 0 for none
  void measure(BatchPeer peer, BatchFigures figures, double traffic)
      throws IOException, SQLException, InterruptedException {
    var database = table.copy(DATABASE, peer.hasColumn());
    if (circumstances == BatchCase.INDEXED && peer.hasColumn()) {
      database.execute("create index account_by_n on account (n)", "checkpoint");
    }
    try (var network = TcpProxy.to(URI.create(database.url()));
        var work = peer.prepare(reached(database, network));
        var snapshot = database.connect();
        var load = traffic == 0 ? null : Foreground.start(database, table.rows(), traffic)) {
      if (circumstances == BatchCase.SNAPSHOT) {
        snapshot.setAutoCommit(false);
        snapshot.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        // Without a lock on the table, which would hold pgroll's ALTER TABLE up.
        Database.value(snapshot, "select pg_current_snapshot()::text");
      }
      fill(database, work, figures, load);
      work.peakMemory().ifPresent(figures.memory::add);
    }
    table.drop(database);
  }

  private Database reached(Database database, TcpProxy network) {
    if (circumstances != BatchCase.DISTANT) {
      return database;
    }
    network.delay(DISTANCE);
    return database.at(network.port());
  }

  private void fill(
      Database database, BatchPeer.Work work, BatchFigures figures, @Nullable Foreground load)
      throws IOException, SQLException, InterruptedException {
    var size = BatchTable.size(database);
    var wal = BatchTable.wal(database);
    var began = Foreground.now();
    var start = System.nanoTime();
    work.run();
    var seconds = (System.nanoTime() - start) / 1e9;
    if (load != null) {
      figures.latency.add(load.stop(began, Foreground.now()));
    }
    figures.seconds.add(seconds);
    figures.wal.add((BatchTable.wal(database) - wal) / MEGABYTE);
    var after = BatchTable.size(database);
    figures.heap.add(100.0 * (after.heap() - size.heap()) / size.heap());
    figures.indexes.add(100.0 * (after.indexes() - size.indexes()) / size.indexes());
    table.requireFilled(database);
  }

  /// The traffic with nothing beside it.
  void measureTraffic(BatchFigures figures, double traffic)
      throws IOException, SQLException, InterruptedException {
    var database = table.copy(DATABASE, true);
    try (var load = Foreground.start(database, table.rows(), traffic)) {
      var began = Foreground.now();
      Thread.sleep(ALONE_MILLISECONDS);
      figures.latency.add(load.stop(began, Foreground.now()));
    }
    table.drop(database);
  }

  /// Transactions a second.
  double mostTraffic() throws IOException, SQLException, InterruptedException {
    var database = table.copy(DATABASE, true);
    var most = Foreground.most(database, table.rows());
    table.drop(database);
    return most;
  }
}
