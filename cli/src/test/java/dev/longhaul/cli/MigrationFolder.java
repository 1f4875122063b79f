package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/// A folder of migration files, for the tests of what reads them.
abstract class MigrationFolder {
  @TempDir Path directory;

  final void assertProblems(String text, String... endings) {
    List<String> problems = problems(text);
    assertThat(problems).hasSize(endings.length);
    String file = directory.resolve("a.sql").toString();
    for (int i = 0; i < endings.length; i++) {
      String ending = endings[i];
      assertThat(problems).anySatisfy(problem -> assertThat(problem).startsWith(file + ending));
    }
  }

  final List<String> problems(String text) {
    Path file = write("a.sql", text);
    return catchThrowableOfType(
            InvalidMigrationFiles.class, () -> MigrationFile.read(List.of(file)))
        .getMessage()
        .lines()
        .toList();
  }

  final MigrationFile read(String fileName, String text) {
    return MigrationFile.read(List.of(write(fileName, text))).getFirst();
  }

  final Path write(String fileName, String text) {
    try {
      Path file = directory.resolve(fileName);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
