package dev.longhaul.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.Fields;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;

/// The signals that need one server, read by a role that may read nothing in particular.
@Timeout(60)
class HealthCheckTest {
  private static final String ROLE = "health_reader";

  /// Every signal off but those that a test is about.
  private static final HealthLimits QUIET =
      new HealthLimits(Limit.OFF, Limit.OFF, Limit.OFF, null, Limit.OFF, Limit.OFF, Limit.OFF);

  private final Database database = Database.create();
  private final Set<Integer> ours = new HashSet<>();
  private final List<Connection> connections = new ArrayList<>();

  @BeforeEach
  void create() {
    database.execute(
        """
        do $$ begin
          if to_regrole('health_reader') is null then create role health_reader login; end if;
        end $$;
        create table t (id int primary key, n int);
        insert into t select generate_series(1, 10), 0
        """);
  }

  @AfterEach
  void close() throws SQLException {
    for (Connection connection : connections) {
      connection.close();
    }
    database.await(
        "select count(*) = 0 from pg_stat_activity where datname = current_database()"
            + " and pid <> pg_backend_pid() and backend_type = 'client backend'");
  }

  private Connection connect(String role) throws SQLException {
    Connection connection =
        DriverManager.getConnection(
            "jdbc:" + database.url().replace("postgres@", "") + "?user=" + role);
    connections.add(connection);
    return connection;
  }

  private static int pid(Connection connection) throws SQLException {
    return connection.unwrap(PGConnection.class).getBackendPID();
  }

  private Connection ours() throws SQLException {
    Connection connection = connect("postgres");
    ours.add(pid(connection));
    return connection;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private HealthCheck check(String role, HealthLimits limits, String table) throws SQLException {
    long oid = Long.parseLong(database.value("select '" + table + "'::regclass::oid"));
    return new HealthCheck(connect(role), limits, oid, () -> ours);
  }

  private HealthCheck check(HealthLimits limits) throws SQLException {
    return check(ROLE, limits, "t");
  }

  private static HealthLimits with(String json) throws Exception {
    ObjectNode object = (ObjectNode) JsonFunction.JSON.readTree(json);
    List<String> problems = new ArrayList<>();
    HealthLimits limits = HealthLimits.read(new Fields(object, "", problems));
    assertThat(problems).isEmpty();
    return QUIET.merge(limits);
  }

  private static Signal signal(Reading reading, String name) {
    return reading.signals().stream()
        .filter(signal -> signal.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everySignalIsGoodInPeace() throws Exception {
    HealthLimits limits = with("{\"vcpus\": 64}").merge(HealthLimits.DEFAULT);
    Reading reading = check(limits).read();

    assertThat(reading.level()).as(reading.toString()).isEqualTo(Level.GOOD);
    assertThat(reading.reason()).isNull();
    assertThat(reading.blocksOthers()).isFalse();
    assertThat(reading.signals())
        .extracting(Signal::name)
        .containsExactlyInAnyOrder(
            "replica_lag_seconds",
            "blocked_sessions",
            "active_sessions_per_vcpu",
            "archive_queue_segments",
            "requested_checkpoints",
            "wraparound_vacuum");
  }

  @Test
  void seesWhoWaitsForOurRows() throws Exception {
    HealthCheck check = check(with("{\"blocked_sessions\": [1, 2, null]}"));
    Connection worker = ours();
    worker.setAutoCommit(false);
    execute(worker, "update t set n = 1");
    assertThat(check.read().blocksOthers()).isFalse();

    Connection waiter = connect("postgres");
    CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(
            () -> {
              try {
                execute(waiter, "update t set n = 2 where id = 5");
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            },
            Thread::startVirtualThread);
    database.await(
        "select exists (select from pg_locks where not granted and pid = " + pid(waiter) + ")");

    Reading reading = check.read();
    assertThat(reading.blocksOthers()).isTrue();
    assertThat(reading.level()).isEqualTo(Level.DEGRADED);
    assertThat(reading.reason())
        .isEqualTo("blocked_sessions: 1 sessions wait for our locks (degraded from 1 on)");

    ours.add(pid(waiter));
    assertThat(check.read().blocksOthers()).as("one worker waits for another").isFalse();
    worker.rollback();
    assertThat(waiting).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void countsActiveSessionsWithAndWithoutTheirStates() throws Exception {
    HealthLimits limits = with("{\"vcpus\": 2, \"active_sessions_per_vcpu\": [0.1, 1.5, 2]}");
    HealthCheck seeing = check("postgres", limits, "t");
    HealthCheck blind = check(limits);
    assertThat(signal(seeing.read(), "active_sessions_per_vcpu").value()).isZero();
    connect("postgres");
    Connection idleInTransaction = connect("postgres");
    idleInTransaction.setAutoCommit(false);
    execute(idleInTransaction, "select 1");
    Connection worker = ours();
    worker.setAutoCommit(false);
    execute(worker, "select 1");
    Connection active = connect("postgres");
    CompletableFuture<Void> sleeping =
        CompletableFuture.runAsync(
            () -> {
              try {
                execute(active, "select pg_sleep(600)");
              } catch (SQLException e) {
                // Cancelled, at the end of the test.
              }
            },
            Thread::startVirtualThread);
    database.await(
        "select exists (select from pg_stat_activity where wait_event = 'PgSleep' and pid = "
            + pid(active)
            + ")");

    Signal seen = signal(seeing.read(), "active_sessions_per_vcpu");
    assertThat(seen.value()).as("another one and ours").isEqualTo(1.0);
    assertThat(seen.level()).isEqualTo(Level.DEGRADED);
    assertThat(seen.reason())
        .contains("2 sessions are active on 2 vCPUs, 1 of them ours")
        .doesNotContain("grant");
    Signal supposed = signal(blind.read(), "active_sessions_per_vcpu");
    assertThat(supposed.value()).isEqualTo(1.5);
    assertThat(supposed.level()).isEqualTo(Level.BAD);
    assertThat(supposed.reason()).contains("3 sessions are active").contains("pg_read_all_stats");

    database.execute("select pg_cancel_backend(" + pid(active) + ")");
    assertThat(sleeping).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void seesVacuumsThatPreventWraparound() throws Exception {
    database.execute(
        """
        create table p (id int) partition by range (id);
        create table p1 partition of p for values from (0) to (10)
          with (autovacuum_freeze_max_age = 100000);
        create table young (id int)
        """);
    HealthLimits limits = with("{\"wraparound_vacuum\": true}");
    HealthCheck parent = check(ROLE, limits, "p");
    HealthCheck other = check(ROLE, limits, "young");
    Connection vacuum = connect("postgres");
    vacuum.setAutoCommit(false);
    execute(vacuum, "lock table p1, young in share update exclusive mode");
    assertThat(parent.read().level()).as("vacuumed in good time").isEqualTo(Level.GOOD);

    database.execute(
        "do $$ begin for i in 1..100001 loop perform pg_current_xact_id(); commit; end loop; end"
            + " $$");
    Reading reading = parent.read();
    assertThat(reading.level()).isEqualTo(Level.BAD);
    assertThat(reading.reason())
        .isEqualTo("wraparound_vacuum: p1 is being vacuumed to prevent wraparound (bad from 1 on)");
    assertThat(other.read().level()).as("another table").isEqualTo(Level.GOOD);

    vacuum.rollback();
    assertThat(await(parent, Level.GOOD).signals()).hasSize(1);
  }

  private static Reading await(HealthCheck check, Level level) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    Reading reading = check.read();
    while (reading.level() != level) {
      assertThat(System.nanoTime()).as(reading.toString()).isLessThan(deadline);
      reading = check.read();
    }
    return reading;
  }

  @Test
  void countsRequestedCheckpoints() throws Exception {
    HealthCheck check = check(with("{\"requested_checkpoints\": [2, null, null]}"));
    assertThat(check.read().level()).isEqualTo(Level.GOOD);

    database.execute("checkpoint");
    database.execute("checkpoint");
    Reading reading = await(check, Level.DEGRADED);
    assertThat(reading.reason()).contains(" checkpoints were requested in five minutes");
  }

  @Test
  void readsAurorasReaders() throws Exception {
    database.execute(
        """
        create table readers (server_id text, session_id text, replica_lag_in_msec float8);
        insert into readers values ('writer', 'MASTER_SESSION_ID', null), ('one', 'a', 20);
        create function aurora_replica_status() returns setof readers
          language sql security definer as 'select * from readers';
        """);
    HealthCheck check = check(with("{\"replica_lag_seconds\": [5, 15, 60]}"));
    assertThat(check.read().signals()).containsExactly(Signal.good("replica_lag_seconds", 0.02));

    database.execute("insert into readers values ('two', 'b', 15500)");
    assertThat(check.read())
        .extracting(Reading::level, Reading::reason)
        .containsExactly(
            Level.BAD,
            "replica_lag_seconds: Aurora reader \"two\" is 15.5 s behind (bad from 15 on)");

    database.execute("insert into readers values ('three', 'c', null)");
    assertThat(check.read().level()).isEqualTo(Level.BLIND);
    assertThat(check.read().reason()).contains("\"three\"");
  }

  @Test
  void saysWhatToGrantWhereItMayNotLook() throws Exception {
    database.execute(
        """
        create function aurora_replica_status()
          returns table (server_id text, session_id text, replica_lag_in_msec float8)
          language sql as 'select ''a'', ''b'', 0.0';
        revoke execute on function aurora_replica_status() from public
        """);
    HealthCheck check = check(with("{\"replica_lag_seconds\": [5, 15, 60]}"));

    Reading reading = check.read();
    assertThat(reading.level()).isEqualTo(Level.BLIND);
    assertThat(reading.reason()).contains("42501").contains("grant").contains("switch");
    check.change(QUIET);
    assertThat(check.read().level()).isEqualTo(Level.GOOD);
  }

  @Test
  void doesNotWaitForAServerThatDoesNotAnswer() throws Exception {
    database.execute(
        """
        create function aurora_replica_status()
          returns table (server_id text, session_id text, replica_lag_in_msec float8)
          language sql as 'select ''a'', ''b'', 0.0 from pg_sleep(50)'
        """);
    Connection connection = connect(ROLE);
    execute(connection, "set statement_timeout = '7s'");
    HealthCheck check =
        new HealthCheck(connection, with("{\"replica_lag_seconds\": [5, 15, 60]}"), 0, () -> ours);

    assertThat(check.read())
        .extracting(Reading::level, Reading::reason)
        .containsExactly(
            Level.BLIND,
            "the database's health cannot be read (SQLSTATE 57014): it did not answer within 2000"
                + " ms");
    assertThat(statementTimeout(connection)).isEqualTo("7s");
    check.change(QUIET);
    check.read();
    assertThat(statementTimeout(connection)).isEqualTo("7s");
  }

  private static String statementTimeout(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("show statement_timeout")) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void isBlindOnceItsConnectionIsGone() throws Exception {
    Connection connection = connect(ROLE);
    HealthCheck check = new HealthCheck(connection, QUIET, 0, () -> ours);
    assertThat(check.read().level()).isEqualTo(Level.GOOD);
    connection.close();

    assertThat(check.read().level()).isEqualTo(Level.BLIND);
  }
}
