package dev.longhaul.batch;

import dev.longhaul.journal.Range;
import dev.longhaul.journal.Ranges;
import dev.longhaul.metrics.Meter;
import dev.longhaul.migration.Batch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What the workers of one attempt share: the ranges that nobody is at, the size of the next batch,
/// and whether to go on.
final class Walk {
  private final Queue<Range> open = new ArrayDeque<>();
  private int atWork;
  private final AtomicLong rowsDone = new AtomicLong();
  private final AtomicLong batches = new AtomicLong();
  private final AtomicReference<@Nullable End> end = new AtomicReference<>();
  private final AtomicReference<@Nullable RuntimeException> crash = new AtomicReference<>();
  private final AtomicLong polls = new AtomicLong();
  private final AtomicLong skipped;
  private final long rowsEstimated;
  private final long rowsLeft;

  final KeyedTable table;
  final BatchStatement statement;
  final Role role;
  final Ranges ranges;
  final StripeChoice stripes;
  final Brake brake;
  final Meter meter;
  private volatile Batch options;

  /// Another one as soon as somebody asks for another size: a batch that began before says nothing
  /// about that.
  volatile BatchSize size;

  /// @param rowsLeft what `until_empty` counted after the walk before this one; negative if there
  ///   was none
  Walk(
      KeyedTable table,
      BatchStatement statement,
      Role role,
      Ranges ranges,
      List<Range> all,
      Batch options,
      long rowsLeft,
      StripeChoice stripes,
      Brake brake,
      Meter meter) {
    this.table = table;
    this.statement = statement;
    this.role = role;
    this.ranges = ranges;
    this.options = options;
    this.rowsLeft = rowsLeft;
    this.skipped = new AtomicLong(ranges.skipped());
    this.stripes = stripes;
    this.brake = brake;
    this.meter = meter;
    this.size = new BatchSize(options.size(), options.target(), Batch.LARGEST_SIZE);
    for (Range range : all) {
      rowsDone.addAndGet(range.rowsDone());
      batches.addAndGet(range.batches());
      if (!range.isDone()) {
        open.add(range);
      }
    }
    this.rowsEstimated = all.stream().mapToLong(Range::rowsEstimated).sum();
  }

  Batch options() {
    return options;
  }

  /// A person has changed them.
  void set(Batch changed) {
    boolean isOtherSize = changed.size() != options.size();
    if (isOtherSize || !changed.target().equals(options.target())) {
      int rows = isOtherSize ? changed.size() : size.rows();
      size = new BatchSize(rows, changed.target(), Batch.LARGEST_SIZE);
    }
    if (!changed.health().equals(options.health())) {
      brake.set(changed.health());
    }
    options = changed;
  }

  /// The next range that nobody is at. Whoever takes it brings it back, or finishes it.
  synchronized Optional<Range> take() {
    Optional<Range> range = Optional.ofNullable(open.poll());
    atWork += range.isPresent() ? 1 : 0;
    return range;
  }

  synchronized boolean hasOpen() {
    return !open.isEmpty();
  }

  synchronized void bringBack(Range range) {
    if (!range.isDone()) {
      open.add(range);
    }
    atWork--;
  }

  void moved(Range before, Range after) {
    rowsDone.addAndGet(after.rowsDone() - before.rowsDone());
    batches.incrementAndGet();
  }

  /// A batch has been done.
  void moved(Range before, Range after, Duration time) {
    moved(before, after);
    meter.batch(after.rowsDone() - before.rowsDone(), time);
  }

  void skipped() {
    skipped.incrementAndGet();
  }

  /// How many rows this walk has passed over, in all of its attempts.
  long rowsSkipped() {
    return skipped.get();
  }

  synchronized boolean isDone() {
    return open.isEmpty() && atWork == 0;
  }

  /// What `until_empty` counted after the walk before this one; negative if there was none.
  long rowsLeft() {
    return rowsLeft;
  }

  boolean goesOn() {
    return end.get() == null;
  }

  /// The first reason counts.
  void stop(End reason) {
    end.compareAndSet(null, reason);
  }

  /// A defect of ours, which is not to be lost with its thread.
  void crash(RuntimeException defect) {
    crash.compareAndSet(null, defect);
    stop(new End.TimeUp());
  }

  @Nullable End end() {
    RuntimeException defect = crash.get();
    if (defect != null) {
      throw defect;
    }
    return end.get();
  }

  long rowsDone() {
    return rowsDone.get();
  }

  long batches() {
    return batches.get();
  }

  /// Never less than are done: statistics may be old.
  long rowsTotal() {
    return isDone() ? rowsDone() : Math.max(rowsEstimated, rowsDone());
  }

  void polled() {
    polls.incrementAndGet();
  }

  /// Waits until the journal has been asked once more whether to stop, from a worker that cannot
  /// tell a person's cancel from a timeout.
  void awaitPoll() throws InterruptedException {
    long seen = polls.get();
    while (goesOn() && polls.get() <= seen + 1) {
      Thread.sleep(Duration.ofMillis(20));
    }
  }
}
