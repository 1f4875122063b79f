package dev.longhaul.execution;

import dev.longhaul.database.Dialect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Questions to the system catalog, each in a transaction of its own: nothing here leaves a
/// snapshot open, which a concurrent index build would wait for.
record Catalog(Connection connection) {
  interface Reader<T> {
    @Nullable T read(ResultSet row) throws SQLException;
  }

  /// A transaction's work.
  interface Work<T> {
    T run(Statement statement) throws SQLException;
  }

  /// @param isBeingBuilt by a session other than ours, at this moment, as far as can be told
  /// @param definition as `pg_get_indexdef` prints it
  /// @param shape the definition from the access method on, without any name of index or table;
  ///   null where it cannot be told apart
  record Index(
      long oid,
      String schema,
      String name,
      long table,
      boolean isValid,
      boolean isUnique,
      boolean isBeingBuilt,
      String definition,
      @Nullable String shape) {
    String qualifiedName() {
      return Dialect.identifier(schema) + "." + Dialect.identifier(name);
    }
  }

  /// Rows for which `read` answers null are left out.
  <T> List<T> rows(String sql, Reader<T> reader, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<T> results = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          T result = reader.read(rows);
          if (result != null) {
            results.add(result);
          }
        }
      }
      return results;
    }
  }

  <T> Optional<T> first(String sql, Reader<T> reader, Object... parameters) throws SQLException {
    return rows(sql, reader, parameters).stream().findFirst();
  }

  /// Whether a query answers true; false where it answers null or nothing.
  boolean is(String sql, Object... parameters) throws SQLException {
    return first(sql, row -> row.getBoolean(1), parameters).orElse(false);
  }

  /// An object's id by an expression like `to_regclass(?)`; empty if there is none.
  Optional<Long> oid(String expression, Object... parameters) throws SQLException {
    return first(
        "select " + expression + "::oid::bigint", row -> row.getObject(1, Long.class), parameters);
  }

  /// @param condition on `i` (`pg_index`), `c` (`pg_class` of the index) and `t` (of its table)
  List<Index> indexes(String condition, Object... parameters) throws SQLException {
    // The session-level lock of a concurrent build or rebuild, which its progress row goes with.
    // Others may see neither whose row it is nor what it is about, but its process they may. Where
    // the row tells (`param7` is the index, `param1` 2 a concurrent build), a build of another
    // index does not count. Of a rebuild (4) it names only the copy that is its turn.
    String sql =
        """
        select c.oid::bigint as oid, n.nspname, c.relname, t.oid::bigint as table_oid,
          i.indisvalid, i.indisunique,
          exists (
            select from pg_catalog.pg_stat_get_progress_info('CREATE INDEX') as p
            join pg_catalog.pg_locks as l on l.pid = p.pid
            where p.pid <> pg_catalog.pg_backend_pid() and l.locktype = 'relation'
              and (p.param1 is distinct from 2 or p.param7 in (0, c.oid::bigint))
              and l.relation = t.oid and l.mode = 'ShareUpdateExclusiveLock' and l.granted
              and l.database = (
                select oid from pg_catalog.pg_database
                where datname = pg_catalog.current_database())) as is_being_built,
          pg_catalog.pg_get_indexdef(c.oid) as definition,
          (select pg_catalog.substr(pg_catalog.pg_get_indexdef(c.oid), pg_catalog.length(h.head) + 1)
           from (
             select pg_catalog.format('CREATE %%sINDEX %%I ON %%s ',
               case when i.indisunique then 'UNIQUE ' end, c.relname, x.name) as head
             from pg_catalog.unnest(array[
               t.relnamespace::pg_catalog.regnamespace || '.' || pg_catalog.quote_ident(t.relname),
               'pg_temp.' || pg_catalog.quote_ident(t.relname),
               t.oid::pg_catalog.regclass::text]) as x (name)) as h
           where pg_catalog.starts_with(pg_catalog.pg_get_indexdef(c.oid), h.head || 'USING ')
           limit 1) as shape
        from pg_catalog.pg_index as i
        join pg_catalog.pg_class as c on c.oid = i.indexrelid
        join pg_catalog.pg_class as t on t.oid = i.indrelid
        join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where %s
        """
            .formatted(condition);
    return rows(
        sql,
        row ->
            new Index(
                row.getLong("oid"),
                row.getString("nspname"),
                row.getString("relname"),
                row.getLong("table_oid"),
                row.getBoolean("indisvalid"),
                row.getBoolean("indisunique"),
                row.getBoolean("is_being_built"),
                row.getString("definition"),
                row.getString("shape")),
        parameters);
  }

  /// The statement that drops an index beside the table's traffic.
  static String drop(Index index) {
    return "drop index concurrently if exists " + index.qualifiedName();
  }

  /// Runs `work` in a transaction that leaves nothing behind.
  <T> T rolledBack(Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      return work.run(statement);
    } finally {
      // Back to where it was even when the session is gone, which then shows at the next statement.
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }
}
