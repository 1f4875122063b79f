package dev.longhaul.bench.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.bench.DatabaseServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The load, on a small scale.
class LoadIT {
  @Test
  void nothingIsLostAndNothingIsDoubledWhileExecutorsAreKilled() throws Exception {
    try (DatabaseServer server = DatabaseServer.start()) {
      Finding finding =
          new LoadPart().run(_ -> server.create(), Duration.ofSeconds(8), System.err::println);
      assertThat(finding.violations()).as(finding.text()).isEmpty();
      assertThat(finding.figures())
          .filteredOn(figure -> figure.what().equals("executors killed at work"))
          .singleElement()
          .satisfies(figure -> assertThat(Integer.parseInt(figure.number())).isPositive());
    }
  }
}
