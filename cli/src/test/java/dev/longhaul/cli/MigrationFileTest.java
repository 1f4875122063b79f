package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MigrationFileTest extends MigrationFolder {
  @Test
  void readsTheSameWhateverTheLineEndsAndByteOrderMark() {
    String text =
        """
        -- longhaul: target=other
        -- migrate:up
        select '
        x';
        -- migrate:down
        select 2;
        """;

    assertThat(read("0001_a.sql", "\uFEFF" + text.replace("\n", "\r\n")).payload())
        .isEqualTo(read("0001_a.sql", text).payload());
  }

  @Test
  void composesUnicodeNames() {
    assertThat(
            read("0001_cafe\u0301_größe_索引.sql", "-- migrate:up\nselect 1\n-- migrate:down\n")
                .name())
        .isEqualTo("0001_caf\u00e9_größe_索引");
  }

  @Test
  void refusesWhatIsNotUtf8WithItsLine() throws IOException {
    Path file = directory.resolve("0001_a.sql");
    Files.write(
        file,
        "-- migrate:up\nselect 'größe';\n-- migrate:down\n".getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> MigrationFile.read(List.of(file)))
        .hasMessage(file + ":2: is not UTF-8");
  }

  @Test
  void readsADirectoryInTheOrderOfItsNames() {
    String text = "-- migrate:up\nselect 1\n-- migrate:down\n";
    write("0002_b.sql", text);
    write("0010_c.sql", text);
    write("0001_a.json", "{\"sql_forwards\":\"select 1\",\"sql_backwards\":[]}");
    write("README.md", "not a migration");
    write(".0000_swap.sql", "not a migration");
    write("sub/0003_x.sql", "not read");

    assertThat(MigrationFile.read(List.of(directory)))
        .extracting(MigrationFile::name)
        .containsExactly("0001_a", "0002_b", "0010_c");
  }

  @Test
  void readsAFileOnceThatIsNamedTwice() {
    Path file = write("0001_a.sql", "-- migrate:up\nselect 1\n-- migrate:down\n");

    assertThat(MigrationFile.read(List.of(file, directory, directory.resolve("./0001_a.sql"))))
        .hasSize(1);
  }

  @Test
  void refusesAllFilesForOneBadOneAndNamesEveryProblem() {
    write("0001_a.sql", "-- migrate:up\nselect 1\n-- migrate:down\n");
    write("0002_b.sql", "-- longhaul: foo=1\n-- migrate:up\nselect 1\n");
    write("0003_c.json", "{\n\"sql_forwards\": 1,,\n}");

    InvalidMigrationFiles refusal =
        catchThrowableOfType(
            InvalidMigrationFiles.class, () -> MigrationFile.read(List.of(directory)));

    assertThat(refusal.problems())
        .extracting(problem -> problem.file().getFileName() + ":" + problem.line())
        .containsExactly("0002_b.sql:1", "0002_b.sql:0", "0003_c.json:2");
    assertThat(refusal.getMessage().lines()).hasSize(3);
  }

  @Test
  void refusesOneNameInTwoFiles() {
    write("0001_a.json", "{\"sql_forwards\":\"select 1\",\"sql_backwards\":\"\"}");
    write("0001_a.sql", "-- migrate:up\nselect 1\n-- migrate:down\n");

    assertThatThrownBy(() -> MigrationFile.read(List.of(directory)))
        .hasMessage(
            "%s: the migration '0001_a' stands in %s already",
            directory.resolve("0001_a.sql"), directory.resolve("0001_a.json"));
  }

  @Test
  void takesOneNameForTwoTargets() {
    write(
        "0001_a.json",
        "{\"target\":\"other\",\"sql_forwards\":\"select 1\",\"sql_backwards\":\"\"}");
    write("0001_a.sql", "-- migrate:up\nselect 1\n-- migrate:down\n");

    assertThat(MigrationFile.read(List.of(directory))).hasSize(2);
  }

  @Test
  void refusesPathsWithoutMigrations() {
    Path empty = directory.resolve("empty");
    assertThat(empty.toFile().mkdir()).isTrue();
    Path note = write("note.txt", "");
    Path missing = directory.resolve("0009_missing.sql");

    assertThatThrownBy(() -> MigrationFile.read(List.of(missing, empty, note)))
        .hasMessage(
            """
            %s: there is no such file or directory
            %s: the directory holds no .sql or .json files
            %s: a migration file is called NNNN_name.sql or NNNN_name.json\
            """,
            missing, empty, note);
  }
}
