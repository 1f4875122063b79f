package dev.longhaul.health;

import dev.longhaul.database.SqlState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads the health of a database, all signals in one round trip. It remembers earlier readings, so
/// one is to be kept as long as the work goes on.
public final class HealthCheck {
  /// In milliseconds. A server that needs longer to tell how it is, is not well.
  private static final int PATIENCE = 2_000;

  private static final String CLOCK = "clock";

  /// @param statementTimeout what the connection is to have again
  private record Server(
      int version, boolean isAurora, String statementTimeout, List<Probe> probes) {}

  private final Connection connection;
  private final long table;
  private final Supplier<Set<Integer>> ours;
  private HealthLimits limits;
  private @Nullable Server server;

  /// @param connection in autocommit, and not busy while [#read] runs
  /// @param limits merged into the defaults
  /// @param table the object id of the table that is worked on
  /// @param ours the server processes that do the work, at the time of a reading
  public HealthCheck(
      Connection connection, HealthLimits limits, long table, Supplier<Set<Integer>> ours) {
    this.connection = connection;
    this.limits = HealthLimits.DEFAULT.merge(limits);
    this.table = table;
    this.ours = ours;
  }

  /// From the next reading on.
  public void change(HealthLimits changed) {
    this.limits = HealthLimits.DEFAULT.merge(changed);
  }

  /// Never throws for what the database answers: what cannot be read is [Level#BLIND].
  public Reading read() {
    try {
      if (server == null) {
        server = meet();
      }
      return read(server);
    } catch (SQLException e) {
      String state = SqlState.of(e);
      String advice =
          switch (state) {
            case SqlState.QUERY_CANCELED -> "it did not answer within %d ms".formatted(PATIENCE);
            case SqlState.INSUFFICIENT_PRIVILEGE ->
                "grant the role pg_monitor, or switch the signal off (%s)"
                    .formatted(e.getMessage());
            default -> String.valueOf(e.getMessage());
          };
      return Reading.blind(
          "the database's health cannot be read (SQLSTATE %s): %s".formatted(state, advice));
    }
  }

  private Server meet() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select current_setting('server_version_num')::int,
                  to_regprocedure('aurora_replica_status()') is not null,
                  current_setting('statement_timeout')
                """)) {
      row.next();
      boolean isAurora = row.getBoolean(2);
      List<Probe> probes = new ArrayList<>();
      probes.add(new BlockedSessions());
      probes.add(new ActiveSessions());
      probes.add(new WraparoundVacuum());
      probes.add(isAurora ? new AuroraLag() : new ReplicaLag());
      if (!isAurora) {
        // Aurora's storage has neither WAL segments nor checkpoints.
        probes.add(new ArchiveQueue());
        probes.add(new RequestedCheckpoints());
      }
      return new Server(row.getInt(1), isAurora, row.getString(3), List.copyOf(probes));
    }
  }

  private Reading read(Server known) throws SQLException {
    Scene scene = new Scene(known.version, known.isAurora, table, Set.copyOf(ours.get()));
    List<Probe> probes =
        known.probes.stream().filter(probe -> !probe.limit(limits).isOff()).toList();
    List<Row> rows = query(sql(known, probes, scene));
    double clock =
        rows.stream()
            .filter(row -> row.signal().equals(CLOCK))
            .map(Row::first)
            .findFirst()
            .orElseThrow();
    Map<String, List<Row>> bySignal = rows.stream().collect(Collectors.groupingBy(Row::signal));
    return Reading.of(
        probes.stream()
            .map(
                probe -> probe.judge(bySignal.getOrDefault(probe.name(), List.of()), clock, limits))
            .toList());
  }

  /// Several statements that are sent as one are one transaction, so an error takes the setting
  /// back as well.
  private static String sql(Server server, List<Probe> probes, Scene scene) {
    String clock =
        """
        select '%s' as signal, null::text as subject,
          extract(epoch from clock_timestamp())::float8 as first,
          null::float8 as second, null::float8 as third
        """
            .formatted(CLOCK);
    return probes.stream()
        .map(probe -> "union all (" + probe.sql(scene) + ")\n")
        .collect(
            Collectors.joining(
                "",
                "set statement_timeout = " + PATIENCE + ";\n" + clock,
                ";\nset statement_timeout = '" + server.statementTimeout + "'"));
  }

  private List<Row> query(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      boolean isResult = statement.execute(sql);
      while (!isResult) {
        isResult = statement.getMoreResults();
      }
      List<Row> rows = new ArrayList<>();
      try (ResultSet result = statement.getResultSet()) {
        while (result.next()) {
          rows.add(
              new Row(
                  result.getString(1),
                  result.getString(2),
                  result.getObject(3, Double.class),
                  result.getObject(4, Double.class),
                  result.getObject(5, Double.class)));
        }
      }
      return rows;
    }
  }
}
