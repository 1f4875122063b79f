package dev.longhaul.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TransitionTest {
  /// The agreed table, written out once more: a row for what a migration is, a column for what it
  /// may become, in the order of the enum.
  private static final String EXPECTED =
      """
                   SCH STA PRO FIN ERR PAU CAN ROL
      SCHEDULED     -   x   -   -   -   -   x   x
      STARTED       -   -   x   -   -   x   x   x
      IN_PROGRESS   -   x   x   x   x   x   x   x
      FINISHED      -   x   -   -   -   -   -   -
      ERROR         -   x   -   -   -   -   -   x
      PAUSED        -   x   -   -   -   -   x   x
      CANCELLED     -   x   -   -   -   -   -   x
      ROLLED_BACK   -   x   -   -   -   -   -   -
      """;

  static Stream<Arguments> everyPair() {
    List<String> rows = EXPECTED.lines().skip(1).toList();
    MigrationStatus[] statuses = MigrationStatus.values();
    assertThat(rows).hasSize(statuses.length);
    List<Arguments> pairs = new ArrayList<>();
    for (String row : rows) {
      String[] cells = row.strip().split(" +");
      assertThat(cells).hasSize(statuses.length + 1);
      for (int i = 0; i < statuses.length; i++) {
        pairs.add(
            Arguments.of(MigrationStatus.valueOf(cells[0]), statuses[i], cells[i + 1].equals("x")));
      }
    }
    return pairs.stream();
  }

  @ParameterizedTest(name = "{0} → {1}: {2}")
  @MethodSource("everyPair")
  void isAllowedExactlyWhereTheTableSaysSo(
      MigrationStatus from, MigrationStatus to, boolean allowed) {
    assertThat(from.canBecome(to)).isEqualTo(allowed);
  }

  /// Which names lead where: two transitions between the same statuses mean different things.
  @Test
  void hasOneNamePerReason() {
    Map<String, String> expected =
        Map.ofEntries(
            Map.entry("TRIGGER", "SCHEDULED to STARTED"),
            Map.entry("CLAIM", "STARTED or IN PROGRESS to IN PROGRESS"),
            Map.entry("REQUEUE", "IN PROGRESS to STARTED"),
            Map.entry("FINISH", "IN PROGRESS to FINISHED"),
            Map.entry("FAIL", "IN PROGRESS to ERROR"),
            Map.entry("PAUSE", "STARTED or IN PROGRESS to PAUSED"),
            Map.entry("RESUME", "PAUSED to STARTED"),
            Map.entry("CANCEL", "SCHEDULED or STARTED or IN PROGRESS or PAUSED to CANCELLED"),
            Map.entry("RETRY", "ERROR or CANCELLED or ROLLED BACK to STARTED"),
            Map.entry("ROLL_BACK", "FINISHED or ERROR or PAUSED or CANCELLED to STARTED"),
            Map.entry(
                "UNDO",
                "SCHEDULED or STARTED or IN PROGRESS or ERROR or PAUSED or CANCELLED to ROLLED"
                    + " BACK"));

    assertThat(Transition.values())
        .hasSize(expected.size())
        .allSatisfy(
            transition ->
                assertThat(transition.fromInWords() + " to " + transition.to().label())
                    .isEqualTo(expected.get(transition.name())));
  }

  @Test
  void spellsStatusesAsTheContractDoes() {
    assertThat(MigrationStatus.values())
        .extracting(MigrationStatus::label)
        .containsExactly(
            "SCHEDULED",
            "STARTED",
            "IN PROGRESS",
            "FINISHED",
            "ERROR",
            "PAUSED",
            "CANCELLED",
            "ROLLED BACK");
  }

  @ParameterizedTest
  @EnumSource
  void readsItsOwnLabels(MigrationStatus status) {
    assertThat(MigrationStatus.ofLabel(status.label())).contains(status);
    assertThat(MigrationStatus.ofLabel(status.label() + " ")).isEmpty();
    assertThat(status).hasToString(status.label());
  }

  /// What has ended leaves its end only when somebody asks for it.
  @ParameterizedTest
  @EnumSource
  void leadsOutOfAnEndOnlyOnRequest(Transition transition) {
    List<Transition> requested = List.of(Transition.RETRY, Transition.ROLL_BACK, Transition.UNDO);

    assertThat(transition.from().stream().anyMatch(MigrationStatus::isEnd))
        .isEqualTo(requested.contains(transition));
  }
}
