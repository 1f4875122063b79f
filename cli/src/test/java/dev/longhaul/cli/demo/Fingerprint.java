package dev.longhaul.cli.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// Everything in a database that a migration may change and has to put back, as lines: what is
/// there, how it is defined, and the data.
final class Fingerprint {
  private static final String OURS =
      "nspname not in ('information_schema', 'longhaul') and nspname !~ '^pg_'";

  /// Columns by name, for one that was dropped and added again moves to the end.
  private static final String CATALOG =
      """
      select concat_ws(' ', 'schema', nspname) from pg_namespace where %1$s
      union all
      select concat_ws(' ', 'extension', extname) from pg_extension
      union all
      select concat_ws(' ', 'relation', oid::regclass, relkind, reloptions)
      from pg_class
      where relnamespace in (select oid from pg_namespace where %1$s)
      union all
      select concat_ws(' ', 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod),
        attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid),
        col_description(attrelid, attnum))
      from pg_attribute
      join pg_class on pg_class.oid = attrelid and relkind in ('r', 'm', 'v')
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attnum > 0 and not attisdropped
        and relnamespace in (select oid from pg_namespace where %1$s)
      union all
      select concat_ws(' ', 'index', pg_get_indexdef(indexrelid), 'valid', indisvalid)
      from pg_index
      join pg_class on pg_class.oid = indexrelid
      where relnamespace in (select oid from pg_namespace where %1$s)
      union all
      select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid),
        convalidated)
      from pg_constraint
      where conrelid <> 0 and connamespace in (select oid from pg_namespace where %1$s)
      union all
      select concat_ws(' ', 'function', pg_get_functiondef(oid), obj_description(oid, 'pg_proc'))
      from pg_proc
      where prokind = 'f' and pronamespace in (select oid from pg_namespace where %1$s)
      union all
      select concat_ws(' ', 'trigger', pg_get_triggerdef(oid), tgenabled)
      from pg_trigger where not tgisinternal
      union all
      select concat_ws(' ', 'rule', definition) from pg_rules where schemaname <> 'pg_catalog'
      union all
      select concat_ws(' ', 'materialized view', matviewname, definition) from pg_matviews
      union all
      select concat_ws(' ', 'statistics', pg_get_statisticsobjdef(oid)) from pg_statistic_ext
      union all
      select concat_ws(' ', 'enum', enumtypid::regtype, string_agg(enumlabel, ',' order by enumsortorder))
      from pg_enum group by enumtypid
      union all
      select concat_ws(' ', 'sequence', schemaname, sequencename, last_value) from pg_sequences
      """
          .formatted(OURS);

  private Fingerprint() {}

  static List<String> of(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      List<String> lines = strings(statement, CATALOG);
      for (String table :
          strings(
              statement,
              """
              select pg_class.oid::regclass::text from pg_class
              join pg_namespace on pg_namespace.oid = relnamespace
              where relkind in ('r', 'm') and %s
              """
                  .formatted(OURS))) {
        lines.addAll(
            strings(
                statement,
                """
                select concat_ws(' ', 'data', '%1$s', count(*),
                  sum(hashtextextended(found::text, 0)))
                from %1$s as found
                """
                    .formatted(table)));
      }
      lines.sort(null);
      return List.copyOf(lines);
    }
  }

  private static List<String> strings(Statement statement, String query) throws SQLException {
    List<String> strings = new ArrayList<>();
    try (ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        strings.add(String.valueOf(result.getString(1)));
      }
    }
    return strings;
  }
}
