package dev.longhaul.health;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How fast the work may go, from what the database's health was: down by steps, at once to
/// nothing, and slowly up again. Immutable.
///
/// It begins at a quarter and rises with each good reading, until the first that is not: nobody
/// knows yet what the database has to bear.
///
/// A level has a floor, below which it does not push: a database that is degraded for hours still
/// gets a quarter of the work, so that it ends. After a stop a level that is better leads up to its
/// floor again.
public final class Pace {
  /// Factors of the time: at 0.25 the work rests three times as long as it works.
  private static final List<Double> STEPS = List.of(0.0, 0.125, 0.25, 0.5, 0.75, 1.0);

  private static final int FULL = STEPS.size() - 1;
  private static final int DEGRADED_FLOOR = 2;
  private static final int BAD_FLOOR = 1;

  /// How many readings in a row must allow a step up.
  static final int CALM_READINGS = 3;

  /// So that health is read again, and a stop is heard of.
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private static final String RECOVERING = "recovers from ";
  private static final String BEGINNING = "begins slowly";

  private final int step;
  private final int calm;
  private final @Nullable String reason;
  private final @Nullable String cause;
  private final boolean isBeginning;

  private Pace(
      int step, int calm, @Nullable String reason, @Nullable String cause, boolean isBeginning) {
    this.step = step;
    this.calm = calm;
    this.reason = reason;
    this.cause = cause;
    this.isBeginning = isBeginning;
  }

  /// Before the first reading.
  public static Pace begin() {
    return new Pace(DEGRADED_FLOOR, 0, BEGINNING, null, true);
  }

  /// Whether no reading has been bad yet, and the pace not full: it is worth to read often.
  public boolean isBeginning() {
    return isBeginning;
  }

  public Pace next(Reading reading) {
    return switch (reading.level()) {
      case GOOD -> isBeginning ? goOn() : rise(FULL, reading);
      case DEGRADED ->
          step > DEGRADED_FLOOR ? because(step - 1, reading) : rise(DEGRADED_FLOOR, reading);
      case BAD -> step > BAD_FLOOR ? because(half(), reading) : rise(BAD_FLOOR, reading);
      case CRITICAL, BLIND -> because(0, reading);
    };
  }

  private Pace goOn() {
    int next = step + 1;
    return next < FULL
        ? new Pace(next, 0, BEGINNING, null, true)
        : new Pace(FULL, 0, null, null, false);
  }

  private static Pace because(int step, Reading reading) {
    return new Pace(step, 0, reading.reason(), reading.cause(), false);
  }

  /// The highest step of at most half the factor, but not below the floor.
  private int half() {
    int lower = step;
    while (lower > BAD_FLOOR && STEPS.get(lower) > factor() / 2) {
      lower--;
    }
    return lower;
  }

  private Pace rise(int ceiling, Reading reading) {
    if (step >= ceiling) {
      return because(step, reading);
    }
    boolean rises = calm + 1 >= CALM_READINGS;
    int next = rises ? step + 1 : step;
    String why = reading.reason();
    String what = reading.cause();
    if (why == null && next < FULL) {
      why = reason == null || reason.startsWith(RECOVERING) ? reason : RECOVERING + reason;
      what = cause;
    }
    return new Pace(next, rises ? 0 : calm + 1, why, what, false);
  }

  /// From 0, which is a stop, to 1.
  public double factor() {
    return STEPS.get(step);
  }

  public boolean isStopped() {
    return step == 0;
  }

  /// Why it is not full; null if it is.
  public @Nullable String reason() {
    return reason;
  }

  /// The name of the signal that the reason is about, one of a few; null if there is none.
  public @Nullable String cause() {
    return cause;
  }

  /// How long a worker is to rest after a batch, so that it works `factor` of the time; at most 30
  /// s. After that a worker whose pace is a stop asks again before it goes on.
  public Duration pauseAfter(Duration batchTime) {
    if (isStopped()) {
      return LONGEST_PAUSE;
    }
    Duration pause = Duration.ofNanos((long) (batchTime.toNanos() * (1 / factor() - 1)));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  @Override
  public String toString() {
    return "Pace[%s, %s]".formatted(factor(), reason);
  }
}
