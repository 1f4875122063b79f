package dev.longhaul.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TcpProxyTest {
  private final InetAddress loopback = InetAddress.getLoopbackAddress();

  /// Seen as a message that reached a queue which was down.
  @Test
  void nobodyGetsThroughOnceItRefusesHoweverBusyTheMachine() throws IOException {
    AtomicBoolean busy = new AtomicBoolean(true);
    try (ServerSocket server = new ServerSocket(0, 1, loopback);
        TcpProxy way = TcpProxy.to(URI.create("tcp://127.0.0.1:" + server.getLocalPort()));
        Socket before = new Socket(loopback, way.port());
        Socket accepted = server.accept()) {
      assertThat(before.isConnected() && accepted.isConnected()).isTrue();
      for (int carrier = 0; carrier < Runtime.getRuntime().availableProcessors(); carrier++) {
        Thread.startVirtualThread(
            () -> {
              while (busy.get()) {
                Thread.onSpinWait();
              }
            });
      }
      way.refuse();
      assertThatExceptionOfType(ConnectException.class)
          .isThrownBy(() -> new Socket(loopback, way.port()).close());
    } finally {
      busy.set(false);
    }
  }

  @Test
  void itListensOnItsPortAgainAfterItRefused() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, loopback);
        TcpProxy way = TcpProxy.to(URI.create("tcp://127.0.0.1:" + server.getLocalPort()))) {
      way.refuse();
      way.pass();
      try (Socket client = new Socket(loopback, way.port());
          Socket accepted = server.accept()) {
        assertThat(client.isConnected() && accepted.isConnected()).isTrue();
      }
    }
  }
}
