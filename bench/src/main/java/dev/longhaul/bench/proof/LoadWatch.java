package dev.longhaul.bench.proof;

import dev.longhaul.bench.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Looks at all journals while they are worked at, and at what is left in the end.
final class LoadWatch {
  private static final double MEGABYTE = 1 << 20;

  private final List<Database> databases;
  private final Executors pool;
  private final List<Double> memory = new ArrayList<>();
  private long mostConnections;

  /// @param figures for people
  record Sum(Map<String, String> figures, List<String> violations) {}

  LoadWatch(List<Database> databases, Executors pool) {
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

  Map<String, String> figures() {
    Map<String, String> figures = new LinkedHashMap<>();
    if (!memory.isEmpty()) {
      figures.put(
          "resident memory of an executor that lives through it, a third into the load; at its end",
          "%s MB; %s MB".formatted(one(memory.get(memory.size() / 3)), one(memory.getLast())));
    }
    figures.put("most connections at once", String.valueOf(mostConnections));
    return figures;
  }

  /// What every database says of the end.
  ///
  /// @param indexEvery which migrations build an index
  Sum sum(int indexEvery) throws SQLException {
    List<String> violations = new ArrayList<>();
    List<Double> early = new ArrayList<>();
    List<Double> late = new ArrayList<>();
    long bytes = 0;
    long migrations = 0;
    long retried = 0;
    long scanned = 0;
    for (int i = 0; i < databases.size(); i++) {
      try (Connection connection = databases.get(i).connect()) {
        String where = "target " + i + ": ";
        find(
            connection,
            where,
            violations,
            "select name || ' is ' || status from longhaul.async_migration where status <>"
                + " 'FINISHED'");
        find(
            connection,
            where,
            violations,
            "select 'row ' || n || ' was changed ' || times || ' times' from effect where times <> case when n %% %d = 0 then 0 else 1 end"
                .formatted(indexEvery));
        find(
            connection,
            where,
            violations,
            "select indexrelid::regclass || ' is not valid' from pg_index where indrelid ="
                + " 'item'::regclass and not indisvalid");
        find(
            connection,
            where,
            violations,
            "select 'an index is missing: ' || n from effect where n %% %d = 0 and to_regclass('item_' || n) is null"
                .formatted(indexEvery));
        migrations += number(connection, "select count(*) from longhaul.async_migration");
        retried +=
            number(connection, "select count(*) from longhaul.async_migration where attempt > 1");
        bytes +=
            number(
                connection,
                "select sum(pg_total_relation_size(c.oid)) from pg_class as c where relnamespace ="
                    + " 'longhaul'::regnamespace and relkind = 'r'");
        scanned +=
            number(
                connection,
                "select sum(seq_tup_read) from pg_stat_user_tables where schemaname = 'longhaul'");
        costs(connection, early, late);
      }
    }
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("migrations that took more than one attempt", String.valueOf(retried));
    figures.put(
        "journal on disk for a migration, indexes included",
        "%s kB".formatted(one(bytes / 1024.0 / migrations)));
    figures.put(
        "rows of the journal read by sequential scans, for a migration",
        one(scanned / (double) migrations));
    figures.put(
        "function's time for a migration beside its own sleep, median of the first quarter; of the"
            + " last",
        "%s ms; %s ms".formatted(one(median(early)), one(median(late))));
    return new Sum(figures, violations);
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
