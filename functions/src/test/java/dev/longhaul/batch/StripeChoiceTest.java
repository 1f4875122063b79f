package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.health.HealthLimits;
import dev.longhaul.migration.Batch;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StripeChoiceTest {
  private long now;

  private StripeChoice choice(@Nullable String obstacle) {
    return new StripeChoice(batch(Batch.AUTO), obstacle, () -> now);
  }

  private void window(StripeChoice choice, int percentHot) {
    choice.learn(0, 1000, 0);
    choice.learn(1, 100, percentHot);
    choice.decide();
  }

  private void passes(Duration time) {
    now += time.toNanos();
  }

  @Test
  void keepsStripesThatPay() {
    StripeChoice choice = choice(null);
    window(choice, 50);
    assertThat(choice.next()).isEqualTo(16);
    assertThat(choice.reason()).isEqualTo("50 % of the updates stayed on their page");
  }

  @Test
  void givesThemUpInTheMiddleOfAWalk() {
    StripeChoice choice = choice(null);
    window(choice, 90);
    window(choice, 49);
    assertThat(choice.next()).isEqualTo(1);
    assertThat(choice.count()).isEqualTo(1);
  }

  @Test
  void givesThemUpWhereOneHoldsAll() {
    StripeChoice choice = choice(null);
    choice.learn(0, 1000, 0);
    choice.learn(1, 0, 0);
    choice.decide();
    assertThat(choice.next()).isEqualTo(1);
    assertThat(choice.reason())
        .isEqualTo(
            "off: all keys of a window are in its first stripe, like multiples of 16; tried again"
                + " in 2 s");
  }

  @Test
  void learnsNothingWhereNothingIsUpdated() {
    StripeChoice choice = choice(null);
    choice.learn(0, 0, 0);
    choice.learn(1, 0, 0);
    choice.decide();
    assertThat(choice.next()).isEqualTo(16);
  }

  @Test
  void triesAgainWithOneWorkerAndLaterEachTime() {
    StripeChoice choice = choice(null);
    window(choice, 0);
    passes(Duration.ofMillis(1999));
    assertThat(choice.next()).isEqualTo(1);
    passes(Duration.ofMillis(1));
    assertThat(choice.next()).isEqualTo(16);
    assertThat(choice.next()).isEqualTo(1);
    window(choice, 0);
    passes(Duration.ofMillis(3999));
    assertThat(choice.next()).isEqualTo(1);
    passes(Duration.ofMillis(1));
    assertThat(choice.next()).isEqualTo(16);
    window(choice, 80);
    assertThat(choice.next()).isEqualTo(16);
  }

  @Test
  void triesAgainSoonWhereTheyHavePaid() {
    StripeChoice choice = choice(null);
    window(choice, 80);
    window(choice, 0);
    assertThat(choice.reason()).endsWith("tried again in 0.5 s");
    passes(Duration.ofMillis(499));
    assertThat(choice.next()).isEqualTo(1);
    passes(Duration.ofMillis(1));
    assertThat(choice.next()).isEqualTo(16);
    window(choice, 0);
    assertThat(choice.reason()).endsWith("tried again in 1 s");
  }

  /// Other workers end the windows that they had begun.
  @Test
  void takesNoWindowForATrialThatIsNone() {
    StripeChoice choice = choice(null);
    window(choice, 0);
    window(choice, 0);
    window(choice, 0);
    passes(Duration.ofSeconds(2));
    assertThat(choice.next()).isEqualTo(16);
  }

  @Test
  void waitsFiveMinutesAtMost() {
    StripeChoice choice = choice(null);
    window(choice, 0);
    for (int i = 0; i < 10; i++) {
      passes(Duration.ofMinutes(5));
      assertThat(choice.next()).isEqualTo(16);
      window(choice, 0);
    }
    passes(Duration.ofMinutes(5));
    assertThat(choice.next()).isEqualTo(16);
  }

  @Test
  void neverTriesWhereStripesCannotPay() {
    StripeChoice choice = choice("off: for a reason");
    passes(Duration.ofHours(1));
    assertThat(choice.next()).isEqualTo(1);
    assertThat(choice.isMeasured()).isFalse();
    assertThat(choice.reason()).isEqualTo("off: for a reason");
  }

  @Test
  void takesWhatIsAskedForAsItIs() {
    StripeChoice choice = new StripeChoice(batch(4), "off: for a reason", () -> now);
    assertThat(choice.next()).isEqualTo(4);
    assertThat(choice.isMeasured()).isFalse();
  }

  private static Batch batch(int stripes) {
    return new Batch(
        "task",
        List.of("id"),
        1000,
        Duration.ofMillis(500),
        4,
        stripes,
        false,
        null,
        HealthLimits.NONE);
  }
}
