package dev.longhaul.batch;

import dev.longhaul.migration.Batch;
import org.jspecify.annotations.Nullable;

/// Into how many stripes the next window is cut. Stripes pay only where updates stay on their page
/// (heap-only tuples, <https://www.postgresql.org/docs/current/storage-hot.html>): that is measured
/// in the first window of an attempt.
final class StripeChoice {
  static final int AUTOMATIC = 16;

  /// Share of heap-only updates, from the second stripe on, under which stripes are given up.
  private static final double LEAST_HOT = 0.5;

  private int count;
  private String reason;
  private boolean isMeasured;
  private long updated;
  private long hot;

  /// @param obstacle why stripes cannot pay here at all; null if they may
  StripeChoice(Batch batch, @Nullable String obstacle) {
    if (batch.stripes() != Batch.AUTO) {
      count = batch.stripes();
      reason = "as asked for";
      isMeasured = true;
    } else if (obstacle != null) {
      count = 1;
      reason = obstacle;
      isMeasured = true;
    } else {
      count = AUTOMATIC;
      reason = "to be measured in the first window";
    }
  }

  synchronized int count() {
    return count;
  }

  synchronized String reason() {
    return reason;
  }

  synchronized boolean isMeasured() {
    return isMeasured;
  }

  /// Learns from one stripe's batch. The first stripe finds full pages, so its updates move to
  /// others: it makes the room for the next.
  synchronized void learn(int stripe, long rowsUpdated, long rowsHot) {
    if (!isMeasured && stripe > 0) {
      updated += rowsUpdated;
      hot += rowsHot;
    }
  }

  /// The first window is over.
  synchronized void decide() {
    if (isMeasured || updated == 0) {
      return;
    }
    isMeasured = true;
    long percent = Math.round(100.0 * hot / updated);
    if (hot >= LEAST_HOT * updated) {
      reason = "%d %% of the updates stayed on their page".formatted(percent);
    } else {
      count = 1;
      reason =
          "off: only %d %% of the updates stayed on their page, since a changed column is indexed, or an old snapshot keeps what they leave behind"
              .formatted(percent);
    }
  }
}
