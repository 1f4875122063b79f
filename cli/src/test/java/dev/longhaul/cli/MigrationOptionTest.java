package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MigrationOptionTest extends MigrationFolder {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "apply_on_sqlite=true                         | true",
        "execute_immediately = false                  | false",
        "target=analytics                             | \"analytics\"",
        "depends_on=0001_a                            | [\"0001_a\"]",
        "depends_on=0001_a ,0002_b c                  | [\"0001_a\",\"0002_b c\"]",
        "run_at=2026-11-30T02:00:00Z                  | \"2026-11-30T02:00:00Z\"",
        "run_at=2026-11-30T02:00+01:00                | \"2026-11-30T01:00:00Z\"",
        "window={\"days\":[\"SAT\"],\"from\":\"02:00\"} | {\"days\":[\"SAT\"],\"from\":\"02:00\"}",
        "batch={\"table\":\"tasks\",\"key\":\"id\"}   | {\"table\":\"tasks\",\"key\":\"id\"}",
        "lock_timeout=500ms                           | \"500ms\"",
        "detach_after=5min                            | \"5min\"",
        "max_attempts=3                               | 3",
        "requested_by=deploy #12 = release            | \"deploy #12 = release\"",
      })
  void typesOptionsAsTheContractDoes(String line, String json) {
    MigrationFile migration =
        read("0001_a.sql", "-- longhaul: " + line + "\n-- migrate:up\nselect 1\n-- migrate:down\n");

    String key = line.substring(0, line.indexOf('=')).strip();
    assertThat(migration.payload().get(key)).hasToString(json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "apply_on_sqlite=yes        | apply_on_sqlite must be true or false, not 'yes'",
        "execute_immediately=TRUE   | execute_immediately must be true or false, not 'TRUE'",
        "max_attempts=0             | max_attempts must be a whole number from 1, not '0'",
        "max_attempts=three         | max_attempts must be a whole number from 1, not 'three'",
        "depends_on=a,,b            | depends_on must be names separated by single commas, not"
            + " 'a,,b'",
        "depends_on=a,              | depends_on must be names separated by single commas, not"
            + " 'a,'",
        "run_at=tomorrow            | run_at must be an ISO-8601 time with an offset,",
        "run_at=2026-11-30T02:00:00 | run_at must be an ISO-8601 time with an offset,",
        "batch=[1]                  | batch must be a JSON object, such as",
        "window={\"from\":           | window must be a JSON object: it ends too early",
        "window=night               | window must be a JSON object",
        "window=[]                  | window must be a JSON object, such as {\"days\": [",
        "window={} {}               | window must be a JSON object: something follows",
        "target=                    | the option 'target' has no value",
        "target                     | an option is written '-- longhaul: key=value'",
        "batch_size=5               | there is no option 'batch_size'; there are apply_on_sqlite, ",
        "Target=main                | there is no option 'Target'; there are apply_on_sqlite, ",
        "migration_name=x           | there is no option 'migration_name'; the file's name is the",
        "sql_forwards=select 1      | there is no option 'sql_forwards'; there are ",
      })
  void refusesOptionsWithFileAndLine(String option, String message) {
    Path file =
        write(
            "0001_a.sql",
            "-- A comment.\n-- longhaul: "
                + option
                + "\n-- migrate:up\nselect 1\n-- migrate:down\n");

    assertThatThrownBy(() -> MigrationFile.read(List.of(file)))
        .hasMessageStartingWith(file + ":2: " + message);
  }

  @Test
  void refusesAnOptionGivenTwice() {
    assertProblems(
        """
        -- longhaul: target=main
        -- longhaul: target=other
        -- migrate:up
        select 1
        -- migrate:down
        """,
        ":2: a second 'target'; the first stands in line 1");
  }

  @Test
  void refusesOptionsInsideSections() {
    assertProblems(
        """
        -- migrate:up
        -- longhaul: target=main
        select 1
        -- migrate:down
        -- longhaul: target=main
        """,
        ":2: options stand above '-- migrate:up'",
        ":5: options stand above '-- migrate:up'");
  }
}
