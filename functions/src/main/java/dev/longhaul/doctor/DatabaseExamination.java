package dev.longhaul.doctor;

import dev.longhaul.database.Dialect;
import dev.longhaul.database.PostgresTarget;
import dev.longhaul.database.SqlState;
import dev.longhaul.database.Target;
import dev.longhaul.doctor.Doctor.User;
import dev.longhaul.migration.Refusal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;

/// Examines one target, on a session of its own that is set up like all others, and ends with it.
/// What is the same for whoever logs in, the registrar looks at.
final class DatabaseExamination {
  private static final int OLDEST = 13;
  private static final int NEWEST = 18;

  /// No examination may hold up a database that is not well.
  private static final String PATIENCE = "set statement_timeout = '5s'";

  private final Target target;
  private final User user;
  private final boolean prunes;
  private final Findings findings;

  /// @param prunes whether the registrar deletes what is old of the history
  DatabaseExamination(Target target, User user, boolean prunes) {
    this.target = target;
    this.user = user;
    this.prunes = prunes;
    this.findings = new Findings(target.name(), user);
  }

  private interface Check {
    void look(Statement statement) throws SQLException;
  }

  List<Finding> findings() {
    try (Connection connection = target.connect("longhaul: doctor");
        Statement statement = connection.createStatement()) {
      if (target.dialect() == Dialect.SQLITE) {
        findings.ok("database", "a SQLite file: nothing more to examine");
        return findings.all();
      }
      look("database", statement, this::version);
      look("pooler", statement, s -> pooler(connection, s));
      look("settings", statement, this::settings);
      statement.execute(PATIENCE);
      look("journal", statement, new JournalExamination(user, prunes, findings)::look);
      RightsExamination rights = new RightsExamination(findings);
      look("rights", statement, rights::rights);
      if (user == User.RUNNER) {
        look("ownership", statement, rights::ownership);
        look("creation", statement, rights::creation);
        pace();
        return findings.all();
      }
      ServerExamination server = new ServerExamination(findings);
      look("connections", statement, server::connections);
      look("old transactions", statement, server::oldTransactions);
      look("replication slots", statement, server::slots);
      look("clock", statement, server::clock);
    } catch (Refusal refusal) {
      findings.fail(
          "database",
          String.valueOf(refusal.getMessage()),
          "See the message; docs/deploy.md has the ways to a database.");
    } catch (SQLException e) {
      findings.fail(
          "database",
          "the connection was lost (SQLSTATE %s)".formatted(SqlState.of(e)),
          "Run it again; if it stays so, look at the server's log.");
    }
    return findings.all();
  }

  /// A check that fails by itself keeps no other from being made.
  private void look(String check, Statement statement, Check how) {
    try {
      how.look(statement);
    } catch (SQLException e) {
      findings.warn(
          check,
          "cannot be told (SQLSTATE %s)".formatted(SqlState.of(e)),
          "Look at the server's log for the error, and run it again.");
    }
  }

  /// PostgreSQL does not tell how many processors it has.
  private void pace() {
    if (target.health().lacksVcpus()) {
      findings.warn(
          "pace",
          "vcpus is not set, so batched migrations do not slow down while the processors are busy",
          "Say how many the database has, DatabaseHealth {\"vcpus\": 4}, or switch the signal off"
              + " with {\"active_sessions_per_vcpu\": 0} (docs/health.md).");
    } else {
      findings.ok("pace", "batched migrations slow down while the processors are busy");
    }
  }

  private void version(Statement statement) throws SQLException {
    List<String> row =
        Findings.row(
            statement,
            "select current_setting('server_version_num')::int / 10000, current_user,"
                + " current_database()");
    int version = Integer.parseInt(row.getFirst());
    String text = "PostgreSQL %d, database %s, as %s".formatted(version, row.get(2), row.get(1));
    if (version < OLDEST) {
      findings.fail("database", text, "Upgrade the server: Longhaul needs PostgreSQL 13 or newer.");
    } else if (version > NEWEST) {
      findings.warn(
          "database",
          text + "; tested are %d to %d".formatted(OLDEST, NEWEST),
          "Look for a newer release of Longhaul before you rely on it.");
    } else {
      findings.ok("database", text);
    }
  }

  private void pooler(Connection connection, Statement statement) throws SQLException {
    int backend = Integer.parseInt(Findings.row(statement, "select pg_backend_pid()").getFirst());
    Optional<String> pooler =
        target instanceof PostgresTarget postgres
            ? postgres.pooler(connection, backend)
            : Optional.empty();
    if (pooler.isPresent()) {
      findings.warn(
          "pooler",
          "there is one: " + pooler.get(),
          "Give the writer's own address, past the pooler: no statement can outlive the function"
              + " behind it.");
    } else {
      findings.ok("pooler", "none: the session is the server's own");
    }
  }

  /// Settings of the role or the database that end long work; each session lifts them, unless
  /// something between here and the server keeps it from doing so.
  private void settings(Statement statement) throws SQLException {
    List<String> row =
        Findings.row(
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
      findings.fail(
          "settings",
          "in force although the session has lifted it: " + inForce,
          "Reset it for the role (alter role … in database … reset …), and take away what pools"
              + " sessions.");
    } else if (!ofRole.isEmpty()) {
      findings.ok(
          "settings", "Longhaul's sessions lift what the role or the database sets: " + ofRole);
    } else {
      findings.ok("settings", "no time limit ends long work");
    }
  }
}
