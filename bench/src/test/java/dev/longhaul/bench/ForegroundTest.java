package dev.longhaul.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForegroundTest {
  /// Client, number, time in microseconds, script, end in seconds and microseconds, lag.
  private static String line(int microseconds, double end) {
    return "0 1 %d 0 %d %06d 0"
        .formatted(microseconds, (long) end, Math.round((end - (long) end) * 1e6));
  }

  @Test
  void takesThe99thPercentileOfWhatWasScheduledBesideTheWork() {
    var lines = new ArrayList<String>();
    for (var i = 1; i <= 100; i++) {
      lines.add(line(i * 1000, 150.5));
    }
    // Scheduled before the work, and after it.
    lines.add(line(60_000_000, 150.5));
    lines.add(line(5_000_000, 205.5));
    // Cut when pgbench was stopped.
    lines.add("0 1 99");

    assertThat(Foreground.percentile(lines, 100, 200)).isEqualTo(99.0);
  }

  @Test
  void countsFromTheSchedule() {
    assertThat(Foreground.percentile(List.of(line(30_000_000, 205)), 100, 200)).isEqualTo(30_000);
  }

  @Test
  void refusesToSayAnythingOfNoTransactions() {
    assertThatThrownBy(() -> Foreground.percentile(List.of(line(1, 50)), 100, 200))
        .isInstanceOf(IllegalStateException.class);
  }
}
