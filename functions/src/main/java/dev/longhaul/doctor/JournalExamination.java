package dev.longhaul.doctor;

import dev.longhaul.doctor.Doctor.User;
import dev.longhaul.journal.Journals;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// Examines the journal: whether it is there, of which version, and what a user may do with it.
record JournalExamination(User user, boolean prunes, Findings findings) {
  /// What of a row of the journal stays as it was registered.
  private static final String FIXED = "'name', 'sql_forwards', 'sql_backwards', 'checksum'";

  void look(Statement statement) throws SQLException {
    List<String> row =
        Findings.row(
            statement,
            """
            select to_regnamespace('longhaul') is not null,
              has_database_privilege(current_database(), 'create'),
              coalesce(has_schema_privilege(to_regnamespace('longhaul')::oid, 'usage'), false),
              coalesce((select pg_has_role(nspowner, 'usage') from pg_namespace where nspname = 'longhaul'), false)
            """);
    boolean exists = row.get(0).equals("t");
    boolean mayCreate = row.get(1).equals("t");
    boolean mayUse = row.get(2).equals("t");
    boolean owns = row.get(3).equals("t");
    if (!exists) {
      if (mayCreate) {
        findings.ok("journal", "not there yet; the first call installs it");
      } else {
        findings.fail(
            "journal",
            "not there, and the role may not create a schema",
            "Let the database's owner run the output of \"longhaul schema\", and grant as"
                + " docs/security.md says.");
      }
    } else if (!mayUse) {
      findings.fail(
          "journal",
          "the role may not use the schema longhaul",
          "Grant usage on schema longhaul, and the rights on its tables that docs/security.md"
              + " lists.");
    } else {
      journalVersion(statement, owns);
    }
  }

  private void journalVersion(Statement statement, boolean owns) throws SQLException {
    List<String> tables =
        Findings.row(
            statement,
            """
            select coalesce(string_agg(relname, ', '), '') from pg_class
            where relnamespace = 'longhaul'::regnamespace and relkind = 'r'
              and not has_table_privilege(oid, 'select')
            """);
    if (!tables.getFirst().isEmpty()) {
      findings.fail(
          "journal",
          "the role may not read " + tables.getFirst(),
          "Grant select on all tables in schema longhaul, and what else docs/security.md lists.");
      return;
    }
    String forbidden = forbiddenWrites(statement);
    if (!forbidden.isEmpty()) {
      findings.fail(
          "journal",
          "the role may not " + forbidden,
          "Run the grants of docs/security.md again, as after every release that changes the"
              + " journal.");
      return;
    }
    int version =
        Integer.parseInt(
            Findings.row(statement, "select coalesce(max(version), 0) from longhaul.journal")
                .getFirst());
    String text = "version " + version;
    if (version > Journals.VERSION) {
      findings.ok("journal", text + ", of a newer release; this one needs " + Journals.VERSION);
    } else if (version == Journals.VERSION) {
      findings.ok("journal", text);
    } else if (owns) {
      findings.warn(
          "journal",
          text + "; this release brings " + Journals.VERSION,
          "Nothing, or run the output of \"longhaul schema\" at a quiet time: the next call"
              + " upgrades it.");
    } else {
      findings.fail(
          "journal",
          text
              + "; this release needs %d, and the role may not upgrade it"
                  .formatted(Journals.VERSION),
          "Let the schema's owner run the output of \"longhaul schema\".");
    }
  }

  /// What it must write and may not, such as `update async_migration (paused_at)`. Rights of
  /// columns that a release has added are missing until the grants have been run again.
  private String forbiddenWrites(Statement statement) throws SQLException {
    String ofUser =
        switch (user) {
          case REGISTRAR ->
              "('async_migration', 'insert')"
                  + (prunes ? ", ('async_migration_history', 'delete')" : "");
          case RUNNER ->
              "('async_migration_range', 'insert'), ('async_migration_range', 'update'),"
                  + " ('async_migration_range', 'delete'), ('async_migration_skipped_row',"
                  + " 'insert')";
        };
    return Findings.row(
            statement,
            """
            select coalesce(string_agg(privilege || ' ' || place, ', ' order by place, privilege), '')
            from (
              select privilege, name as place
              from (values ('async_migration_history', 'insert'), %s) needed (name, privilege)
              where to_regclass('longhaul.' || name) is not null
                and not has_table_privilege('longhaul.' || name, privilege)
              union all
              select 'update', relname || ' (' || string_agg(attname, ', ' order by attnum) || ')'
              from pg_attribute join pg_class on pg_class.oid = attrelid
              where relnamespace = 'longhaul'::regnamespace and attnum > 0 and not attisdropped
                and (relname = 'async_migration' and attname not in (%s)
                  or relname = 'async_migration_history' and attname = 'published_at')
                and not has_column_privilege(attrelid, attnum, 'update')
              group by relname
            ) forbidden
            """
                .formatted(ofUser, FIXED))
        .getFirst();
  }
}
