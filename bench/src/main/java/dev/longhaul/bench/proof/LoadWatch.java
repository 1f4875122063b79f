package dev.longhaul.bench.proof;

import dev.longhaul.bench.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// Looks at all journals while they are worked at, and at what is left in the end.
final class LoadWatch {
  private static final double MEGABYTE = 1 << 20;

  /// MB that an executor may have: half of what the template gives to its function.
  private static final double MOST_MEMORY = 256;

  private static final double MOST_GROWTH = 1.2;

  /// kB.
  private static final double MOST_JOURNAL = 32;

  private static final double MOST_SCANNED = 1000;

  private final LoadPlan plan;
  private final List<Database> databases;
  private final Executors pool;
  private final List<Double> memory = new ArrayList<>();
  private long mostConnections;

  /// @param text the number
  /// @param bar what it may be; empty where it is only told
  record Figure(String what, String text, String bar) {}

  record Sum(List<Figure> figures, List<String> violations) {}

  LoadWatch(LoadPlan plan, List<Database> databases, Executors pool) {
    this.plan = plan;
    this.databases = databases;
    this.pool = pool;
  }

  /// @return how many migrations have not ended
  long look() throws SQLException, IOException {
    long left = 0;
    for (Database database : databases) {
      left +=
          Long.parseLong(
              database.value(
                  "select count(*) from longhaul.async_migration where status in ('STARTED', 'IN"
                      + " PROGRESS')"));
    }
    mostConnections =
        Math.max(
            mostConnections,
            Long.parseLong(
                databases
                    .getFirst()
                    .value(
                        "select count(*) from pg_stat_activity where backend_type = 'client"
                            + " backend'")));
    double all = 0;
    List<ProcessHandle> spared = pool.spared();
    for (ProcessHandle process : spared) {
      all += resident(process);
    }
    if (!spared.isEmpty()) {
      memory.add(all / spared.size());
    }
    return left;
  }

  String lastMemory() {
    return memory.isEmpty() ? "?" : one(memory.getLast());
  }

  /// In MB of 2^20; from Linux's `/proc/PID/statm`, in pages.
  private static double resident(ProcessHandle process) throws IOException {
    String[] pages = Files.readString(Path.of("/proc/" + process.pid() + "/statm")).split(" ", -1);
    return Long.parseLong(pages[1]) * 4096 / MEGABYTE;
  }

  /// What every database says of the end.
  Sum sum() throws SQLException {
    List<String> violations = new ArrayList<>();
    List<Double> early = new ArrayList<>();
    List<Double> late = new ArrayList<>();
    long bytes = 0;
    long retried = 0;
    for (int i = 0; i < databases.size(); i++) {
      try (Connection connection = databases.get(i).connect()) {
        for (String query : plan.violations(i)) {
          find(connection, "target " + i + ": ", violations, query);
        }
        retried +=
            number(connection, "select count(*) from longhaul.async_migration where attempt > 1");
        bytes +=
            number(
                connection,
                "select sum(pg_total_relation_size(c.oid)) from pg_class as c where relnamespace ="
                    + " 'longhaul'::regnamespace and relkind = 'r'");
        costs(connection, early, late);
      }
    }
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure("most connections at once", String.valueOf(mostConnections), ""));
    figures.add(
        new Figure("migrations that took more than one attempt", String.valueOf(retried), ""));
    Bars bars = new Bars(figures, violations);
    if (!memory.isEmpty()) {
      bars.most(
          "resident memory of an executor that lives through it, at its end",
          memory.getLast(),
          MOST_MEMORY,
          "MB");
    }
    bars.most(
        "journal on disk for a migration, indexes included",
        bytes / 1024.0 / plan.migrations(),
        MOST_JOURNAL,
        "kB");
    bars.most(
        "rows of the first target's journal read by sequential scans, for a migration",
        scanned(databases.getFirst()) / (double) plan.of(0),
        MOST_SCANNED,
        "rows");
    if (plan.isWhole()) {
      bars.most(
          "resident memory at its end, beside a third into the load",
          memory.getLast() / memory.get(memory.size() / 3),
          MOST_GROWTH,
          "times");
      bars.most(
          "function's time for a migration beside its own sleep, median of the last quarter beside the first (%s ms)"
              .formatted(one(median(early))),
          median(late) / median(early),
          MOST_GROWTH,
          "times");
    }
    return new Sum(figures, violations);
  }

  private record Bars(List<Figure> figures, List<String> violations) {
    void most(String what, double value, double bar, String unit) {
      String text = String.format(Locale.ROOT, "%.2f %s", value, unit);
      String most = "at most %s %s".formatted(Double.toString(bar).replaceFirst("\\.0$", ""), unit);
      figures.add(new Figure(what, text, most));
      if (value > bar) {
        violations.add("%s: %s; %s".formatted(what, text, most));
      }
    }
  }

  private static long scanned(Database database) throws SQLException {
    return Long.parseLong(
        database.value(
            "select sum(seq_tup_read) from pg_stat_user_tables where schemaname = 'longhaul'"));
  }

  /// Of those that took one attempt, in the order of their ends.
  private static void costs(Connection connection, List<Double> early, List<Double> late)
      throws SQLException {
    try (var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                """
                select ntile(4) over (order by finished_at) as quarter,
                  lambda_ms - 1000 * substring(sql_forwards ->> 1 from 'pg_sleep\\(([0-9.]+)')::numeric as cost
                from longhaul.async_migration where attempt = 1 and sql_forwards ->> 1 like '%pg_sleep%'
                """)) {
      while (row.next()) {
        switch (row.getInt(1)) {
          case 1 -> early.add(row.getDouble(2));
          case 4 -> late.add(row.getDouble(2));
          default -> {}
        }
      }
    }
  }

  private static double median(List<Double> values) {
    Collections.sort(values);
    return values.isEmpty() ? 0 : values.get(values.size() / 2);
  }

  private static long number(Connection connection, String query) throws SQLException {
    return Long.parseLong(Database.value(connection, query));
  }

  private static void find(
      Connection connection, String where, List<String> violations, String query)
      throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      while (row.next()) {
        violations.add(where + row.getString(1));
      }
    }
  }

  private static String one(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
