package dev.longhaul.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// docs/metrics.md lists every metric with its unit, and every reason.
class MetricsPageTest {
  private static final Path DOCS = Path.of("../docs");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\| (\\w+) \\|");
  private static final Pattern SIGNAL = Pattern.compile("(?m)^\\| `([a-z_]+)` \\|");

  @Test
  void listsEveryMetricWithItsUnit() throws Exception {
    List<String> rows =
        ROW.matcher(Files.readString(DOCS.resolve("metrics.md")))
            .results()
            .map(row -> row.group(1) + " " + row.group(2))
            .toList();
    assertThat(rows)
        .containsExactlyElementsOf(
            Arrays.stream(Metric.values())
                .map(metric -> metric.label() + " " + metric.unit())
                .toList());
  }

  @Test
  void namesEveryReason() throws Exception {
    List<String> signals =
        SIGNAL
            .matcher(Files.readString(DOCS.resolve("health.md")))
            .results()
            .map((MatchResult signal) -> signal.group(1))
            .toList();
    assertThat(signals).hasSize(6);
    String page = Files.readString(DOCS.resolve("metrics.md"));
    assertThat(signals).allSatisfy(signal -> assertThat(page).contains("`" + signal + "`"));
    assertThat(page).contains("`" + dev.longhaul.health.Reading.UNREADABLE + "`");
  }
}
