package dev.longhaul.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BarPlotTest {
  @Test
  void drawsToScale() {
    var svg = new BarPlot("a < b").bars("one", 1, 0.5).bars("two", 2, 0.25).svg();

    assertThat(svg)
        .startsWith("<svg xmlns")
        .endsWith("</svg>\n")
        .contains("a &lt; b", "width=\"250.0\"", "width=\"500.0\"", "width=\"125.0\"", ">0.25<");
  }
}
