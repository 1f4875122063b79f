package dev.longhaul.simulation;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;

/// What the driver is told to make its connections by (its parameter `socketFactory`), with the
/// number of an environment as its argument.
public final class GatedSockets extends SocketFactory {
  static final Map<String, Environment> ENVIRONMENTS = new ConcurrentHashMap<>();

  private final Environment environment;

  public GatedSockets(String environment) {
    this.environment = Objects.requireNonNull(ENVIRONMENTS.get(environment), environment);
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
