package dev.longhaul.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// That the search is there without being asked for, and sees all ways by which something is
/// written.
class CanarySearchTest {
  private static final String LINE = "a line with " + PlantedCanary.PASSWORD;

  @BeforeEach
  void beginAnew() {
    assertThat(PlantedCanary.written()).isEmpty();
  }

  /// Or it would fail this test, as it should.
  @AfterEach
  void forget() {
    PlantedCanary.written();
  }

  @Test
  void seesWhatIsPrinted() {
    System.out.println(LINE);
    System.err.print("a line with ");
    System.err.print(PlantedCanary.PASSWORD + "\nand");
    assertThat(PlantedCanary.written()).containsExactly(LINE, LINE);
  }

  @Test
  void seesWhatATestCaptures() {
    try (LogLines log = LogLines.capture()) {
      System.out.println(LINE);
      assertThat(log.text()).contains(LINE);
    }
    assertThat(PlantedCanary.written()).containsExactly(LINE);
  }

  @Test
  void seesWhatIsLogged() {
    Logger.getLogger("org.postgresql").warning(LINE);
    assertThat(PlantedCanary.written()).isNotEmpty();
  }

  @Test
  void seesWhatAFunctionAnswersOrThrows() {
    try (Fixture longhaul = new Fixture()) {
      longhaul.register(PlantedCanary.PASSWORD, "select 1", "");
      assertThat(PlantedCanary.written()).isNotEmpty();
      longhaul.queue.drain();
      Refused.by(() -> longhaul.control("status", PlantedCanary.SECRET_KEY));
      assertThat(PlantedCanary.written()).isNotEmpty();
    }
  }

  @Test
  void everyFixtureHoldsIt() {
    try (Fixture longhaul = new Fixture()) {
      assertThat(longhaul.environment().get("DATABASE_URL"))
          .contains("postgres:" + PlantedCanary.PASSWORD + "@");
      assertThat(System.getProperty("aws.secretAccessKey")).isEqualTo(PlantedCanary.SECRET_KEY);
    }
  }
}
