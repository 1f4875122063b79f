package dev.longhaul.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SamplesTest {
  @Test
  void medianIsTheMiddleValueWhateverTheOrder() {
    assertThat(of(9, 1, 5).median()).isEqualTo(5);
  }

  @Test
  void medianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
    assertThat(of(4, 1, 2, 9).median()).isEqualTo(3);
  }

  @Test
  void summaryNamesLeastAndGreatest() {
    assertThat(of(2000.04, 1, 5).summary(1)).isEqualTo("5.0 (1.0 to 2,000.0)");
  }

  @Test
  void nothingHasNoMedian() {
    assertThatThrownBy(() -> new Samples().median()).isInstanceOf(IllegalStateException.class);
  }

  private static Samples of(double... values) {
    var samples = new Samples();
    for (var value : values) {
      samples.add(value);
    }
    return samples;
  }
}
