package dev.longhaul.testing;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/// What of PgBouncer shows itself to its clients: it tells each the process id of no server process
/// (`BackendKeyData`, <https://www.postgresql.org/docs/current/protocol-message-formats.html>).
/// Connections must not ask for TLS.
public final class Pooler implements AutoCloseable {
  private static final int BACKEND_KEY_DATA = 'K';

  private final ServerSocket listener;
  private final int serverPort;

  public Pooler(int serverPort) {
    this.serverPort = serverPort;
    try {
      this.listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        Thread.ofVirtual().start(() -> copy(client, server));
        Thread.ofVirtual().start(() -> copyMessages(server, client));
      } catch (IOException e) {
        // Closed: the test is over.
        return;
      }
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One side has left, and so does the other.
    }
  }

  private static void copyMessages(Socket from, Socket to) {
    try (from;
        to;
        DataInputStream in = new DataInputStream(from.getInputStream());
        DataOutputStream out = new DataOutputStream(to.getOutputStream())) {
      for (int type = in.read(); type >= 0; type = in.read()) {
        byte[] body = new byte[in.readInt() - Integer.BYTES];
        in.readFully(body);
        if (type == BACKEND_KEY_DATA) {
          ByteBuffer pid = ByteBuffer.wrap(body);
          pid.putInt(0, pid.getInt(0) + 1_000_000);
        }
        out.write(type);
        out.writeInt(body.length + Integer.BYTES);
        out.write(body);
        out.flush();
      }
    } catch (IOException e) {
      // One side has left, and so does the other.
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
