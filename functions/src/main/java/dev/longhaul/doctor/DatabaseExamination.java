package dev.longhaul.doctor;

import dev.longhaul.database.Dialect;
import dev.longhaul.database.PostgresTarget;
import dev.longhaul.database.SqlState;
import dev.longhaul.database.Target;
import dev.longhaul.doctor.Doctor.User;
import dev.longhaul.journal.Journals;
import dev.longhaul.migration.Refusal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Examines one target, on a session of its own that is set up like all others, and ends with it.
/// What is the same for whoever logs in, the registrar looks at.
final class DatabaseExamination {
  private static final int OLDEST = 13;
  private static final int NEWEST = 18;
  private static final int FEW_CONNECTIONS = 10;
  private static final Duration MOST_SKEW = Duration.ofSeconds(5);

  /// No examination may hold up a database that is not well.
  private static final String PATIENCE = "set statement_timeout = '5s'";

  /// What changes in a row of the journal; the rest of it is as it was registered.
  private static final String FIXED = "'name', 'sql_forwards', 'sql_backwards', 'checksum'";

  private final Target target;
  private final User user;
  private final List<Finding> findings = new ArrayList<>();

  DatabaseExamination(Target target, User user) {
    this.target = target;
    this.user = user;
  }

  private interface Check {
    void look(Statement statement) throws SQLException;
  }

  List<Finding> findings() {
    try (Connection connection = target.connect("longhaul: doctor");
        Statement statement = connection.createStatement()) {
      if (target.dialect() == Dialect.SQLITE) {
        ok("database", "a SQLite file: nothing more to examine");
        return findings;
      }
      look("database", statement, this::version);
      look("pooler", statement, s -> pooler(connection, s));
      look("settings", statement, this::settings);
      statement.execute(PATIENCE);
      look("journal", statement, this::journal);
      look("rights", statement, this::rights);
      if (user == User.RUNNER) {
        look("ownership", statement, this::ownership);
        look("creation", statement, this::creation);
        pace();
        return findings;
      }
      look("connections", statement, this::connections);
      look("old transactions", statement, this::oldTransactions);
      look("replication slots", statement, this::slots);
      look("clock", statement, this::clock);
    } catch (Refusal refusal) {
      fail(
          "database",
          String.valueOf(refusal.getMessage()),
          "See the message; docs/deploy.md has the ways to a database.");
    } catch (SQLException e) {
      fail(
          "database",
          "the connection was lost (SQLSTATE %s)".formatted(SqlState.of(e)),
          "Run it again; if it stays so, look at the server's log.");
    }
    return findings;
  }

  /// A check that fails by itself keeps no other from being made.
  private void look(String check, Statement statement, Check how) {
    try {
      how.look(statement);
    } catch (SQLException e) {
      warn(
          check,
          "cannot be told (SQLSTATE %s)".formatted(SqlState.of(e)),
          "Look at the server's log for the error, and run it again.");
    }
  }

  private String name(String check) {
    return switch (user) {
      case REGISTRAR -> check;
      case RUNNER -> "runner's " + check;
    };
  }

  private void ok(String check, String text) {
    findings.add(Finding.ok(name(check), target.name(), text));
  }

  private void warn(String check, String text, String mend) {
    findings.add(Finding.warn(name(check), target.name(), text, mend));
  }

  private void fail(String check, String text, String mend) {
    findings.add(Finding.fail(name(check), target.name(), text, mend));
  }

  private static List<String> row(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      if (row.next()) {
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          values.add(String.valueOf(row.getString(i)));
        }
      }
      return values;
    }
  }

  /// PostgreSQL does not tell how many processors it has.
  private void pace() {
    if (target.health().lacksVcpus()) {
      warn(
          "pace",
          "vcpus is not set, so batched migrations do not slow down while the processors are busy",
          "Say how many the database has, DatabaseHealth {\"vcpus\": 4}, or switch the signal off"
              + " with {\"active_sessions_per_vcpu\": 0} (docs/health.md).");
    } else {
      ok("pace", "batched migrations slow down while the processors are busy");
    }
  }

  private void version(Statement statement) throws SQLException {
    List<String> row =
        row(
            statement,
            "select current_setting('server_version_num')::int / 10000, current_user,"
                + " current_database()");
    int version = Integer.parseInt(row.getFirst());
    String text = "PostgreSQL %d, database %s, as %s".formatted(version, row.get(2), row.get(1));
    if (version < OLDEST) {
      fail("database", text, "Upgrade the server: Longhaul needs PostgreSQL 13 or newer.");
    } else if (version > NEWEST) {
      warn(
          "database",
          text + "; tested are %d to %d".formatted(OLDEST, NEWEST),
          "Look for a newer release of Longhaul before you rely on it.");
    } else {
      ok("database", text);
    }
  }

  private void pooler(Connection connection, Statement statement) throws SQLException {
    int backend = Integer.parseInt(row(statement, "select pg_backend_pid()").getFirst());
    Optional<String> pooler =
        target instanceof PostgresTarget postgres
            ? postgres.pooler(connection, backend)
            : Optional.empty();
    if (pooler.isPresent()) {
      warn(
          "pooler",
          "there is one: " + pooler.get(),
          "Give the writer's own address, past the pooler: no statement can outlive the function"
              + " behind it.");
    } else {
      ok("pooler", "none: the session is the server's own");
    }
  }

  /// Settings of the role or the database that end long work; each session lifts them, unless
  /// something between here and the server keeps it from doing so.
  private void settings(Statement statement) throws SQLException {
    List<String> row =
        row(
            statement,
            """
            select
              coalesce(string_agg(name || ' = ' || reset_val || coalesce(unit, ''), ', ' order by name)
                filter (where reset_val <> '0'), ''),
              coalesce(string_agg(name || ' = ' || setting || coalesce(unit, ''), ', ' order by name)
                filter (where setting <> '0'), '')
            from pg_catalog.pg_settings
            where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
              'idle_session_timeout', 'transaction_timeout', 'client_connection_check_interval')
            """);
    String ofRole = row.get(0);
    String inForce = row.get(1);
    if (!inForce.isEmpty()) {
      fail(
          "settings",
          "in force although the session has lifted it: " + inForce,
          "Reset it for the role (alter role … in database … reset …), and take away what pools"
              + " sessions.");
    } else if (!ofRole.isEmpty()) {
      ok("settings", "Longhaul's sessions lift what the role or the database sets: " + ofRole);
    } else {
      ok("settings", "no time limit ends long work");
    }
  }

  private void journal(Statement statement) throws SQLException {
    List<String> row =
        row(
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
        ok("journal", "not there yet; the first call installs it");
      } else {
        fail(
            "journal",
            "not there, and the role may not create a schema",
            "Let the database's owner run the output of \"longhaul schema\", and grant as"
                + " docs/security.md says.");
      }
    } else if (!mayUse) {
      fail(
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
        row(
            statement,
            """
            select coalesce(string_agg(relname, ', '), '') from pg_class
            where relnamespace = 'longhaul'::regnamespace and relkind = 'r'
              and not has_table_privilege(oid, 'select')
            """);
    if (!tables.getFirst().isEmpty()) {
      fail(
          "journal",
          "the role may not read " + tables.getFirst(),
          "Grant select on all tables in schema longhaul, and what else docs/security.md lists.");
      return;
    }
    String forbidden = forbiddenWrites(statement);
    if (!forbidden.isEmpty()) {
      fail(
          "journal",
          "the role may not " + forbidden,
          "Run the grants of docs/security.md again, as after every release that changes the"
              + " journal.");
      return;
    }
    int version =
        Integer.parseInt(
            row(statement, "select coalesce(max(version), 0) from longhaul.journal").getFirst());
    String text = "version " + version;
    if (version > Journals.VERSION) {
      ok("journal", text + ", of a newer release; this one needs " + Journals.VERSION);
    } else if (version == Journals.VERSION) {
      ok("journal", text);
    } else if (owns) {
      warn(
          "journal",
          text + "; this release brings " + Journals.VERSION,
          "Nothing, or run the output of \"longhaul schema\" at a quiet time: the next call"
              + " upgrades it.");
    } else {
      fail(
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
          case REGISTRAR -> "('async_migration', 'insert')";
          case RUNNER ->
              "('async_migration_range', 'insert'), ('async_migration_range', 'update'),"
                  + " ('async_migration_range', 'delete'), ('async_migration_skipped_row',"
                  + " 'insert')";
        };
    return row(
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

  private void rights(Statement statement) throws SQLException {
    List<String> row =
        row(
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
      ok("rights", "sees all sessions; " + signal);
    } else {
      warn(
          "rights",
          (row.get(2).equals("t")
                  ? "does not see the lag of the replicas, so batches stand still; "
                  : "does not see what other roles' sessions do; ")
              + signal,
          "Grant pg_read_all_stats (or pg_monitor) to the role.");
    }
  }

  private void ownership(Statement statement) throws SQLException {
    List<String> row =
        row(
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
      ok("ownership", "the role may change all of %s tables".formatted(row.get(1)));
    } else {
      warn(
          "ownership",
          "%s of %s tables belong to others (%s): no migration can change their definition as %s"
              .formatted(row.get(0), row.get(1), row.get(2), row.get(3)),
          "Grant the owning role to the one that runs migrations: grant %s to %s."
              .formatted(row.get(2).split(", ", -1)[0], row.get(3)));
    }
  }

  private void creation(Statement statement) throws SQLException {
    List<String> row =
        row(
            statement,
            "select coalesce(current_schema(), ''), coalesce(has_schema_privilege(current_schema(),"
                + " 'create'), false), current_user");
    String schema = row.get(0);
    if (row.get(1).equals("t")) {
      ok("creation", "the role may create tables in schema " + schema);
    } else {
      warn(
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

  private void connections(Statement statement) throws SQLException {
    List<String> row =
        row(
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
      warn(
          "connections",
          text,
          "Lower ExecutorConcurrency, of which each takes two, or raise max_connections.");
    } else {
      ok("connections", text);
    }
  }

  /// Each concurrent index build waits for them, and they keep dead rows from being pruned.
  private void oldTransactions(Statement statement) throws SQLException {
    List<String> row =
        row(
            statement,
            """
            select (select count(*) from pg_catalog.pg_stat_activity
                    where xact_start < now() - interval '1 hour' and pid <> pg_backend_pid()
                      and application_name not like 'longhaul:%'),
              (select count(*) from pg_catalog.pg_prepared_xacts where database = current_database())
            """);
    if (!row.get(0).equals("0")) {
      warn(
          "old transactions",
          row.get(0)
              + " have been open for more than an hour; concurrent index builds wait for them",
          "Find them in pg_stat_activity by xact_start, and end what has been forgotten.");
    }
    if (!row.get(1).equals("0")) {
      warn(
          "old transactions",
          row.get(1) + " are prepared and hold their locks; concurrent index builds wait for them",
          "Commit or roll back what pg_prepared_xacts lists.");
    }
    if (row.equals(List.of("0", "0"))) {
      ok("old transactions", "none that a concurrent index build would wait for");
    }
  }

  private void slots(Statement statement) throws SQLException {
    List<String> row =
        row(
            statement,
            """
            select count(*), coalesce(string_agg(slot_name, ', '), ''),
              coalesce(pg_size_pretty(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))), '0 bytes')
            from pg_catalog.pg_replication_slots where not active and restart_lsn is not null
            """);
    if (row.get(0).equals("0")) {
      ok("replication slots", "none holds WAL back without a reader");
    } else {
      warn(
          "replication slots",
          "nobody reads %s, which hold %s of WAL back; a backfill adds to it until the disk is full"
              .formatted(row.get(1), row.get(2)),
          "Bring the reader back, or drop the slot (pg_drop_replication_slot).");
    }
  }

  private void clock(Statement statement) throws SQLException {
    Instant before = Instant.now();
    double server =
        Double.parseDouble(
            row(statement, "select extract(epoch from clock_timestamp())").getFirst());
    Instant after = Instant.now();
    double middle =
        (before.toEpochMilli() + Duration.between(before, after).toMillis() / 2.0) / 1000.0;
    double skew = Math.abs(server - middle);
    String text = "the database's and the function's differ by %.1f s".formatted(skew);
    if (skew > MOST_SKEW.toSeconds()) {
      warn(
          "clock",
          text,
          "Let the database's host keep its time by NTP; run_at and windows go by its clock.");
    } else {
      ok("clock", text);
    }
  }
}
