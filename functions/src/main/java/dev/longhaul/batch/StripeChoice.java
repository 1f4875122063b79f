package dev.longhaul.batch;

import dev.longhaul.migration.Batch;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Into how many stripes the next window is cut. Stripes pay only where updates stay on their page
/// (heap-only tuples, <https://www.postgresql.org/docs/current/storage-hot.html>): that is measured
/// in every striped window. Where they do not pay they are given up, and tried again after a while,
/// since what was in the way may have been an old snapshot that is gone by then.
final class StripeChoice {
  static final int AUTOMATIC = 16;
  private static final DecimalFormatSymbols SYMBOLS = new DecimalFormatSymbols(Locale.ROOT);

  /// Share of heap-only updates, from the second stripe on, under which stripes are given up.
  private static final double LEAST_HOT = 0.5;

  private static final Duration FIRST_REST = Duration.ofSeconds(2);

  /// Where they have paid before: an `analyze` of autovacuum, say, is over in a moment, and what
  /// leaves its page until then fills the indexes.
  private static final Duration REST_FROM_SUCCESS = Duration.ofMillis(500);

  private static final Duration LONGEST_REST = Duration.ofMinutes(5);

  private final boolean isAutomatic;
  private final LongSupplier nanos;
  private int count;
  private String reason;
  private Duration rest = FIRST_REST;
  private long givenUpAt;
  private boolean isTried;
  private long updatedInFirst;
  private long updated;
  private long hot;

  /// @param obstacle why stripes cannot pay here at all; null if they may
  /// @param nanos a clock like [System#nanoTime]
  StripeChoice(Batch batch, @Nullable String obstacle, LongSupplier nanos) {
    this.nanos = nanos;
    isAutomatic = batch.stripes() == Batch.AUTO && obstacle == null;
    if (isAutomatic) {
      count = AUTOMATIC;
      reason = "to be measured in the first window";
    } else if (obstacle != null && batch.stripes() == Batch.AUTO) {
      count = 1;
      reason = obstacle;
    } else {
      count = batch.stripes();
      reason = "as asked for";
    }
  }

  /// Of a window that begins now.
  synchronized int next() {
    long now = nanos.getAsLong();
    if (isAutomatic && count == 1 && now - givenUpAt >= rest.toNanos()) {
      // One worker tries.
      givenUpAt = now;
      isTried = true;
      return AUTOMATIC;
    }
    return count;
  }

  /// What was found to pay.
  synchronized int count() {
    return count;
  }

  synchronized String reason() {
    return reason;
  }

  boolean isMeasured() {
    return isAutomatic;
  }

  /// Learns from one stripe's batch. The first stripe finds full pages, so its updates move to
  /// others: it makes the room for the next.
  synchronized void learn(int stripe, long rowsUpdated, long rowsHot) {
    if (stripe > 0) {
      updated += rowsUpdated;
      hot += rowsHot;
    } else {
      updatedInFirst += rowsUpdated;
    }
  }

  /// A window is over.
  synchronized void decide() {
    if (!isAutomatic || updated + updatedInFirst == 0) {
      return;
    }
    if (updated == 0) {
      giveUp("all keys of a window are in its first stripe, like multiples of " + AUTOMATIC);
    } else if (hot >= LEAST_HOT * updated) {
      count = AUTOMATIC;
      rest = REST_FROM_SUCCESS;
      reason = "%d %% of the updates stayed on their page".formatted(percentHot());
    } else {
      giveUp(
          "only %d %% of the updates stayed on their page, since a changed column is indexed, or an old snapshot keeps what they leave behind"
              .formatted(percentHot()));
    }
    isTried = false;
    updatedInFirst = 0;
    updated = 0;
    hot = 0;
  }

  private long percentHot() {
    return Math.round(100.0 * hot / updated);
  }

  private void giveUp(String why) {
    if (isTried) {
      Duration twice = rest.multipliedBy(2);
      rest = twice.compareTo(LONGEST_REST) < 0 ? twice : LONGEST_REST;
    }
    count = 1;
    givenUpAt = nanos.getAsLong();
    String seconds = new DecimalFormat("0.#", SYMBOLS).format(rest.toMillis() / 1000.0);
    reason = "off: %s; tried again in %s s".formatted(why, seconds);
  }
}
