package dev.longhaul.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ReportTest {
  @Test
  void isOneMarkdownTableWithItsNotesBelow() {
    var report = new Report("Title", "a", "b").row("1", "2").note("said");

    assertThat(report.markdown())
        .isEqualTo(
            """
            # Title

            | a | b |
            | --- | --- |
            | 1 | 2 |

            - said
            """);
  }

  @Test
  void refusesARowThatDoesNotFit() {
    var report = new Report("Title", "a", "b");

    assertThatThrownBy(() -> report.row("1")).isInstanceOf(IllegalArgumentException.class);
  }
}
