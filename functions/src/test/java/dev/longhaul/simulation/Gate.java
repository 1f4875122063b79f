package dev.longhaul.simulation;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where everything that is sent to the database, and every answer, waits until it is let through.
final class Gate {
  enum Kind {
    STATEMENT,
    ANSWER
  }

  private enum Decision {
    WAIT,
    GO,
    CUT
  }

  /// Something that waits.
  static final class Point {
    final Environment environment;
    final Kind kind;

    /// The beginning of the statement that is sent, or answered.
    final String what;

    private final long number;
    private final GatedSocket socket;
    private Decision decision = Decision.WAIT;

    /// The scheduler's own note; negative until it has seen the point.
    int heldUntil = -1;

    private Point(
        Environment environment, Kind kind, String what, long number, GatedSocket socket) {
      this.environment = environment;
      this.kind = kind;
      this.what = what;
      this.number = number;
      this.socket = socket;
    }

    /// The same in each run of the same acts.
    String name() {
      return socket + " " + kind;
    }
  }

  private final List<Point> waiting = new ArrayList<>();
  private long points;
  private long events;

  /// Called by the connection's own thread.
  ///
  /// @throws IOException if the connection is cut there
  synchronized void pass(Environment environment, Kind kind, String what, GatedSocket socket)
      throws IOException {
    Point point = new Point(environment, kind, what, ++points, socket);
    waiting.add(point);
    happened(environment);
    try {
      while (point.decision == Decision.WAIT && !environment.isDead() && !socket.isClosed()) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      waiting.remove(point);
    }
    if (point.decision == Decision.CUT || environment.isDead()) {
      socket.reset();
      throw new IOException("cut by the simulation");
    }
  }

  /// In an order that does not depend on which thread was faster.
  synchronized List<Point> waiting() {
    return waiting.stream()
        .filter(point -> point.decision == Decision.WAIT && !point.environment.isDead())
        .sorted(
            Comparator.comparingInt((Point point) -> point.environment.number())
                .thenComparing(point -> point.kind)
                .thenComparingLong(point -> point.number))
        .toList();
  }

  /// @param name as [Point#name()] has it
  synchronized @Nullable Point find(String name) {
    return waiting().stream().filter(point -> name.equals(point.name())).findFirst().orElse(null);
  }

  synchronized long points() {
    return points;
  }

  synchronized void letGo(Point point) {
    point.decision = Decision.GO;
    notifyAll();
  }

  synchronized void cut(Point point) {
    point.decision = Decision.CUT;
    point.socket.reset();
    notifyAll();
  }

  /// A function has come to a point, or to its end.
  synchronized void happened(Environment environment) {
    environment.events++;
    events++;
    notifyAll();
  }

  synchronized long events() {
    return events;
  }

  /// Waits until anybody has come to a point after `seen`, which whoever waits for the server does
  /// not.
  synchronized void awaitEvent(long seen, Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (events == seen && System.nanoTime() < end) {
      wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    }
  }

  /// A connection was closed, at which nobody can wait any more.
  synchronized void closed() {
    notifyAll();
  }

  synchronized long eventsOf(Environment environment) {
    return environment.events;
  }

  /// The same of one function: what others do meanwhile is no reason to go on, or a seed would be
  /// another run each time.
  ///
  /// @return whether it has
  synchronized boolean awaitEventOf(Environment environment, long seen, Duration atMost)
      throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (environment.events == seen && !environment.isDead() && System.nanoTime() < end) {
      wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    }
    return environment.events != seen;
  }
}
