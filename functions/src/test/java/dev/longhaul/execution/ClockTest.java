package dev.longhaul.execution;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Fixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The function's clock is an hour off. The database's is the one that counts, so what is left to
/// the function's is when a message arrives.
@Tag("fault")
class ClockTest {
  private static final Pattern READS_CLOCK =
      Pattern.compile(
          "Instant\\.now\\(|InstantSource\\.system\\(|currentTimeMillis|(?:Local|Zoned|Offset)\\w+\\.now\\(|new"
              + " Date\\(|Clock\\.system");

  /// Registers one that is to run in an hour, by the database's clock.
  private static void register(Fixture longhaul) {
    longhaul.register(
        Fixture.migration("later", "create table t (n int)", "")
            .put("run_at", Instant.now().plus(Duration.ofHours(1)).toString())
            .toString());
  }

  private static void anHourPasses(Fixture longhaul) {
    longhaul.database.execute(
        """
        update longhaul.async_migration set not_before = not_before - interval '61 min',
          next_look_at = next_look_at - interval '61 min', changed_at = changed_at - interval '61 min'
        """);
  }

  @Test
  void aMessageThatComesAnHourEarlyIsNotWorkedAt() {
    try (Fixture longhaul = new Fixture()) {
      register(longhaul);
      longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"later\"}");
      assertThat(longhaul.executeNext()).isTrue();
      assertThat(longhaul.status("later")).isEqualTo("STARTED");
      assertThat(longhaul.database.exists("t")).isFalse();

      anHourPasses(longhaul);
      longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"later\"}");
      longhaul.executeUntil("later", "FINISHED");
    }
  }

  @Test
  void aMessageThatComesAnHourLateIsNotWaitedFor() {
    try (Fixture longhaul = new Fixture()) {
      register(longhaul);
      anHourPasses(longhaul);
      longhaul.trigger("{}");
      assertThat(longhaul.executeNext()).as("the sweep's message").isTrue();
      assertThat(longhaul.status("later")).isEqualTo("FINISHED");
    }
  }

  @Test
  void readsTheFunctionsClockOnlyWhereThePageSaysWhatForAndDoesNoHarm() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "faults.md"));
    String table = page.substring(page.indexOf("All places that read it"));
    SortedSet<String> known =
        Pattern.compile("(?m)^\\| `(\\w+)` \\|")
            .matcher(table)
            .results()
            .map(row -> row.group(1))
            .collect(toCollection(TreeSet::new));
    try (Stream<Path> sources = Files.walk(Path.of("src", "main", "java"))) {
      SortedSet<String> found =
          sources
              .filter(ClockTest::readsClock)
              .map(source -> String.valueOf(source.getFileName()).replace(".java", ""))
              .collect(toCollection(TreeSet::new));
      assertThat(found).isEqualTo(known);
    }
  }

  private static boolean readsClock(Path source) {
    try {
      return source.toString().endsWith(".java")
          && READS_CLOCK.matcher(Files.readString(source)).find();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
