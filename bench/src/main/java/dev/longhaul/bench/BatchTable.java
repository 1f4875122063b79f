package dev.longhaul.bench;

import java.sql.SQLException;

/// The table whose column is filled: rows of about 110 bytes, three indexes, none on the column.
/// One that is filled serves as template for all runs.
///
/// @param server where it is, and where its copies will be
/// @param rows of it
record BatchTable(BatchServer server, int rows) {
  static final String NAME = "account";

  /// What every peer is to do, in its own way.
  static final String EXPRESSION = "id % 1000 + 1";

  private static final String TEMPLATE = "filled";
  private static final String WITHOUT_COLUMN = "filled_without";

  /// Bytes.
  record Size(long heap, long indexes) {}

  void fill() throws SQLException {
    server.database("postgres").execute("create database " + TEMPLATE);
    server
        .database(TEMPLATE)
        .execute(
            """
            create table account (
              id bigint not null, customer bigint not null, created_at timestamptz not null,
              amount integer not null, n integer not null default 0,
              code text not null, note text not null)
            """,
            """
            insert into account
            select i, hashint8(i) & 1048575, '2026-01-01'::timestamptz + i * interval '1 second',
              0, 0, 'c' || i, repeat('x', 40)
            from generate_series(1, %d) as i
            """
                .formatted(rows),
            "alter table account add primary key (id)",
            "create index account_by_customer on account (customer)",
            "create index account_by_time on account (created_at)",
            "vacuum (freeze, analyze) account");
    copyTo(TEMPLATE, WITHOUT_COLUMN);
    // Rows keep their width: it is a peer's business what it makes of them.
    server
        .database(WITHOUT_COLUMN)
        .execute("alter table account rename column n to former", "analyze account");
  }

  private void copyTo(String template, String name) throws SQLException {
    server
        .database("postgres")
        .execute(
            "drop database if exists " + name + " with (force)",
            "create database " + name + " template " + template,
            "checkpoint");
  }

  /// @param hasColumn whether the column is there already
  Database copy(String name, boolean hasColumn) throws SQLException {
    copyTo(hasColumn ? TEMPLATE : WITHOUT_COLUMN, name);
    return server.database(name);
  }

  void drop(Database database) throws SQLException {
    server.database("postgres").execute("drop database " + database.name() + " with (force)");
  }

  /// @throws IllegalStateException if not every row has the value that it should
  void requireFilled(Database database) throws SQLException {
    var sum = "select count(*) || ' ' || sum(hashint8(id * 1009 + (%s))::bigint) from account";
    var found = database.value(sum.formatted("n"));
    var expected = database.value(sum.formatted(EXPRESSION));
    if (!found.equals(expected) || !found.startsWith(rows + " ")) {
      throw new IllegalStateException("checksum %s instead of %s".formatted(found, expected));
    }
  }

  static Size size(Database database) throws SQLException {
    var sizes =
        database
            .value("select pg_relation_size('account') || ' ' || pg_indexes_size('account')")
            .split(" ", 2);
    return new Size(Long.parseLong(sizes[0]), Long.parseLong(sizes[1]));
  }

  /// Bytes of WAL that were ever written.
  static double wal(Database database) throws SQLException {
    return Double.parseDouble(
        database.value("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"));
  }
}
