package dev.longhaul.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Stands between a function and a server, and breaks the way to it as networks and services do.
public final class TcpProxy implements AutoCloseable {
  private volatile InetSocketAddress server;
  private final int port;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private volatile @Nullable ServerSocket listener;
  private @Nullable Thread acceptor;

  /// Bound and not listening, so that nobody else gets the port while this refuses.
  private @Nullable Socket holder;

  private volatile Mode mode = new Pass();
  private volatile Duration delay = Duration.ZERO;

  /// What becomes of a new connection.
  private sealed interface Mode {}

  private record Pass() implements Mode {}

  private record Silence() implements Mode {}

  private record Reply(String http) implements Mode {}

  /// For who had connected at the moment when the listener was closed.
  private record Refusal() implements Mode {}

  private TcpProxy(InetSocketAddress server) {
    this.server = server;
    this.port = listen(0);
  }

  /// @param server `scheme://host:port`
  public static TcpProxy to(URI server) {
    return new TcpProxy(new InetSocketAddress(server.getHost(), server.getPort()));
  }

  public int port() {
    return port;
  }

  /// For an endpoint's environment variable.
  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  /// All is well again. Connections that fell silent stay so.
  public void pass() {
    mode = new Pass();
    if (listener == null) {
      close(holder);
      listen(port);
    }
  }

  /// Nobody listens, and who is connected is reset: the service is down.
  public void refuse() {
    mode = new Refusal();
    stopListening();
    close(holder);
    holder = hold(port);
    cut();
  }

  /// The kernel gives up a listening socket when nobody is in accept() any more.
  private void stopListening() {
    close(listener);
    listener = null;
    if (acceptor != null) {
      try {
        acceptor.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Whatever is sent arrives nowhere, on old connections and new ones: a security group, a missing
  /// endpoint.
  public void swallow() {
    mode = new Silence();
    forget();
  }

  /// Answers every request with an HTTP error, without asking the server.
  ///
  /// @param body the service's own form of an error
  public void answer(int status, String body) {
    String head =
        "HTTP/1.1 %d Broken\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(status, body.getBytes(UTF_8).length);
    mode = new Reply(head + body);
    cut();
  }

  /// What the server says arrives later from now on, so each round trip takes longer.
  public void delay(Duration by) {
    delay = by;
  }

  /// New connections go to another port, as after a failover.
  public void pointTo(int newPort) {
    server = new InetSocketAddress(server.getAddress(), newPort);
  }

  /// Resets the connections that there are.
  public void cut() {
    links.forEach(Link::reset);
  }

  /// The connections that there are fall silent for good, as when a NAT gateway forgets them. New
  /// ones are not concerned.
  public void forget() {
    links.forEach(link -> link.silent = true);
  }

  private int listen(int wanted) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), wanted));
      listener = socket;
      // Not virtual: such a thread may wait for others before it leaves accept(), and accept once
      // more.
      acceptor = Thread.ofPlatform().daemon().name("proxy").start(() -> accept(socket));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Socket hold(int port) {
    try {
      Socket socket = new Socket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        Thread.ofVirtual().name("proxy-link").start(() -> serve(client, mode));
      } catch (IOException e) {
        // Closed: the loop ends.
      }
    }
  }

  private void serve(Socket client, Mode at) {
    try {
      switch (at) {
        case Pass() -> link(client, new Socket(server.getAddress(), server.getPort()), false);
        case Silence() -> link(client, new Socket(server.getAddress(), server.getPort()), true);
        case Refusal() -> close(client);
        case Reply(String http) -> {
          try (client) {
            readRequest(client.getInputStream());
            client.getOutputStream().write(http.getBytes(UTF_8));
          }
        }
      }
    } catch (IOException e) {
      close(client);
    }
  }

  private void link(Socket client, Socket target, boolean silent) {
    Link link = new Link(client, target);
    link.silent = silent;
    links.add(link);
    if (mode instanceof Refusal) {
      link.reset();
    }
    Thread.ofVirtual().start(() -> link.pump(client, target, () -> Duration.ZERO));
    link.pump(target, client, () -> delay);
    links.remove(link);
  }

  /// The headers, and as much of a body as they announce.
  private static void readRequest(InputStream input) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = input.read();
      if (next < 0) {
        return;
      }
      head.append((char) next);
    }
    for (String line : head.toString().split("\r\n", -1)) {
      if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
        input.readNBytes(Integer.parseInt(line.substring(15).strip()));
      }
    }
  }

  @Override
  public void close() {
    refuse();
    close(holder);
  }

  private static void close(@Nullable AutoCloseable socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Link {
    private final Socket client;
    private final Socket target;
    private volatile boolean silent;

    Link(Socket client, Socket target) {
      this.client = client;
      this.target = target;
    }

    void pump(Socket from, Socket to, Supplier<Duration> delay) {
      byte[] buffer = new byte[16 * 1024];
      try {
        InputStream input = from.getInputStream();
        OutputStream output = to.getOutputStream();
        for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
          Thread.sleep(delay.get());
          if (!silent) {
            output.write(buffer, 0, read);
          }
        }
      } catch (IOException e) {
        // Reset by one of the two, or by the test: the end of the link.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (!silent) {
        close(client);
        close(target);
      }
    }

    /// With a linger of 0 the peer gets RST and not FIN.
    void reset() {
      for (Socket socket : new Socket[] {client, target}) {
        try {
          socket.setSoLinger(true, 0);
        } catch (IOException e) {
          // Closed already.
        }
        close(socket);
      }
    }
  }
}
