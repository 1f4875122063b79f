package dev.longhaul.doctor;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// Examines what a user may see, change and create.
record RightsExamination(Findings findings) {
  void rights(Statement statement) throws SQLException {
    List<String> row =
        Findings.row(
            statement,
            """
            select pg_has_role('pg_read_all_stats', 'usage'), pg_has_role('pg_signal_backend', 'usage'),
              exists (select from pg_stat_replication)
            """);
    boolean seesAll = row.get(0).equals("t");
    String signal =
        row.get(1).equals("t")
            ? "may end sessions of others"
            : "may end sessions of its own role only, which is enough where all functions log in as"
                + " one";
    if (seesAll) {
      findings.ok("rights", "sees all sessions; " + signal);
    } else {
      findings.warn(
          "rights",
          (row.get(2).equals("t")
                  ? "does not see the lag of the replicas, so batches stand still; "
                  : "does not see what other roles' sessions do; ")
              + signal,
          "Grant pg_read_all_stats (or pg_monitor) to the role.");
    }
  }

  void ownership(Statement statement) throws SQLException {
    List<String> row =
        Findings.row(
            statement,
            """
            select count(*) filter (where not pg_has_role(relowner, 'usage')), count(*),
              coalesce(string_agg(distinct relowner::regrole::text, ', ')
                filter (where not pg_has_role(relowner, 'usage')), ''),
              current_user
            from pg_catalog.pg_class
            where relkind in ('r', 'p') and relpersistence = 'p'
              and relnamespace not in (
                select oid from pg_namespace
                where nspname in ('pg_catalog', 'information_schema', 'longhaul') or nspname like 'pg\\_toast%')
            """);
    if (row.get(0).equals("0")) {
      findings.ok("ownership", "the role may change all of %s tables".formatted(row.get(1)));
    } else {
      findings.warn(
          "ownership",
          "%s of %s tables belong to others (%s): no migration can change their definition as %s"
              .formatted(row.get(0), row.get(1), row.get(2), row.get(3)),
          "Grant the owning role to the one that runs migrations: grant %s to %s."
              .formatted(row.get(2).split(", ", -1)[0], row.get(3)));
    }
  }

  void creation(Statement statement) throws SQLException {
    List<String> row =
        Findings.row(
            statement,
            "select coalesce(current_schema(), ''), coalesce(has_schema_privilege(current_schema(),"
                + " 'create'), false), current_user");
    String schema = row.get(0);
    if (row.get(1).equals("t")) {
      findings.ok("creation", "the role may create tables in schema " + schema);
    } else {
      findings.warn(
          "creation",
          schema.isEmpty()
              ? "no schema of the search path is there"
              : "the role may create no tables in schema " + schema,
          schema.isEmpty()
              ? "Set the role's search_path, or name the schema in each migration."
              : "Grant it, if migrations create tables there: grant create on schema %s to %s."
                  .formatted(schema, row.get(2)));
    }
  }
}
