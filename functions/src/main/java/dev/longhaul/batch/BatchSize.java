package dev.longhaul.batch;

import java.time.Duration;

/// How many rows the next batch should have, so that it takes the target time: grows by half at
/// most, and shrinks at once.
final class BatchSize {
  private static final double FASTEST_GROWTH = 1.5;

  /// Beyond this many times the target, something is wrong, and the size is cut to a tenth.
  private static final double FAR_OVER = 5;

  /// Of a batch while others need the database: who waits for a CPU or for a row waits for no
  /// longer. Measured on two CPUs beside 30 % of the traffic that they can bear (PostgreSQL 15):
  /// its 99th percentile was 2.2 times that beside nobody with batches of 3 ms whose commits were
  /// waited for, and 1.9 times with these.
  private static final Duration SHORT = Duration.ofMillis(2);

  /// Rows to which a batch may shrink to be short. Where a commit takes longer than that by itself,
  /// fewer would help nobody.
  private static final int FEW = 100;

  private final Duration target;
  private final int largest;
  private int rows;

  BatchSize(int first, Duration target, int largest) {
    this.target = target;
    this.largest = largest;
    this.rows = Math.clamp(first, 1, largest);
  }

  synchronized int rows() {
    return rows;
  }

  /// Learns from a batch that had rows. One that was much smaller than the present size, at the end
  /// of a range, says nothing if it was in time.
  ///
  /// @param isGentle whether others need the database: then it should take [#SHORT] at most
  synchronized void took(long batchRows, Duration time, boolean isGentle) {
    if (batchRows == 0) {
      return;
    }
    boolean isShort = isGentle && target.compareTo(SHORT) > 0;
    double ratio = ratio(time, isShort ? SHORT : target);
    if (batchRows * 2 < rows && ratio <= 1) {
      return;
    }
    double wanted = wanted(batchRows, ratio);
    if (isShort) {
      wanted = Math.max(wanted, Math.min(FEW, wanted(batchRows, ratio(time, target))));
    }
    rows = Math.clamp(Math.round(Math.min(wanted, rows * FASTEST_GROWTH)), 1, largest);
  }

  private static double ratio(Duration time, Duration wanted) {
    return Math.max(1, time.toNanos()) / (double) wanted.toNanos();
  }

  private static double wanted(long batchRows, double ratio) {
    return ratio > FAR_OVER ? batchRows / 10.0 : batchRows / ratio;
  }

  /// Somebody waits for our locks, or a batch did not get through.
  synchronized void halve() {
    rows = Math.max(1, rows / 2);
  }
}
