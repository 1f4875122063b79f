package dev.longhaul.execution;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/faults.md` names tests that there are and that run, and leaves out no step.
class FaultsPageTest {
  private static final List<String> STEPS =
      List.of("registration", "trigger", "execution", "detach", "adoption", "batch");

  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");
  private static final Pattern CLASS = Pattern.compile("^(?:public |final )*class .*");
  private static final Pattern METHOD = Pattern.compile("^  (?:public )?void (\\w+)\\(.*");
  private static final Pattern TESTS =
      Pattern.compile("^  @(?:Test|ParameterizedTest|RepeatedTest|TestFactory|Property)\\b.*");

  /// Of a method or of its class, whose annotation is not indented.
  private static final Pattern DISABLED = Pattern.compile("^(?:  )?@(?:\\w+\\.)*Disabled\\b.*");

  /// The faults that there is nothing to meet at a step, each with its reason on the page.
  private static final List<String> NOT_APPLICABLE =
      List.of(
          "too many connections (53300) / detach",
          "a lock that somebody holds / registration",
          "a lock that somebody holds / trigger",
          "Secrets Manager fails / detach");

  private static final String NONE = "does not apply";

  private record Row(String fault, String step, String promise, String tests) {}

  private static String page() throws IOException {
    return Files.readString(Path.of("..", "docs", "faults.md"));
  }

  /// The rows of the matrix; an empty first cell means the fault above.
  private static List<Row> rows() throws IOException {
    String[] fault = {""};
    return page()
        .lines()
        .map(line -> line.split("\\|", -1))
        .filter(cells -> cells.length == 6 && STEPS.contains(cells[2].strip()))
        .map(
            cells -> {
              fault[0] = cells[1].isBlank() ? fault[0] : cells[1].strip();
              return new Row(fault[0], cells[2].strip(), cells[3].strip(), cells[4].strip());
            })
        .toList();
  }

  private static Stream<Path> sources() {
    return Stream.of(Path.of("src", "test", "java"), Path.of("..", "cli", "src", "test", "java"))
        .flatMap(
            root -> {
              try (Stream<Path> files = Files.walk(root)) {
                return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  /// The tests of a file that run. Between two methods there is an empty line.
  private static Stream<String> tests(Path source) {
    try {
      String type = String.valueOf(source.getFileName()).replace(".java", "");
      List<String> tests = new ArrayList<>();
      List<String> above = new ArrayList<>();
      for (String line : Files.readAllLines(source)) {
        Matcher method = METHOD.matcher(line);
        if (method.matches() && anyMatches(above, TESTS) && !anyMatches(above, DISABLED)) {
          tests.add(type + "." + method.group(1));
        } else if (CLASS.matcher(line).matches() && anyMatches(above, DISABLED)) {
          return Stream.empty();
        }
        above.add(line);
        if (line.isEmpty()) {
          above.clear();
        }
      }
      return tests.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean anyMatches(List<String> lines, Pattern pattern) {
    return lines.stream().anyMatch(line -> pattern.matcher(line).matches());
  }

  @Test
  void everyTestThatItNamesRuns() throws IOException {
    Set<String> named =
        TEST.matcher(page())
            .results()
            .map(test -> test.group(1) + "." + test.group(2))
            .collect(toSet());
    assertThat(named).hasSizeGreaterThan(40);
    assertThat(sources().flatMap(FaultsPageTest::tests).collect(toSet())).containsAll(named);
  }

  @Test
  void everyFaultIsSpokenOfAtEveryStep() throws IOException {
    Map<String, List<String>> steps =
        rows().stream()
            .collect(groupingBy(Row::fault, LinkedHashMap::new, mapping(Row::step, toList())));
    assertThat(steps).hasSizeGreaterThan(15);
    assertThat(steps.values()).allSatisfy(each -> assertThat(each).isEqualTo(STEPS));
  }

  @Test
  void everyCellNamesATestUnlessItDoesNotApply() throws IOException {
    assertThat(rows())
        .allSatisfy(
            row -> {
              assertThat(row.promise()).isNotEmpty();
              assertThat(row.tests().startsWith("`"))
                  .as(row.toString())
                  .isEqualTo(!row.tests().equals(NONE));
            });
    assertThat(rows().stream().filter(row -> row.tests().equals(NONE)))
        .extracting(row -> row.fault() + " / " + row.step())
        .isEqualTo(NOT_APPLICABLE);
  }

  /// The simulation breaks what it holds in its hands; a real process and a real socket end in
  /// their own ways.
  @Test
  void noCellNamesTheSimulationAlone() throws IOException {
    assertThat(rows())
        .allSatisfy(
            row ->
                assertThat(
                        TEST.matcher(row.tests())
                            .results()
                            .map(test -> test.group(1))
                            .collect(toSet()))
                    .as(row.toString())
                    .isNotEqualTo(Set.of("SimulationTest")));
  }
}
