package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.longhaul.testing.Hostile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Files that nobody has meant to write are read as migrations or refused with their problems.
class HostileFileTest extends MigrationFolder {
  private static final String SQL =
      """
      -- longhaul: depends_on=0001_a, 0002_b
      -- longhaul: run_at=2999-01-01T00:00:00Z
      -- longhaul: max_attempts=3
      -- migrate:up
      create table t (s text default '-- migrate:down');
      -- migrate:down
      drop table t;
      """;

  private static final String JSON =
      """
      [{"sql_forwards": ["select 1"], "sql_backwards": "", "migration_name": "0003_c"},
       {"sql_forwards": "select 2", "sql_backwards": "select 3", "depends_on": ["0003_c"]}]
      """;

  @Test
  void everyFileIsReadOrRefused() {
    Hostile.tryAll(
        "migration files",
        2,
        hostile -> {
          Path file = directory.resolve(hostile.oneIn(3) ? "0009_x.json" : "0009_x.sql");
          byte[] bytes =
              switch (hostile.upTo(5)) {
                case 0 -> hostile.bytes();
                case 1 -> hostile.text().getBytes(StandardCharsets.UTF_8);
                default ->
                    hostile
                        .spoiled(file.toString().endsWith(".json") ? JSON : SQL)
                        .getBytes(StandardCharsets.UTF_8);
              };
          write(file, bytes);
          try {
            for (MigrationFile migration : MigrationFile.read(List.of(file))) {
              assertThat(migration.payload().has("sql_forwards")).isTrue();
              assertThatCode(migration::name).doesNotThrowAnyException();
            }
          } catch (InvalidMigrationFiles refused) {
            assertThat(refused).hasMessageStartingWith(file + "");
          }
        });
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
