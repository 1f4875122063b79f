package dev.longhaul.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The table and the plot of [Batch].
///
/// @param skipped who was not measured, and why
/// @param isTrafficFirst as [Foreground#isFirst] says
record BatchReport(
    List<BatchFigures> measured,
    Map<String, String> skipped,
    int rows,
    int runs,
    boolean isTrafficFirst) {
  private static final String NONE = "";

  /// @param name of the files
  void publish(String name, String machine) throws IOException {
    var report =
        new Report(
            "Filling a column in batches",
            "case",
            "by",
            "rows/s",
            "of one UPDATE's",
            "WAL, MB",
            "of one UPDATE's",
            "heap growth, %",
            "index growth, %",
            "p99 of traffic, ms",
            "of that beside nobody",
            "peak resident, MB");
    for (var figures : measured) {
      if (!figures.seconds.isEmpty() || !figures.latency.isEmpty()) {
        report.row(row(figures));
      }
    }
    report
        .picture("Throughput and WAL against one UPDATE", name + ".svg")
        .note(
            "Bars: throughput at least that of one UPDATE and twice pgroll's; WAL at most 0.6 times"
                + " one UPDATE's, heap growth at most 20 %; p99 of the traffic at most twice that"
                + " beside nobody; peak resident memory (VmHWM of the executor's process) under 200"
                + " MB.")
        .note(
            "`update account set n = %s`: %s rows of about 110 bytes, with a primary key and two more indexes, none on `n`. Every run ends with a checksum over all rows. Autovacuum is on."
                .formatted(BatchTable.EXPRESSION, Samples.number(rows, 0)))
        .note(
            "One UPDATE: psql. Loop: one connection, each batch its own transaction. Procedure: the"
                + " same loop in the database, which commits. pgroll:"
                + " `pgroll start --complete`, which adds the column. Longhaul: from the call that"
                + " registers it to FINISHED, by warm functions, each in a process of its own.")
        .note(
            "Traffic: `pgbench -R` at shares of its own most on the same table, four reads to one"
                + " write, 8 clients; a transaction's time counts from its schedule on. "
                + (isTrafficFirst
                    ? "pgbench has the higher priority: its clients hardly wait for the server's"
                        + " CPUs."
                    : "pgbench waits for a CPU like everybody, which counts."));
    skipped.forEach(
        (peer, reason) -> report.note("Not measured: %s (%s).".formatted(peer, reason)));
    report
        .note(
            "Medians (least to greatest) of %d interleaved runs, each on a fresh copy of the table after a checkpoint; ratios are those within a run. fsync on, max_wal_size 4GB, shared_buffers 2GB where it is not said, else PostgreSQL's defaults."
                .formatted(runs))
        .note(machine)
        .publish(name);
    plot().publish(name);
  }

  private String[] row(BatchFigures figures) {
    return new String[] {
      "%s, %s".formatted(figures.version, figures.circumstances.label),
      figures.peer,
      summary(speed(figures), 0),
      summary(of(PlainPeers.UPDATE, figures, this::speed), 2),
      summary(figures.wal, 0),
      summary(of(PlainPeers.UPDATE, figures, other -> other.wal), 2),
      summary(figures.heap, 1),
      summary(figures.indexes, 1),
      summary(figures.latency, 1),
      summary(of(BatchFigures.NOBODY, figures, other -> other.latency), 2),
      summary(figures.memory, 0)
    };
  }

  private static String summary(Samples samples, int decimals) {
    return samples.isEmpty() ? NONE : samples.summary(decimals);
  }

  private Samples speed(BatchFigures figures) {
    var speed = new Samples();
    figures.seconds.values().forEach(s -> speed.add(figures.circumstances.rows(rows) / s));
    return speed;
  }

  /// Run by run.
  private static Samples ratio(Samples one, Samples other) {
    var ratio = new Samples();
    IntStream.range(0, Math.min(one.values().size(), other.values().size()))
        .forEach(i -> ratio.add(one.values().get(i) / other.values().get(i)));
    return ratio;
  }

  /// What was measured, against the same of another peer.
  private Samples of(String peer, BatchFigures figures, Function<BatchFigures, Samples> what) {
    return measured.stream()
        .filter(other -> other.is(figures.version, figures.circumstances, peer))
        .findFirst()
        .map(other -> ratio(what.apply(figures), what.apply(other)))
        .orElseGet(Samples::new);
  }

  private BarPlot plot() {
    var plot = new BarPlot("Against one UPDATE (1.0)");
    for (var one : measured.stream().map(f -> f.circumstances).distinct().toList()) {
      for (var version : measured.stream().map(f -> f.version).distinct().toList()) {
        var bars =
            measured.stream()
                .filter(f -> f.circumstances == one && f.version.equals(version))
                .filter(f -> !f.seconds.isEmpty())
                .collect(Collectors.toList());
        for (var figures : bars) {
          var speed = of(PlainPeers.UPDATE, figures, this::speed);
          if (!speed.isEmpty()) {
            plot.bars(
                "%s, %s: %s".formatted(version, one.label, figures.peer),
                speed.median(),
                of(PlainPeers.UPDATE, figures, other -> other.wal).median());
          }
        }
      }
    }
    return plot;
  }
}
