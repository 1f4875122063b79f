package dev.longhaul.migration;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `docs/state-chart.md` says what the code does.
class StateChartTest {
  private static final Pattern EDGE = Pattern.compile(" *(\\w+) --> (\\w+) *: *(\\w+) *");
  private static final Pattern ROW =
      Pattern.compile("\\| `(\\w+)` \\| ([^|]+) \\| ([^|]+) \\| .+ \\|");

  /// @param from a status as the enum spells it
  private record Edge(String from, String to, String transition) implements Comparable<Edge> {
    @Override
    public int compareTo(Edge other) {
      return toString().compareTo(other.toString());
    }
  }

  private static List<String> page = List.of();

  @BeforeAll
  static void read() throws IOException {
    page = Files.readAllLines(Path.of("..", "docs", "state-chart.md"));
  }

  private static SortedSet<Edge> table() {
    return Arrays.stream(Transition.values())
        .flatMap(
            transition ->
                transition.from().stream()
                    .map(from -> new Edge(from.name(), transition.to().name(), transition.name())))
        .collect(toCollection(TreeSet::new));
  }

  private static List<String> chart() {
    int start = page.indexOf("```mermaid");
    assertThat(page.get(start + 1)).isEqualTo("stateDiagram-v2");
    List<String> rest = page.subList(start + 2, page.size());
    return rest.subList(0, rest.indexOf("```"));
  }

  @Test
  void drawsEveryTransitionOnceAndNoOther() {
    List<Edge> edges =
        chart().stream()
            .map(EDGE::matcher)
            .filter(Matcher::matches)
            .map(edge -> new Edge(edge.group(1), edge.group(2), edge.group(3)))
            .toList();

    assertThat(edges).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(table());
  }

  @Test
  void holdsNoLineThatTheTestDoesNotRead() {
    assertThat(chart())
        .allMatch(
            line ->
                EDGE.matcher(line).matches()
                    || line.strip().startsWith("[*] --> ")
                    || line.strip().matches("\\w+ : [A-Z ]+"));
  }

  @Test
  void labelsEveryStatusAsTheJournalSpellsIt() {
    assertThat(chart())
        .map(String::strip)
        .containsAll(
            Stream.of(MigrationStatus.values())
                .map(status -> status.name() + " : " + status.label())
                .toList());
  }

  @Test
  void listsEveryTransitionInATable() {
    SortedSet<Edge> rows = new TreeSet<>();
    for (String line : page) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        for (String from : row.group(2).split(", ", -1)) {
          rows.add(new Edge(status(from), status(row.group(3)), row.group(1)));
        }
      }
    }

    assertThat(rows).isEqualTo(table());
  }

  @Test
  void explainsEveryStatus() {
    for (MigrationStatus status : MigrationStatus.values()) {
      int heading = page.indexOf("### " + status.label());
      assertThat(heading).as(status.label()).isPositive();
      assertThat(page.get(heading + 2)).as(status.label()).isNotBlank();
    }
  }

  private static String status(String label) {
    return MigrationStatus.ofLabel(label.strip()).orElseThrow().name();
  }
}
