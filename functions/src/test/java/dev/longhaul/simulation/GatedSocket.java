package dev.longhaul.simulation;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/// A connection to the database on which each message, and each answer, passes the gate.
final class GatedSocket extends Socket {
  private final Environment environment;
  private volatile boolean expectsAnswer;

  GatedSocket(Environment environment) {
    this.environment = environment;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new FilterOutputStream(super.getOutputStream()) {
      private boolean holdsSomething;

      @Override
      public void write(int value) throws IOException {
        pass();
        out.write(value);
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        pass();
        out.write(bytes, from, length);
      }

      private void pass() throws IOException {
        if (!holdsSomething) {
          holdsSomething = true;
          environment.pass(Gate.Kind.STATEMENT, GatedSocket.this);
        }
      }

      @Override
      public void flush() throws IOException {
        out.flush();
        holdsSomething = false;
        expectsAnswer = true;
      }
    };
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new FilterInputStream(super.getInputStream()) {
      @Override
      public int read() throws IOException {
        pass();
        return in.read();
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        pass();
        return in.read(bytes, from, length);
      }

      private void pass() throws IOException {
        if (expectsAnswer) {
          expectsAnswer = false;
          environment.pass(Gate.Kind.ANSWER, GatedSocket.this);
        }
      }
    };
  }

  /// As when the process at this end is gone.
  void reset() {
    try {
      if (!isClosed()) {
        setSoLinger(true, 0);
        super.close();
      }
    } catch (IOException e) {
      // Its owner may close it at the same moment.
      if (!isClosed()) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    super.close();
    environment.closed();
  }
}
