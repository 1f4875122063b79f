package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BatchSizeTest {
  private static final Duration TARGET = Duration.ofMillis(500);

  private final BatchSize size = new BatchSize(1000, TARGET, 50_000);

  private void took(long rows, Duration time) {
    size.took(rows, time, false);
  }

  @Test
  void growsByHalfAtMost() {
    took(1000, Duration.ofMillis(1));
    assertThat(size.rows()).isEqualTo(1500);
    took(1500, Duration.ofMillis(400));
    assertThat(size.rows()).isEqualTo(1875);
  }

  @Test
  void shrinksAtOnceToWhatTakesTheTargetTime() {
    took(1000, Duration.ofSeconds(2));
    assertThat(size.rows()).isEqualTo(250);
  }

  @Test
  void fallsToATenthFarBeyondTheTarget() {
    took(1000, Duration.ofMillis(2501));
    assertThat(size.rows()).isEqualTo(100);
  }

  @Test
  void learnsNothingFromTheRestOfARange() {
    took(499, Duration.ofMillis(1));
    assertThat(size.rows()).isEqualTo(1000);
    took(500, Duration.ofMillis(500));
    assertThat(size.rows()).isEqualTo(500);
  }

  /// A stripe may have none.
  @Test
  void learnsNothingFromABatchWithoutRows() {
    size.took(0, Duration.ofSeconds(3), false);
    assertThat(size.rows()).isEqualTo(1000);
  }

  @Test
  void isShortWhereOthersNeedTheDatabase() {
    size.took(1000, Duration.ofMillis(4), true);
    assertThat(size.rows()).isEqualTo(500);
    size.took(200, Duration.ofNanos(2_500_000), true);
    assertThat(size.rows()).as("a part of a window that took too long").isEqualTo(160);
  }

  @Test
  void isNotMadeTinyWhereEachCommitTakesLong() {
    size.took(1000, Duration.ofMillis(100), true);
    assertThat(size.rows()).isEqualTo(100);
    size.took(100, Duration.ofMillis(50), true);
    assertThat(size.rows()).isEqualTo(100);
    size.took(100, Duration.ofSeconds(1), true);
    assertThat(size.rows()).as("beyond the target itself").isEqualTo(50);
  }

  @Test
  void staysWithinItsBounds() {
    assertThat(new BatchSize(70_000, TARGET, 50_000).rows()).isEqualTo(50_000);
    for (int i = 0; i < 20; i++) {
      took(size.rows(), Duration.ZERO);
    }
    assertThat(size.rows()).isEqualTo(50_000);
    for (int i = 0; i < 20; i++) {
      size.halve();
    }
    assertThat(size.rows()).isEqualTo(1);
    took(1, Duration.ofSeconds(60));
    assertThat(size.rows()).isEqualTo(1);
    took(1, Duration.ofMillis(1));
    assertThat(size.rows()).isEqualTo(2);
  }
}
