package dev.longhaul.batch;

import dev.longhaul.batch.KeyedTable.Unwalkable;
import dev.longhaul.database.SqlState;
import dev.longhaul.migration.Placeholder;
import dev.longhaul.migration.StatementAlias;
import dev.longhaul.migration.StatementAlias.Use;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A statement with the placeholder, and what the key's columns are called where it stands.
///
/// @param alias with its point; empty for the columns' bare names
public record BatchStatement(String statement, String alias) {
  /// What the server says to an alias that is not known where the placeholder stands.
  private static final String NOT_NAMED_HERE = "42P01";

  /// The statement for some of the rows.
  String where(String condition) {
    return Placeholder.replace(statement, condition);
  }

  /// Finds out by the server's own parser what the key's columns are called in the statement: by an
  /// alias of the table, by its name, or bare, which in a statement with several tables may be
  /// ambiguous. Where the table is changed comes first: a self-join reads it by another name, and
  /// by that name a row would be changed once for each row that it is joined with, in as many
  /// batches. Nothing is executed.
  ///
  /// @throws SQLException what the server says against the statement by whatever name
  public static BatchStatement resolve(Connection connection, KeyedTable table, String statement)
      throws SQLException, Unwalkable {
    List<StatementAlias> names = names(connection, table, statement);
    requireSameKey(table, names);
    SQLException first = null;
    for (String alias : aliases(names)) {
      BatchStatement qualified = new BatchStatement(statement, alias + ".");
      try {
        explain(connection, qualified.where(table.any(qualified.alias())));
        return qualified;
      } catch (SQLException e) {
        if (!isOfNames(SqlState.of(e))) {
          throw e;
        }
        first = first == null && !SqlState.of(e).equals(NOT_NAMED_HERE) ? e : first;
      }
    }
    BatchStatement bare = new BatchStatement(statement, "");
    try {
      explain(connection, bare.where(table.any("")));
      return bare;
    } catch (SQLException e) {
      throw first == null ? e : first;
    }
  }

  /// Whether another name may fare better. After a lock timeout, say, one that binds to the other
  /// side of a self-join would.
  private static boolean isOfNames(String state) {
    return state.startsWith("42") && !state.equals(SqlState.INSUFFICIENT_PRIVILEGE);
  }

  private static List<String> aliases(List<StatementAlias> names) {
    return Stream.concat(
            names.stream().filter(name -> name.use() == Use.CHANGES),
            names.stream().filter(name -> name.use() == Use.READS))
        .map(StatementAlias::alias)
        .distinct()
        .toList();
  }

  /// Where the statement names the table or a partition of it. Another table may have columns that
  /// are called like the key's, and would be walked by keys that are not its own.
  private static List<StatementAlias> names(
      Connection connection, KeyedTable table, String statement) throws SQLException, Unwalkable {
    Set<List<String>> own = new HashSet<>();
    Set<List<String>> hidden = new HashSet<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            """
            with recursive tree as (
              select ?::oid as oid
              union all
              select i.inhrelid from tree join pg_catalog.pg_inherits as i on i.inhparent = tree.oid
            )
            select n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid) as is_visible
            from tree
            join pg_catalog.pg_class as c on c.oid = tree.oid
            join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
            """)) {
      query.setLong(1, table.oid());
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          String name = row.getString("relname");
          own.add(List.of(row.getString("nspname"), name));
          (row.getBoolean("is_visible") ? own : hidden).add(List.of(name));
        }
      }
    }
    List<StatementAlias> named = StatementAlias.of(statement);
    List<StatementAlias> found = named.stream().filter(name -> own.contains(name.table())).toList();
    if (found.stream().allMatch(name -> name.use() == Use.INSERTS)) {
      String problem =
          "%s is not in the statement, and :batch selects rows by its keys; name the table that the statement reads or changes"
              .formatted(table.name());
      // An earlier statement may yet set a search path by which it is meant.
      throw named.stream().map(StatementAlias::table).anyMatch(hidden::contains)
          ? Unwalkable.missing("table", problem)
          : Unwalkable.of("table", problem);
    }
    return found;
  }

  private static void requireSameKey(KeyedTable table, List<StatementAlias> names)
      throws Unwalkable {
    Optional<String> changed =
        names.stream()
            .flatMap(name -> name.assigned().stream())
            .filter(column -> table.key().stream().anyMatch(key -> key.isCalled(column)))
            .findFirst();
    if (changed.isPresent()) {
      throw Unwalkable.of(
          "key",
          "the statement changes \"%s\", the key that it is walked by: a row would be met again or missed; walk by another key"
              .formatted(changed.get()));
    }
  }

  /// Inside a transaction, an error leaves it as it was.
  private static void explain(Connection connection, String sql) throws SQLException {
    Savepoint savepoint = connection.getAutoCommit() ? null : connection.setSavepoint();
    try (Statement explain = connection.createStatement()) {
      explain.setEscapeProcessing(false);
      explain.execute("explain (costs off) " + sql);
    } catch (SQLException e) {
      if (savepoint != null) {
        connection.rollback(savepoint);
      }
      throw e;
    }
  }

  /// Outside of quotes.
  static int lastPoint(String name) {
    int point = -1;
    boolean quoted = false;
    for (int i = 0; i < name.length(); i++) {
      quoted ^= name.charAt(i) == '"';
      point = !quoted && name.charAt(i) == '.' ? i : point;
    }
    return point;
  }
}
