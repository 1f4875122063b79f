package dev.longhaul.local.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The HTTP server. It binds to loopback and nothing else, and it refuses what a web page of
/// another site makes a browser send there: whoever reaches it can run SQL.
public final class HttpFront implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(HttpFront.class.getName());
  private static final Set<String> LOOPBACK_NAMES = Set.of("127.0.0.1", "localhost", "[::1]");

  /// More than any API here takes; what is longer is cut, and too long for its route all the same.
  private static final int LONGEST_BODY = 64 << 20;

  static {
    // Without it a reply on a kept-alive connection waits 40 ms for the client's delayed ACK.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private record Entry(String method, String prefix, Route route) {}

  private final List<Entry> routes = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  private HttpFront(HttpServer server) {
    this.server = server;
  }

  /// Takes the port; requests wait until [#start()].
  ///
  /// @param port 0 takes any free one
  public static HttpFront bind(int port) throws IOException {
    var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    var front = new HttpFront(HttpServer.create(address, 128));
    front.server.setExecutor(front.threads);
    front.server.createContext("/", front::handle);
    return front;
  }

  /// The first route whose method and prefix fit answers. A prefix `/` fits only itself.
  public HttpFront route(String method, String prefix, Route route) {
    routes.add(new Entry(method, prefix, route));
    return this;
  }

  public void start() {
    server.start();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var uri = exchange.getRequestURI();
      var request =
          new Request(
              exchange.getRequestMethod(),
              Optional.ofNullable(uri.getRawPath()).orElse("/"),
              exchange.getRequestHeaders(),
              exchange.getRequestBody().readNBytes(LONGEST_BODY));
      var reply = isFromHere(request) ? answer(request) : foreign();
      reply.headers().forEach(exchange.getResponseHeaders()::set);
      if (reply.body().length == 0) {
        exchange.sendResponseHeaders(reply.status(), -1);
      } else {
        exchange.sendResponseHeaders(reply.status(), reply.body().length);
        exchange.getResponseBody().write(reply.body());
      }
    }
  }

  private Reply answer(Request request) {
    try {
      for (var entry : routes) {
        if (entry.method().equals(request.method()) && fits(entry.prefix(), request.path())) {
          return entry.route().answer(request);
        }
      }
      return Reply.text(404, "text/plain", "nothing is served at " + request.path() + "\n");
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "cannot answer " + request.method() + " " + request.path(), e);
      return Reply.text(500, "text/plain", "the local stack failed; see its log\n");
    }
  }

  private static boolean fits(String prefix, String path) {
    return prefix.equals("/") ? path.equals("/") : path.startsWith(prefix);
  }

  /// A browser names the page's site in `Origin`, and the name it resolved in `Host`. The name must
  /// be ours, or a foreign page made its own resolve to 127.0.0.1; and the page must be ours, not
  /// what another program serves at another port. Programs send no `Origin`.
  private static boolean isFromHere(Request request) {
    var host = request.header("Host").orElse("");
    return LOOPBACK_NAMES.contains(withoutPort(host))
        && request.header("Origin").stream().allMatch(("http://" + host)::equals);
  }

  private static String withoutPort(String authority) {
    return authority.replaceFirst(":[0-9]+$", "");
  }

  private static Reply foreign() {
    return Reply.text(403, "text/plain", "the local stack answers 127.0.0.1 and localhost only\n");
  }
}
