package dev.longhaul.doctor;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Examines the server: what it has left, what it waits for, and its clock.
record ServerExamination(Findings findings) {
  private static final int FEW_CONNECTIONS = 10;
  private static final Duration MOST_SKEW = Duration.ofSeconds(5);

  void connections(Statement statement) throws SQLException {
    List<String> row =
        Findings.row(
            statement,
            """
            select current_setting('max_connections')::int
                - current_setting('superuser_reserved_connections')::int - count(*),
              current_setting('max_connections')
            from pg_catalog.pg_stat_activity where backend_type = 'client backend'
            """);
    int left = Integer.parseInt(row.get(0));
    String text = "%d of %s connections are free".formatted(left, row.get(1));
    if (left < FEW_CONNECTIONS) {
      findings.warn(
          "connections",
          text,
          "Lower ExecutorConcurrency, of which each takes two, or raise max_connections.");
    } else {
      findings.ok("connections", text);
    }
  }

  /// Each concurrent index build waits for them, and they keep dead rows from being pruned.
  void oldTransactions(Statement statement) throws SQLException {
    List<String> row =
        Findings.row(
            statement,
            """
            select (select count(*) from pg_catalog.pg_stat_activity
                    where xact_start < now() - interval '1 hour' and pid <> pg_backend_pid()
                      and application_name not like 'longhaul:%'),
              (select count(*) from pg_catalog.pg_prepared_xacts where database = current_database())
            """);
    if (!row.get(0).equals("0")) {
      findings.warn(
          "old transactions",
          row.get(0)
              + " have been open for more than an hour; concurrent index builds wait for them",
          "Find them in pg_stat_activity by xact_start, and end what has been forgotten.");
    }
    if (!row.get(1).equals("0")) {
      findings.warn(
          "old transactions",
          row.get(1) + " are prepared and hold their locks; concurrent index builds wait for them",
          "Commit or roll back what pg_prepared_xacts lists.");
    }
    if (row.equals(List.of("0", "0"))) {
      findings.ok("old transactions", "none that a concurrent index build would wait for");
    }
  }

  void slots(Statement statement) throws SQLException {
    List<String> row =
        Findings.row(
            statement,
            """
            select count(*), coalesce(string_agg(slot_name, ', '), ''),
              coalesce(pg_size_pretty(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))), '0 bytes')
            from pg_catalog.pg_replication_slots where not active and restart_lsn is not null
            """);
    if (row.get(0).equals("0")) {
      findings.ok("replication slots", "none holds WAL back without a reader");
    } else {
      findings.warn(
          "replication slots",
          "nobody reads %s, which hold %s of WAL back; a backfill adds to it until the disk is full"
              .formatted(row.get(1), row.get(2)),
          "Bring the reader back, or drop the slot (pg_drop_replication_slot).");
    }
  }

  void clock(Statement statement) throws SQLException {
    Instant before = Instant.now();
    double server =
        Double.parseDouble(
            Findings.row(statement, "select extract(epoch from clock_timestamp())").getFirst());
    Instant after = Instant.now();
    double middle =
        (before.toEpochMilli() + Duration.between(before, after).toMillis() / 2.0) / 1000.0;
    double skew = Math.abs(server - middle);
    String text = "the database's and the function's differ by %.1f s".formatted(skew);
    if (skew > MOST_SKEW.toSeconds()) {
      findings.warn(
          "clock",
          text,
          "Let the database's host keep its time by NTP; run_at and windows go by its clock.");
    } else {
      findings.ok("clock", text);
    }
  }
}
