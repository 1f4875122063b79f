package dev.longhaul.database;

import dev.longhaul.health.HealthLimits;
import dev.longhaul.migration.Refusal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/// A PostgreSQL database, reached at its writer and without a pooler: the session is the lease, and
/// a pooler ends or pins a session when it likes.
public final class PostgresTarget implements Target {
  /// Session settings that an administrator may have set on the role or the database, and that must
  /// not end work that takes hours. The keepalives let the server notice within half a minute that
  /// a client has vanished, once its statement is over. A server that does not know a setting yet
  /// is not asked for it.
  private static final String SET_UP =
      """
      select set_config(wanted.name, wanted.value, false), pg_is_in_recovery()
      from (values
        ('application_name', ?),
        ('statement_timeout', '0'),
        ('lock_timeout', '0'),
        ('idle_in_transaction_session_timeout', '0'),
        ('idle_session_timeout', '0'),
        ('transaction_timeout', '0'),
        ('client_connection_check_interval', '0'),
        ('tcp_keepalives_idle', '10'),
        ('tcp_keepalives_interval', '5'),
        ('tcp_keepalives_count', '3'),
        ('client_min_messages', 'error'),
        ('standard_conforming_strings', 'on'),
        ('default_transaction_read_only', 'off'),
        ('default_transaction_isolation', 'read committed'),
        -- A user named as the journal's schema must not create its tables there.
        ('search_path', case when current_user = 'longhaul'
          then regexp_replace(current_setting('search_path'), '"\\$user",? *', '')
          else current_setting('search_path') end)
      ) as wanted (name, value)
      where current_setting(wanted.name, true) is not null
      """;

  /// The application name of a session that nothing runs in.
  private static final String IDLE = "longhaul";

  private static final int VALIDATION_SECONDS = 2;

  /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-endpoints.html>
  private static final Pattern RDS_PROXY =
      Pattern.compile("[^.]+\\.(?:endpoint\\.)?proxy-[^.]+\\..+\\.rds\\.amazonaws\\.com(?:\\.cn)?");

  private final String name;
  private final Properties configuration;
  private final Credentials credentials;
  private final boolean isPooled;
  private final HealthLimits health;
  private volatile boolean hasOwnSessions;

  /// @param configuration the driver's properties: `PGHOST`, `PGPORT`, `PGDBNAME`, `sslmode`, …
  /// @param isPooled whether it is declared to be behind a pooler
  /// @param health merged into the defaults
  PostgresTarget(
      String name,
      Properties configuration,
      Credentials credentials,
      boolean isPooled,
      HealthLimits health) {
    this.name = name;
    this.configuration = configuration;
    this.credentials = credentials;
    this.isPooled = isPooled;
    this.health = health;
  }

  /// How a pooler between here and the server shows itself, in words; empty if none does. A pooler
  /// ends or pins the server's session when its client leaves, so no statement may be left to the
  /// server there.
  ///
  /// @param backend the server process that answers
  public Optional<String> pooler(Connection connection, int backend) throws SQLException {
    String host = configuration.getProperty("PGHOST", "");
    if (isPooled) {
      return Optional.of("it is declared as pooled");
    }
    if (RDS_PROXY.matcher(host).matches()) {
      return Optional.of("its host is an RDS Proxy");
    }
    // PgBouncer makes up the process id that it tells its clients.
    return connection.unwrap(PGConnection.class).getBackendPID() == backend
        ? Optional.empty()
        : Optional.of("the server's process is not the one that the connection was told of");
  }

  /// What this database may be asked to bear, unless a migration says otherwise.
  @Override
  public HealthLimits health() {
    return health;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Dialect dialect() {
    return Dialect.POSTGRESQL;
  }

  @Override
  public Connection connect(String applicationName) {
    try {
      return connectAndSetUp(applicationName);
    } catch (SQLException e) {
      if (!SqlState.of(e).equals(SqlState.INVALID_PASSWORD) || !credentials.renew()) {
        throw unavailable(e);
      }
    }
    try {
      return connectAndSetUp(applicationName);
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private Connection connectAndSetUp(String applicationName) throws SQLException {
    Connection connection = login();
    try {
      requireOwnSession(connection);
      setUp(connection, applicationName);
      return connection;
    } catch (SQLException | RuntimeException e) {
      try {
        connection.close();
      } catch (SQLException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  private Connection login() throws SQLException {
    Properties properties = new Properties();
    properties.putAll(configuration);
    credentials.addTo(properties);
    Tls.addTo(properties);
    properties.setProperty("ApplicationName", IDLE);
    properties.setProperty("assumeMinServerVersion", "13");
    properties.setProperty("stringtype", "unspecified");
    // The detail of an error may quote a row, and a failed batch its SQL: neither belongs in a log.
    properties.setProperty("logServerErrorDetail", "false");
    properties.setProperty("tcpKeepAlive", "true");
    properties.putIfAbsent("connectTimeout", "10");
    properties.putIfAbsent("loginTimeout", "15");
    @Nullable Connection connection = new Driver().connect("jdbc:postgresql:///", properties);
    if (connection == null) {
      throw new IllegalStateException("the PostgreSQL driver does not take its own URL");
    }
    return connection;
  }

  /// Before the settings are made, which others would have as well otherwise. It holds for as long
  /// as this function's process does.
  private void requireOwnSession(Connection connection) throws SQLException {
    if (!hasOwnSessions && !OwnSession.isGivenTo(connection, this::login)) {
      throw Refusal.unavailable(
          "target \"%s\": a pooler at %s gives each transaction another session of the server (as PgBouncer with pool_mode = transaction), and what holds a migration is a session: give the writer's own address, or one with pool_mode = session"
              .formatted(name, address()));
    }
    hasOwnSessions = true;
  }

  /// Whether a connection that has been idle, and whose settings have been discarded, is as one
  /// from [#connect] again. It may have died while the function was frozen, and its server may have
  /// become a replica.
  boolean setUpAgain(Connection connection, String applicationName) {
    try {
      if (!connection.isValid(VALIDATION_SECONDS)) {
        return false;
      }
      setUp(connection, applicationName);
      return true;
    } catch (SQLException | Refusal e) {
      // Not to be used again, whatever it is: a new connection tells.
      return false;
    }
  }

  private void setUp(Connection connection, String applicationName) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SET_UP)) {
      statement.setString(1, applicationName);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (row.getBoolean(2)) {
          throw Refusal.unavailable(
              "target \"%s\": %s is a read-only replica: give the writer endpoint (after a failover, try again)"
                  .formatted(name, address()));
        }
      }
    }
  }

  private Refusal unavailable(SQLException e) {
    String state = SqlState.of(e);
    String advice =
        state.startsWith("28")
            ? "check the user and its password or IAM grant"
            : "check that it is up and that this network reaches it, then try again";
    return Refusal.unavailable(
        "target \"%s\": the database at %s is not available (SQLSTATE %s, %s): %s"
            .formatted(name, address(), state, firstLine(e.getMessage()), advice));
  }

  private String address() {
    return "%s:%s"
        .formatted(
            configuration.getProperty("PGHOST", "the secret's host"),
            configuration.getProperty("PGPORT", "5432"));
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "no message" : message.lines().findFirst().orElse("no message");
  }

  @Override
  public String toString() {
    return "PostgresTarget[" + name + " at " + address() + "]";
  }
}
