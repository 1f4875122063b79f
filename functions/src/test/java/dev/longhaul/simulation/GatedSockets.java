package dev.longhaul.simulation;

import dev.longhaul.testing.Database;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.SocketFactory;

/// What the driver is told to make its connections by (its parameter `socketFactory`), with the
/// number of an environment as its argument.
public final class GatedSockets extends SocketFactory {
  static final Map<String, Environment> ENVIRONMENTS = new ConcurrentHashMap<>();

  /// Of the connections, by their ports, which the server knows them by.
  static final Map<Integer, String> NAMES = new ConcurrentHashMap<>();

  private static final String SESSIONS =
      "pg_stat_activity where datname = current_database() and application_name like 'longhaul%'";

  private final Environment environment;

  public GatedSockets(String environment) {
    this.environment = Objects.requireNonNull(ENVIRONMENTS.get(environment), environment);
  }

  /// The functions' sessions, as [GatedSocket#toString()] has them.
  ///
  /// @param condition on pg_stat_activity
  static List<String> sessions(String condition, Database database) {
    return database.query("select client_port from " + SESSIONS + " and " + condition).stream()
        .flatMap(port -> Stream.ofNullable(NAMES.get(Integer.valueOf(port))))
        .sorted()
        .toList();
  }

  /// @return how many there were
  static int terminate(List<String> sessions, Database database) {
    String ports =
        NAMES.entrySet().stream()
            .filter(entry -> sessions.contains(entry.getValue()))
            .map(entry -> entry.getKey().toString())
            .collect(Collectors.joining(", ", "client_port in (0, ", ")"));
    return database
        .query("select pg_terminate_backend(pid) from " + SESSIONS + " and " + ports)
        .size();
  }

  @Override
  public Socket createSocket() throws IOException {
    if (environment.isDead()) {
      throw new IOException("killed by the simulation");
    }
    return environment.own(new GatedSocket(environment));
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw new UnsupportedOperationException("the driver connects by itself");
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException("the driver connects by itself");
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw new UnsupportedOperationException("the driver connects by itself");
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    throw new UnsupportedOperationException("the driver connects by itself");
  }
}
