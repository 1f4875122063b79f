package dev.longhaul.batch;

import java.time.Duration;

/// How many rows the next batch should have, so that it takes the target time: grows by half at
/// most, and shrinks at once.
final class BatchSize {
  private static final double FASTEST_GROWTH = 1.5;

  /// Beyond this many times the target, something is wrong, and the size is cut to a tenth.
  private static final double FAR_OVER = 5;

  private final int largest;
  private Duration target;
  private int rows;

  BatchSize(int first, Duration target, int largest) {
    this.largest = largest;
    this.target = target;
    this.rows = Math.clamp(first, 1, largest);
  }

  synchronized int rows() {
    return rows;
  }

  /// Begins anew, as somebody asks for.
  synchronized void set(int newRows, Duration newTarget) {
    rows = Math.clamp(newRows, 1, largest);
    target = newTarget;
  }

  /// Learns from a batch. One that was much smaller than the present size, at the end of a range,
  /// says nothing.
  synchronized void took(long batchRows, Duration time) {
    if (batchRows * 2 < rows) {
      return;
    }
    double ratio = Math.max(1, time.toNanos()) / (double) target.toNanos();
    double wanted = ratio > FAR_OVER ? batchRows / 10.0 : batchRows / ratio;
    rows = Math.clamp(Math.round(Math.min(wanted, rows * FASTEST_GROWTH)), 1, largest);
  }

  /// Somebody waits for our locks, or a batch did not get through.
  synchronized void halve() {
    rows = Math.max(1, rows / 2);
  }
}
