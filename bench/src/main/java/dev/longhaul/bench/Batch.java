package dev.longhaul.bench;

import dev.longhaul.testing.lambda.FunctionCode;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A column of a large table is filled: by one UPDATE, by a loop, by pgroll, and by a batched
/// migration; alone, beside traffic, and where batches do worse.
@Command(
    name = "batch",
    mixinStandardHelpOptions = true,
    description = "Filling a column in batches, against one UPDATE, a loop and pgroll (Linux).")
final class Batch implements Callable<Integer> {
  @Option(
      names = "--rows",
      split = ",",
      defaultValue = "500000",
      description = "rows of the table, or of several tables (default: ${DEFAULT-VALUE})")
  private List<Integer> rows = List.of();

  @Option(
      names = "--runs",
      defaultValue = "3",
      description = "how often each fills the column (default: ${DEFAULT-VALUE})")
  private int runs;

  @Option(
      names = "--versions",
      split = ",",
      defaultValue = "18",
      description = "major versions of PostgreSQL (default: ${DEFAULT-VALUE})")
  private List<String> versions = List.of();

  @Option(
      names = "--cases",
      split = ",",
      defaultValue = "ALONE,TRAFFIC_30,TRAFFIC_60,INDEXED,SNAPSHOT,DISTANT,LARGE,TINY",
      description = "some of ${COMPLETION-CANDIDATES} (default: all)")
  private List<BatchCase> cases = List.of();

  @Option(
      names = "--peers",
      split = ",",
      defaultValue = "UPDATE,LOOP,PROCEDURE,PGROLL,LONGHAUL",
      description =
          "some of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}); KILLED is Longhaul whose"
              + " executor is killed ten times, which takes millions of rows")
  private Set<Kind> kinds = Set.of();

  @Option(
      names = "--pgroll",
      split = ",",
      defaultValue = "1000,10000",
      description = "batch sizes of pgroll, whose own is 1000 (default: ${DEFAULT-VALUE})")
  private List<Integer> pgroll = List.of();

  @Option(
      names = "--batch",
      description =
          "what a migration's batch says beside table and key, as '\"parallelism\": 2'; repeatable")
  private List<String> batches = List.of("");

  @Option(
      names = "--name",
      defaultValue = "batch",
      description = "the files of the result (default: ${DEFAULT-VALUE})")
  private String name = "batch";

  enum Kind {
    UPDATE,
    LOOP,
    PROCEDURE,
    PGROLL,
    LONGHAUL,
    KILLED
  }

  /// How many runs of a walk end in the middle, each by SIGKILL.
  private static final int KILLS = 10;

  private record Unloaded(String version, int rows) {}

  /// Transactions a second: one figure, so that all shares are of the same.
  private final Map<Unloaded, Double> most = new HashMap<>();

  private final List<BatchFigures> measured = new ArrayList<>();
  private final Map<String, String> skipped = new TreeMap<>();
  private final TreeSet<String> releases = new TreeSet<>();
  private List<BatchPeer> peers = List.of();

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    var machine = Machine.look();
    var archive = Project.temporary("archive");
    try {
      var functions = Project.root().resolve("functions").resolve("target");
      peers = peers(FunctionCode.ofArchive(functions, archive));
      for (var setting : settings()) {
        measure(setting);
      }
    } finally {
      Project.delete(archive);
    }
    new BatchReport(measured, skipped, runs, Foreground.isFirst())
        .publish(name, machine.describe(String.join(" and ", releases)));
    return 0;
  }

  private Set<BatchSetting> settings() {
    var settings = new LinkedHashSet<BatchSetting>();
    for (var version : versions) {
      for (var one : cases) {
        rows.forEach(wanted -> settings.add(BatchSetting.of(version, one, wanted)));
      }
    }
    return settings;
  }

  private List<BatchPeer> peers(FunctionCode code) throws IOException, InterruptedException {
    var all = new ArrayList<BatchPeer>();
    for (var kind : kinds) {
      switch (kind) {
        case UPDATE -> all.add(PlainPeers.update());
        case LOOP -> all.add(PlainPeers.loop());
        case PROCEDURE -> all.add(PlainPeers.procedure());
        case PGROLL -> {
          try {
            var program = PgrollPeer.build();
            pgroll.forEach(size -> all.add(new PgrollPeer(program, size)));
          } catch (BatchPeer.Unavailable e) {
            skip("pgroll", e);
          }
        }
        case LONGHAUL -> batches.forEach(batch -> all.add(new LonghaulPeer(code, batch, 0)));
        case KILLED -> all.add(new LonghaulPeer(code, "", KILLS));
      }
    }
    return all;
  }

  private void skip(String name, BatchPeer.Unavailable reason) {
    var text = String.valueOf(reason.getMessage());
    Bench.progress("SKIPPED %s: %s".formatted(name, text));
    skipped.put(name, text);
  }

  private void measure(BatchSetting setting)
      throws IOException, SQLException, InterruptedException {
    var one = setting.circumstances();
    var settings = Map.of("shared_buffers", one.sharedBuffers(setting.rows()));
    try (var server = BatchServer.start(setting.version(), settings)) {
      var release = server.database("postgres").value("show server_version");
      releases.add(release);
      var table = new BatchTable(server, setting.rows());
      Bench.progress(
          "PostgreSQL %s, %s: filling a table with %,d rows"
              .formatted(release, one.label, table.rows()));
      table.fill();
      var run = new BatchRun(table, one);
      if (one.share > 0) {
        measureBesideTraffic(setting, run);
      } else {
        for (var number = 1; number <= runs; number++) {
          measureAll(setting, run, number, 0);
        }
      }
    }
  }

  /// A share of the most that there is on this table, and that traffic alone.
  private void measureBesideTraffic(BatchSetting setting, BatchRun run)
      throws IOException, SQLException, InterruptedException {
    var unloaded = new Unloaded(setting.version(), setting.rows());
    try {
      if (!most.containsKey(unloaded)) {
        most.put(unloaded, run.mostTraffic());
      }
    } catch (BatchPeer.Unavailable e) {
      skip(run.circumstances().label, e);
      return;
    }
    var traffic = run.circumstances().share * Objects.requireNonNull(most.get(unloaded));
    Bench.progress("%,.0f transactions a second".formatted(traffic));
    for (var number = 1; number <= runs; number++) {
      run.measureTraffic(figures(setting, BatchFigures.NOBODY), traffic);
      measureAll(setting, run, number, traffic);
    }
  }

  private void measureAll(BatchSetting setting, BatchRun run, int number, double traffic)
      throws IOException, SQLException, InterruptedException {
    for (var peer : inOrderOf(number)) {
      try {
        run.measure(peer, figures(setting, peer.name()), traffic);
        Bench.progress("run %d of %d: %s".formatted(number, runs, peer.name()));
      } catch (BatchPeer.Unavailable e) {
        skip(peer.name(), e);
      }
    }
  }

  /// Who comes first changes from run to run.
  private List<BatchPeer> inOrderOf(int number) {
    var order =
        new ArrayList<>(peers.stream().filter(peer -> !skipped.containsKey(peer.name())).toList());
    Collections.rotate(order, number - 1);
    return order;
  }

  private BatchFigures figures(BatchSetting setting, String peer) {
    return measured.stream()
        .filter(figures -> figures.is(setting, peer))
        .findFirst()
        .orElseGet(
            () -> {
              var added = new BatchFigures(setting, peer);
              measured.add(added);
              return added;
            });
  }
}
