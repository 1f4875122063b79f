package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonPayloadsTest extends MigrationFolder {
  @Test
  void readsJsonPayloads() {
    assertThat(
            read(
                    "0001_a.json",
                    "\uFEFF{\"migration_name\":\"other\",\"sql_forwards\":[\"select"
                        + " 1\"],\"sql_backwards\":\"\",\"max_attempts\":2}")
                .payload())
        .hasToString(
            "{\"migration_name\":\"other\",\"sql_forwards\":[\"select"
                + " 1\"],\"sql_backwards\":\"\",\"max_attempts\":2}");
    assertThat(read("0002_b.json", "{\"sql_forwards\":\"select 1\",\"sql_backwards\":\"\"}").name())
        .isEqualTo("0002_b");
  }

  @Test
  void readsSeveralMigrationsOfOneJsonFile() {
    Path file =
        write(
            "all.json",
            """
            {"migrations": [
              {"migration_name": "a", "sql_forwards": "select 1", "sql_backwards": ""},
              {"migration_name": "b", "sql_forwards": "select 1", "sql_backwards": ""}]}
            """);

    assertThat(MigrationFile.read(List.of(file)))
        .extracting(MigrationFile::name)
        .containsExactly("a", "b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"sql_forwards\":\"x\"}                        | : the field 'sql_backwards' is missing;"
            + " an empty one",
        "{\"sql_backwards\":\"x\"}                       | : the field 'sql_forwards' is missing",
        "{\"sql_forwards\":\"\",\"sql_backwards\":\"\",\"sql\":1} | : there is no field 'sql';"
            + " optional ones are apply_on_sqlite,",
        "{\"a\":1,\"a\":2}                               | :1: is not JSON, column 11: the field"
            + " 'a' stands twice",
        "[1]                                             | : a migration is a JSON object with",
        "{} {}                                           | :1: is not JSON, column 4: something"
            + " follows what",
        "{\"migrations\":[],\"x\":1}                     | : beside \"migrations\", which is a"
            + " list, nothing",
        "{\"migrations\":[{\"sql_forwards\":\"\",\"sql_backwards\":\"\"}]} | : the field"
            + " 'migration_name' is missing",
      })
  void refusesJsonThatIsNoPayload(String json, String message) {
    Path file = write("0001_a.json", json);

    assertThatThrownBy(() -> MigrationFile.read(List.of(file)))
        .hasMessageStartingWith(file + message);
  }
}
