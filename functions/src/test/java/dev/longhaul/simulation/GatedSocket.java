package dev.longhaul.simulation;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A connection to the database on which each message, and each answer, passes the gate.
final class GatedSocket extends Socket {
  /// Round trips of a login, at which nothing is known of any migration yet.
  private static final int LOGIN = 2;

  private static final Pattern SQL =
      Pattern.compile("(?i)select|update|insert|delete|do |create|drop");
  private static final int LONGEST = 90;

  /// Longer than what a migration does that nobody is in the way of, and than the scheduler waits.
  private static final Duration PATIENCE = Duration.ofMillis(60);

  private final Environment environment;
  private final String name;
  private volatile boolean expectsAnswer;
  private volatile String said = "";
  private int roundTrips;

  GatedSocket(Environment environment) {
    this.environment = environment;
    this.name = environment.nextConnection();
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new FilterOutputStream(super.getOutputStream()) {
      private boolean holdsSomething;

      @Override
      public void write(int value) throws IOException {
        pass(String.valueOf((char) value));
        out.write(value);
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        pass(new String(bytes, from, length, StandardCharsets.UTF_8));
        out.write(bytes, from, length);
      }

      private void pass(String message) throws IOException {
        if (!holdsSomething) {
          holdsSomething = true;
          if (++roundTrips <= LOGIN) {
            GatedSockets.NAMES.put(getLocalPort(), name);
            return;
          }
          said = excerpt(message);
          environment.pass(Gate.Kind.STATEMENT, said, GatedSocket.this);
        }
      }

      @Override
      public void flush() throws IOException {
        out.flush();
        holdsSomething = false;
        expectsAnswer = roundTrips > LOGIN;
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
          awaitAnswer();
          environment.pass(Gate.Kind.ANSWER, said, GatedSocket.this);
        }
      }
    };
  }

  /// Until the server has answered, or has shown that it will take its time: who is let go next
  /// meets what this one has done.
  private void awaitAnswer() throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    InputStream input = super.getInputStream();
    while (input.available() == 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(100_000);
    }
  }

  /// The words of a message of the protocol, from the first that is SQL.
  private static String excerpt(String message) {
    String words = message.replaceAll("[^\\x20-\\x7e]+", " ").replaceAll(" +", " ").strip();
    Matcher sql = SQL.matcher(words);
    String begin = sql.find() ? words.substring(sql.start()) : words;
    return begin.substring(0, Math.min(begin.length(), LONGEST));
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
  public String toString() {
    return name;
  }

  @Override
  public void close() throws IOException {
    super.close();
    environment.closed();
  }
}
