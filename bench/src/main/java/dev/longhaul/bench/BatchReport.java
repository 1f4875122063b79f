package dev.longhaul.bench;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The table and the plot of [Batch].
///
/// @param skipped who was not measured, and why
/// @param isTrafficFirst as [Foreground#isFirst] says
record BatchReport(
    List<BatchFigures> measured, Map<String, String> skipped, int runs, boolean isTrafficFirst) {
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
    var plot = plot();
    if (!plot.isEmpty()) {
      report.picture("Throughput and WAL against one UPDATE", name + ".svg");
    }
    report
        .note(
            "Bars: throughput at least that of one UPDATE and twice pgroll's; WAL at most 0.6 times"
                + " one UPDATE's, heap growth at most 20 %; p99 of the traffic at most twice that"
                + " beside nobody; peak resident memory (VmHWM of the executor's process) under 200"
                + " MB.")
        .note(
            "`update account set n = %s`: %s rows of about 110 bytes, with a primary key and two more indexes, none on `n`. Every run ends with a checksum over all rows. Autovacuum is on."
                .formatted(
                    BatchTable.EXPRESSION,
                    rows().map(count -> Samples.number(count, 0)).collect(joining(", "))))
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
    if (measured.stream().anyMatch(figures -> figures.peer.startsWith(LonghaulPeer.KILLED))) {
      report.note(
          "Killed: SIGKILL for the executor's process, each time at a random moment of the first %d seconds of an execution, then a new process. Its statement is `n = n + %s`: a row that was lost or done twice would be in the checksum."
              .formatted(LonghaulPeer.LATEST_KILL.toSeconds(), BatchTable.EXPRESSION));
    }
    skipped.forEach(
        (peer, reason) -> report.note("Not measured: %s (%s).".formatted(peer, reason)));
    report
        .note(
            "Medians (least to greatest) of %d runs, in which those of a case take turns, each on a fresh copy of the table after a checkpoint; ratios are those within a run. fsync on, max_wal_size 4GB, shared_buffers 2GB where it is not said, else PostgreSQL's defaults."
                .formatted(runs))
        .note(machine)
        .publish(name);
    if (!plot.isEmpty()) {
      plot.publish(name);
    }
  }

  private String[] row(BatchFigures figures) {
    return new String[] {
      label(figures.setting),
      figures.peer,
      summary(figures.speed(), 0),
      summary(of(PlainPeers.UPDATE, figures, BatchFigures::speed), 2),
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

  /// Those of the cases that do not say themselves how many.
  private Stream<Integer> rows() {
    return measured.stream()
        .map(figures -> figures.setting)
        .filter(setting -> setting.circumstances() != BatchCase.TINY)
        .map(BatchSetting::rows)
        .distinct();
  }

  private String label(BatchSetting setting) {
    var label = setting.version() + ", " + setting.circumstances().label;
    return rows().count() < 2 || setting.circumstances() == BatchCase.TINY
        ? label
        : "%s, %s rows".formatted(label, Samples.number(setting.rows(), 0));
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
        .filter(other -> other.is(figures.setting, peer))
        .findFirst()
        .map(other -> ratio(what.apply(figures), what.apply(other)))
        .orElseGet(Samples::new);
  }

  private BarPlot plot() {
    var plot = new BarPlot("Against one UPDATE (1.0)");
    for (var figures : measured) {
      var speed = of(PlainPeers.UPDATE, figures, BatchFigures::speed);
      if (!speed.isEmpty()) {
        plot.bars(
            "%s: %s".formatted(label(figures.setting), figures.peer),
            speed.median(),
            of(PlainPeers.UPDATE, figures, other -> other.wal).median());
      }
    }
    return plot;
  }
}
