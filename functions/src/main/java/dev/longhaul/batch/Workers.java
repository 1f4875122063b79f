package dev.longhaul.batch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.journal.Attempt;
import dev.longhaul.journal.Lookout;
import dev.longhaul.journal.Progress;
import dev.longhaul.logging.Log;
import dev.longhaul.migration.Refusal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lets workers walk, and meanwhile looks after them from the journal's connection: reads the
/// database's health, tells the journal how far they are, and hears what people want.
final class Workers {
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  /// Until the pace is found.
  private static final Duration FIRST_LOOKS_EVERY = Duration.ofMillis(100);

  /// When the sweep should suspect that this executor is gone, if it hears nothing more.
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /// How long a function is paid for standing still.
  private static final Duration LONGEST_REST = Duration.ofSeconds(20);

  /// How soon to ask again for a connection that was not to be had. To ask takes the server's time,
  /// and a line of the log.
  private static final Duration NEXT_HIRE = Duration.ofSeconds(15);

  /// Weight of the latest look in the rate.
  private static final double SMOOTHING = 0.1;

  private static final int SAMPLES = 60;
  private static final Duration SAMPLE_EVERY = Duration.ofSeconds(5);

  private final Walk walk;
  private final Attempt attempt;
  private final Lookout lookout;
  private final Supplier<Duration> timeLeft;

  /// Enough for the batches that are under way, of which each may take its target time.
  private final Duration toSpare;

  private final BatchedStep.Sessions sessions;
  private final Set<Integer> backends = ConcurrentHashMap.newKeySet();

  /// By the workers' numbers. Some may have ended.
  private final Map<Integer, Thread> threads = new TreeMap<>();

  private final ArrayNode samples = JsonNodeFactory.instance.arrayNode();
  private long lastSample;
  private long lastRows;
  private long lastLook;
  private double rate = -1;
  private long rowsBefore;
  private long rowsTold;
  private @Nullable ObjectNode lastProgress;
  private @Nullable Long refusedAt;

  Workers(
      Walk walk,
      Attempt attempt,
      Lookout lookout,
      Supplier<Duration> timeLeft,
      BatchedStep.Sessions sessions,
      Set<Integer> backends) {
    this.walk = walk;
    this.attempt = attempt;
    this.lookout = lookout;
    this.timeLeft = timeLeft;
    this.toSpare = least(walk.options().target(), timeLeft.get().dividedBy(2));
    this.sessions = sessions;
    this.backends.addAll(backends);
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  Set<Integer> backends() {
    return Set.copyOf(backends);
  }

  End run() throws InterruptedException {
    rowsBefore = walk.rowsDone();
    lastRows = rowsBefore;
    rowsTold = rowsBefore;
    lastProgress = attempt.entry().run().progress();
    lastLook = System.nanoTime();
    walk.brake.look();
    start(attempt.connection().connection(), 0);
    @Nullable Long stopped = null;
    try {
      while (isAnyoneAlive()) {
        hire();
        look();
        stopped =
            walk.brake.isStopped() ? (stopped == null ? (Long) System.nanoTime() : stopped) : null;
        if (stopped != null && System.nanoTime() - stopped > LONGEST_REST.toNanos()) {
          walk.stop(new End.Unhealthy(Objects.requireNonNullElse(walk.brake.reason(), "unknown")));
        }
        awaitEnd();
      }
    } finally {
      walk.stop(walk.isDone() ? new End.Done() : new End.TimeUp());
      for (Thread thread : threads.values()) {
        thread.join();
      }
    }
    tell();
    return Objects.requireNonNull(walk.end());
  }

  private boolean isAnyoneAlive() {
    return anyoneAlive().isPresent();
  }

  private Optional<Thread> anyoneAlive() {
    return threads.values().stream().filter(Thread::isAlive).findFirst();
  }

  private void awaitEnd() throws InterruptedException {
    Duration wait = walk.brake.isBeginning() ? FIRST_LOOKS_EVERY : LOOK_EVERY;
    long end = System.nanoTime() + wait.toNanos();
    Optional<Thread> someone = anyoneAlive();
    while (someone.isPresent() && System.nanoTime() < end) {
      someone.get().join(Duration.ofMillis(50));
      someone = anyoneAlive();
    }
  }

  /// As many as are wanted, which may change while they are at it.
  private void hire() {
    if (refusedAt != null && System.nanoTime() - refusedAt < NEXT_HIRE.toNanos()) {
      return;
    }
    for (int number = 1; number < walk.options().parallelism(); number++) {
      @Nullable Thread known = threads.get(number);
      if (known != null && known.isAlive()) {
        continue;
      }
      if (!walk.hasOpen() || !walk.goesOn()) {
        return;
      }
      try {
        start(open(), number);
      } catch (SQLException | Refusal e) {
        refusedAt = System.nanoTime();
        Log.warn("fewer workers than asked for", Map.of("reason", String.valueOf(e.getMessage())));
        return;
      }
    }
  }

  /// The server's own number of it: before a pooler the driver has another.
  private Connection open() throws SQLException {
    Connection connection = sessions.open();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_catalog.pg_backend_pid()")) {
      row.next();
      backends.add(row.getInt(1));
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private void start(Connection connection, int number) {
    Worker worker = new Worker(walk, number, connection);
    threads.put(
        number,
        Thread.ofVirtual()
            .name("worker-" + number)
            .start(
                () -> {
                  try {
                    worker.run();
                  } catch (RuntimeException e) {
                    walk.crash(e);
                  } finally {
                    if (number > 0) {
                      close(connection);
                    }
                  }
                }));
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      Log.warn("a session was not closed", Map.of("reason", String.valueOf(e.getMessage())));
    }
  }

  private void look() {
    if (walk.brake.look()) {
      walk.size.halve();
    }
    if (timeLeft.get().compareTo(toSpare) <= 0) {
      walk.stop(new End.TimeUp());
    }
    tell();
  }

  private void tell() {
    lookout
        .walked(attempt, progress(), walk.rowsDone() > rowsBefore, SILENCE)
        .ifPresentOrElse(
            wanted -> {
              walk.set(wanted.batch());
              if (wanted.stopRequested() != null) {
                walk.stop(new End.Asked());
              }
            },
            () -> walk.stop(new End.TakenOver()));
    walk.polled();
    walk.meter.writeIfDue();
  }

  private ObjectNode progress() {
    long now = System.nanoTime();
    long done = walk.rowsDone();
    double seconds = (now - lastLook) / 1e9;
    if (seconds > 0.1) {
      double latest = (done - lastRows) / seconds;
      boolean isFirst = rate < 0 || walk.brake.isBeginning();
      rate = isFirst ? latest : rate + SMOOTHING * (latest - rate);
      lastRows = done;
      lastLook = now;
    }
    if (samples.isEmpty() || now - lastSample > SAMPLE_EVERY.toNanos()) {
      samples.addArray().add(Instant.now().getEpochSecond()).add(done).add(walk.batches());
      if (samples.size() > SAMPLES) {
        samples.remove(0);
      }
      lastSample = now;
    }
    long total = walk.rowsTotal();
    ObjectNode progress =
        JsonNodeFactory.instance
            .objectNode()
            .put("done", done)
            .put("total", total)
            .put("unit", "row");
    if (rate > 0) {
      progress.put("eta_seconds", Math.round((total - done) / rate));
    }
    progress
        .put("phase", BatchedStep.phase(walk.ranges))
        .put("rows_per_second", Math.round(Math.max(0, rate)))
        .put("batch_rows", walk.size.rows())
        .put("batches", walk.batches())
        .put("pace", walk.brake.factor())
        .put("pace_reason", walk.brake.reason())
        .put("stripes", walk.stripes.count())
        .put("stripes_reason", walk.stripes.reason());
    if (walk.rowsLeft() >= 0) {
      progress.put(BatchedStep.ROWS_LEFT, walk.rowsLeft());
    }
    if (walk.rowsSkipped() > 0) {
      progress.put("rows_skipped", walk.rowsSkipped());
    }
    Progress.note(progress, lastProgress, done > rowsTold);
    rowsTold = done;
    lastProgress = progress;
    progress.set("samples", samples);
    return progress;
  }
}
