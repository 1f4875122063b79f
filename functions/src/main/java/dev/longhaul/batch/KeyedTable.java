package dev.longhaul.batch;

import dev.longhaul.database.Dialect;
import dev.longhaul.database.SqlState;
import dev.longhaul.journal.Key;
import dev.longhaul.migration.Batch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A table and the columns by whose order it is walked, as the catalog has them.
///
/// @param name quoted and with its schema
/// @param leaves its partitions that hold rows; the table itself where it has none
public record KeyedTable(long oid, String name, List<Column> key, List<Long> leaves) {

  /// @param name quoted
  /// @param type quoted where it must be; of a domain, the type beneath
  public record Column(String name, String type) {
    /// @param plain without quotes
    boolean isCalled(String plain) {
      return name.equals(plain) || name.equals(Dialect.identifier(plain));
    }

    boolean isInteger() {
      return type.equals("smallint") || type.equals("integer") || type.equals("bigint");
    }
  }

  /// Types whose values come back from their text as they were, and whose order is a B-tree's.
  private static final Set<String> TYPES =
      Set.of(
          "int2",
          "int4",
          "int8",
          "uuid",
          "text",
          "varchar",
          "timestamptz",
          "timestamp",
          "date",
          "numeric");

  /// What the server says to text that it cannot read as a name.
  private static final Set<String> NO_NAME = Set.of("42601", "42602", "0A000");

  public KeyedTable {
    key = List.copyOf(key);
    leaves = List.copyOf(leaves);
  }

  /// Why a table cannot be walked as asked: the field of `batch`, the reason, and the way out.
  public static final class Unwalkable extends Exception {
    private static final long serialVersionUID = 1;
    private final String field;
    private final boolean isMissing;

    private Unwalkable(String field, String problem, boolean isMissing) {
      super(problem, null, false, false);
      this.field = field;
      this.isMissing = isMissing;
    }

    static Unwalkable of(String field, String problem) {
      return new Unwalkable(field, problem, false);
    }

    static Unwalkable missing(String field, String problem) {
      return new Unwalkable(field, problem, true);
    }

    public String field() {
      return field;
    }

    public String problem() {
      return String.valueOf(getMessage());
    }

    /// Whether an earlier migration may yet make what is wanted.
    public boolean isMissing() {
      return isMissing;
    }
  }

  /// @param unvalidated the name of a constraint, quoted, by which only rows that are written from
  ///   now on are not null; null where there is none
  private record Found(
      Column column, String base, boolean isNotNull, @Nullable String unvalidated, int number) {}

  /// Looks the table up.
  public static KeyedTable find(Connection connection, Batch batch)
      throws SQLException, Unwalkable {
    String table = batch.table();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select c.oid, c.relkind, pg_catalog.format('%I.%I', n.nspname, c.relname) as name
            from pg_catalog.pg_class as c
            join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
            where c.oid = pg_catalog.to_regclass(?)
            """)) {
      statement.setString(1, table);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw Unwalkable.missing(
              "table",
              "\"%s\" is not there; check the name, and give its schema where the role's search path does not have it"
                  .formatted(table));
        }
        String kind = row.getString("relkind");
        if (!kind.equals("r") && !kind.equals("p")) {
          throw Unwalkable.of(
              "table",
              "\"%s\" is not a table; name the table whose rows are to be changed"
                  .formatted(table));
        }
        return find(connection, row.getLong("oid"), row.getString("name"), batch);
      }
    } catch (SQLException e) {
      if (NO_NAME.contains(SqlState.of(e))) {
        throw Unwalkable.of(
            "table",
            "\"%s\" is no name of a table; write it as in SQL, like app.tasks or app.\"Tasks\""
                .formatted(table));
      }
      throw e;
    }
  }

  private static KeyedTable find(Connection connection, long oid, String name, Batch batch)
      throws SQLException, Unwalkable {
    List<Found> found = new ArrayList<>();
    for (String column : batch.key()) {
      found.add(column(connection, oid, name, column));
    }
    for (Found column : found) {
      String quoted = column.column().name();
      if (!TYPES.contains(column.base())) {
        throw Unwalkable.of(
            "key",
            "%s is of type %s, by which no table is walked; choose a key of integer, bigint, uuid, text, timestamptz, timestamp, date or numeric columns"
                .formatted(quoted, column.column().type()));
      }
      if (!column.isNotNull()) {
        throw Unwalkable.of(
            "key",
            "%s may be null, and a row without a key is never met; choose another key, or run first: alter table %s alter column %s set not null"
                .formatted(quoted, name, quoted));
      }
      if (column.unvalidated() != null) {
        throw Unwalkable.missing(
            "key",
            "%s may be null in rows that are older than the constraint %s, which is not valid, and a row without a key is never met; run first: alter table %s validate constraint %s"
                .formatted(quoted, column.unvalidated(), name, column.unvalidated()));
      }
    }
    requireIndex(connection, oid, name, found);
    return new KeyedTable(
        oid, name, found.stream().map(Found::column).toList(), leaves(connection, oid));
  }

  /// From PostgreSQL 18 on, a column is `attnotnull` by a constraint that is not valid, too
  /// (<https://www.postgresql.org/docs/18/catalog-pg-attribute.html>).
  private static Found column(Connection connection, long oid, String table, String asWritten)
      throws SQLException, Unwalkable {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select pg_catalog.quote_ident(a.attname) as name, a.attnotnull, a.attnum,
              pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) as type, coalesce(b.typname, t.typname) as base,
              (select pg_catalog.quote_ident(k.conname) from pg_catalog.pg_constraint as k
               where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey = array[a.attnum] and not k.convalidated) as unvalidated
            from pg_catalog.pg_attribute as a
            join pg_catalog.pg_type as t on t.oid = a.atttypid
            left join pg_catalog.pg_type as b on b.oid = t.typbasetype
            where a.attrelid = ? and a.attnum > 0 and not a.attisdropped
              and (a.attname = ? or a.attname = pg_catalog.lower(?) or pg_catalog.quote_ident(a.attname) = ?)
            order by a.attname = ? desc
            """)) {
      statement.setLong(1, oid);
      for (int i = 2; i <= 5; i++) {
        statement.setString(i, asWritten);
      }
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw Unwalkable.missing(
              "key",
              "%s has no column \"%s\"; name a column, or a list of columns, of that table"
                  .formatted(table, asWritten));
        }
        return new Found(
            new Column(row.getString("name"), row.getString("type")),
            row.getString("base"),
            row.getBoolean("attnotnull"),
            row.getString("unvalidated"),
            row.getInt("attnum"));
      }
    }
  }

  /// A B-tree over all rows whose first columns are the key, all in one direction.
  private static void requireIndex(
      Connection connection, long oid, String name, List<Found> columns)
      throws SQLException, Unwalkable {
    String key = columns.stream().map(c -> c.column().name()).collect(Collectors.joining(", "));
    String invalid = null;
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select i.indexrelid::pg_catalog.regclass::text as name, i.indkey::text, i.indoption::text, i.indisvalid
            from pg_catalog.pg_index as i
            join pg_catalog.pg_class as c on c.oid = i.indexrelid
            join pg_catalog.pg_am as a on a.oid = c.relam
            where i.indrelid = ? and a.amname = 'btree' and i.indpred is null
            """)) {
      statement.setLong(1, oid);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          if (leads(row.getString("indkey"), row.getString("indoption"), columns)) {
            if (row.getBoolean("indisvalid")) {
              return;
            }
            invalid = row.getString("name");
          }
        }
      }
    }
    throw Unwalkable.missing(
        "key",
        (invalid == null
                ? "no index of %s begins with (%s), so that each batch would read the whole table"
                    .formatted(name, key)
                : "the index %s that begins with (%s) is not valid".formatted(invalid, key))
            + "; run first: create index concurrently %s on %s (%s)"
                .formatted(indexName(name, columns), name, key));
  }

  private static boolean leads(String numbers, String options, List<Found> columns) {
    String[] indexed = numbers.split(" ", -1);
    String[] option = options.split(" ", -1);
    return indexed.length >= columns.size()
        && option.length >= columns.size()
        && IntStream.range(0, columns.size())
            .allMatch(
                i ->
                    indexed[i].equals(Integer.toString(columns.get(i).number()))
                        && option[i].equals(option[0]));
  }

  private static String indexName(String table, List<Found> columns) {
    String plain =
        table.substring(table.lastIndexOf('.') + 1)
            + "_"
            + columns.stream().map(c -> c.column().name()).collect(Collectors.joining("_"))
            + "_idx";
    return plain.matches("[a-z_][a-z0-9_]*") ? plain : Dialect.identifier(plain.replace("\"", ""));
  }

  private static List<Long> leaves(Connection connection, long oid) throws SQLException {
    List<Long> leaves = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            with recursive tree as (
              select ?::oid as oid
              union all
              select i.inhrelid from tree join pg_catalog.pg_inherits as i on i.inhparent = tree.oid
            )
            select c.oid from tree join pg_catalog.pg_class as c on c.oid = tree.oid where c.relkind <> 'p'
            """)) {
      statement.setLong(1, oid);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          leaves.add(row.getLong(1));
        }
      }
    }
    return leaves;
  }

  /// The number of its rows by the last statistics, without counting them. A table that was never
  /// analyzed has none; then its size on disk tells, as for the planner.
  public long estimatedRows(Connection connection) throws SQLException {
    String oids = leaves.stream().map(String::valueOf).collect(Collectors.joining(", "));
    try (PreparedStatement statement =
            connection.prepareStatement(
                """
                select sum(case when reltuples > 0 and relpages > 0
                  then reltuples / relpages * (pg_catalog.pg_relation_size(oid) / 8192)
                  else pg_catalog.pg_relation_size(oid) / 100 end)::bigint
                from pg_catalog.pg_class where oid in (%s)
                """
                    .formatted(oids.isEmpty() ? "null" : oids));
        ResultSet row = statement.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /// The columns as text, behind each other.
  ///
  /// @param alias what they are named by, with its point
  String asText(String alias) {
    return key.stream().map(c -> alias + c.name() + "::text").collect(Collectors.joining(", "));
  }

  /// @param direction `desc`, or nothing
  String order(String alias, String direction) {
    return key.stream()
        .map(c -> alias + c.name() + " " + direction)
        .collect(Collectors.joining(", "));
  }

  /// What selects the keys from `lower`, exclusive, to `upper`, inclusive.
  ///
  /// @param alias what the columns are named by, with its point; empty for their bare names
  String between(String alias, @Nullable Key lower, Key upper) {
    return (lower == null ? "" : columns(alias) + " > " + literal(lower) + " and ")
        + columns(alias)
        + " <= "
        + literal(upper);
  }

  /// A condition on the key that every row meets: to see whether a statement understands it.
  String any(String alias) {
    return key.stream()
        .map(c -> alias + c.name() + " is not null")
        .collect(Collectors.joining(" and "));
  }

  /// What selects the keys from a value of the first column on, of those behind `last`.
  String leadingFrom(String value, @Nullable Key last) {
    Column first = key.getFirst();
    return "source.%s >= %s::%s".formatted(first.name(), Dialect.literal(value), first.type())
        + (last == null ? "" : " and " + columns("source.") + " > " + literal(last));
  }

  private String columns(String alias) {
    String columns = key.stream().map(c -> alias + c.name()).collect(Collectors.joining(", "));
    return key.size() == 1 ? columns : "(" + columns + ")";
  }

  /// What selects one of `count` stripes of keys: the rest of the key's last column where that is
  /// an integer, else a hash of its text. A window that one session has begun is ended by others,
  /// so it must be the same in all. Text of a `timestamptz` is in the session's time zone: here it
  /// is as it always was in functions, whose sessions are in UTC. `DateStyle` is always ISO, the
  /// driver ends a session where it is not.
  String stripe(String alias, int count, int stripe) {
    Column last = key.getLast();
    String column = alias + last.name();
    String text =
        last.type().equals("timestamp with time zone")
            ? "pg_catalog.timezone('UTC', %s)::text || '+00'".formatted(column)
            : column + "::text";
    return last.isInteger()
        ? "((%s %% %d) + %d) %% %d = %d".formatted(column, count, count, count, stripe)
        : "(pg_catalog.hashtextextended(%s, 0) %% %d + %d) %% %d = %d"
            .formatted(text, count, count, count, stripe);
  }

  private String literal(Key value) {
    String literals =
        IntStream.range(0, key.size())
            .mapToObj(i -> Dialect.literal(value.values().get(i)) + "::" + key.get(i).type())
            .collect(Collectors.joining(", "));
    return key.size() == 1 ? literals : "(" + literals + ")";
  }

  Key read(ResultSet row, int firstColumn) throws SQLException {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < key.size(); i++) {
      values.add(row.getString(firstColumn + i));
    }
    return new Key(values);
  }
}
