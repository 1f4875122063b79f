package dev.longhaul.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.cli.MigrationFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SampleTest {
  private static final Sample SAMPLE = Sample.load(Sample.DEFAULT_ROWS);

  @Test
  void knowsAnEndForEveryFileInTheOrderOfTheirNames() throws IOException, URISyntaxException {
    URL directory = Sample.class.getResource("/sample/migrations");
    assertThat(directory).isNotNull();
    try (Stream<Path> files = Files.list(Path.of(directory.toURI()))) {
      assertThat(SAMPLE.scripts())
          .extracting(Sample.Script::fileName)
          .isEqualTo(files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    assertThat(SAMPLE.migrations())
        .extracting(MigrationFile::name)
        .isEqualTo(SAMPLE.scripts().stream().map(Sample.Script::name).toList());
  }

  @Test
  void dependsOnEarlierMigrationsOnly() {
    Set<String> earlier = new HashSet<>();
    for (MigrationFile migration : SAMPLE.migrations()) {
      for (JsonNode dependency : migration.payload().path("depends_on")) {
        assertThat(earlier).as(migration.name()).contains(dependency.asText());
      }
      earlier.add(migration.name());
    }
  }

  @Test
  void hasAChainOfFive() {
    assertThat(dependencies("0011_unique_task_external_key"))
        .containsExactly("0010_require_task_external_key");
    assertThat(dependencies("0010_require_task_external_key"))
        .containsExactly("0009_check_task_external_key");
    assertThat(dependencies("0009_check_task_external_key"))
        .containsExactly("0008_fill_task_external_key");
    assertThat(dependencies("0008_fill_task_external_key"))
        .containsExactly("0007_add_task_external_key");
  }

  @Test
  void isScaledInOnePlace() {
    List<Sample.Script> small = Sample.load(20_000).scripts();
    for (int i = 0; i < small.size(); i++) {
      String text = SAMPLE.scripts().get(i).text();
      if (i == 0) {
        assertThat(text).containsOnlyOnce("select 1000000 /* sample rows */");
        assertThat(small.get(i).text())
            .isEqualTo(text.replace("1000000 /* sample", "20000 /* sample"));
      } else {
        assertThat(small.get(i).text()).isEqualTo(text);
      }
    }
    assertThatThrownBy(() -> Sample.load(12_345))
        .hasMessage("rows must be a multiple of 10000, not 12345");
  }

  @Test
  void hasOneMigrationWithoutAWayBack() {
    assertThat(SAMPLE.migrations())
        .filteredOn(migration -> migration.payload().path("sql_backwards").asText().isBlank())
        .extracting(MigrationFile::name)
        .containsExactly(Scenario.IRREVERSIBLE);
  }

  private static List<String> dependencies(String name) {
    for (MigrationFile migration : SAMPLE.migrations()) {
      if (migration.name().equals(name)) {
        return Stream.of(migration.payload().path("depends_on"))
            .flatMap(JsonNode::valueStream)
            .map(JsonNode::asText)
            .toList();
      }
    }
    return List.of();
  }
}
