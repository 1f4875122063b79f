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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationFileTest {
  @TempDir Path directory;

  @Test
  void readsNameOptionsAndSections() {
    MigrationFile migration =
        read(
            "0007_tasks_by_project.sql",
            """
            -- Finds the tasks of a project.
            -- longhaul: depends_on=0005_tasks, 0006_projects
            -- longhaul: lock_timeout=5s

            /* The list of a project's tasks took
               4 s. */
            -- migrate:up
            create index concurrently tasks_by_project on tasks (project_id);
            analyze tasks;

            -- migrate:down
            drop index concurrently tasks_by_project;
            """);

    assertThat(migration.payload().toPrettyString())
        .isEqualTo(
            """
            {
              "migration_name" : "0007_tasks_by_project",
              "depends_on" : [ "0005_tasks", "0006_projects" ],
              "lock_timeout" : "5s",
              "sql_forwards" : "create index concurrently tasks_by_project on tasks (project_id);\\nanalyze tasks;",
              "sql_backwards" : "drop index concurrently tasks_by_project;"
            }\
            """
                .replace("\n", System.lineSeparator()));
    assertThat(migration.name()).isEqualTo("0007_tasks_by_project");
  }

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
        "window={\"from\":           | window must be a JSON object: Unexpected end-of-input",
        "window={} {}               | window must be a JSON object: Trailing token",
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

  @Test
  void explainsThatAnEmptySectionMeansIrreversible() {
    assertProblems(
        "-- migrate:up\nselect 1\n",
        ": there is no section '-- migrate:down'; put that line at the end, above what undoes the"
            + " migration; an empty section says that it cannot be undone");
  }

  @Test
  void readsAnEmptyDownSectionAsIrreversible() {
    String withoutNewline = "-- migrate:up\nselect 1;\n-- migrate:down";
    String withReason =
        """
        -- migrate:up
        select 1;
        -- migrate:down

        -- The old values are gone.
        /* For /* good */ */
        """;

    assertThat(read("0001_a.sql", withoutNewline).payload().get("sql_backwards"))
        .hasToString("\"\"");
    assertThat(read("0001_a.sql", withReason).payload().get("sql_backwards")).hasToString("\"\"");
  }

  @Test
  void refusesAFileWithoutSections() {
    assertProblems("create table a ();\n", ": there is no section '-- migrate:up'; put that line");
    assertProblems("", ": there is no section '-- migrate:up'; put that line");
  }

  @Test
  void refusesAnUpSectionWithoutSql() {
    assertProblems(
        "\n-- migrate:up\n-- nothing yet\n-- migrate:down\n",
        ":2: the section '-- migrate:up' holds no SQL");
  }

  @Test
  void refusesSqlAboveTheSections() {
    assertProblems(
        "set lock_timeout = '1s';\n-- migrate:up\nselect 1;\n-- migrate:down\n",
        ":2: SQL above '-- migrate:up' belongs to no section; move it below");
  }

  @Test
  void refusesSectionsGivenTwice() {
    assertProblems(
        """
        -- migrate:up
        select 1;
        -- migrate:up
        select 2;
        -- migrate:down
        select 3;
        -- migrate:down
        """,
        ":3: a second '-- migrate:up'; the first stands in line 1",
        ":7: a second '-- migrate:down'; the first stands in line 5");
  }

  @Test
  void refusesTheSectionsInTheWrongOrder() {
    assertProblems(
        "-- migrate:down\nselect 1;\n-- migrate:up\nselect 2;\n",
        ":1: '-- migrate:down' comes after '-- migrate:up'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-- migrate:dwon",
        "-- Migrate:Down",
        "-- migrate: down",
        "--migrate:",
        "-- migrate :down"
      })
  void refusesMarkersThatAreNearlyRight(String marker) {
    assertThat(problems("-- migrate:up\nselect 1;\n" + marker + "\nselect 2;\n-- migrate:down\n"))
        .singleElement()
        .asString()
        .contains("a.sql:3: a section begins with the line '-- migrate:up' or '-- migrate:down'")
        .endsWith("not '" + marker + "'");
  }

  @Test
  void refusesTextBehindAMarker() {
    assertProblems(
        "-- migrate:up transaction:false\nselect 1;\n-- migrate:down\n",
        ":1: nothing may follow the marker",
        ": there is no section '-- migrate:up'",
        ":3: '-- migrate:down' comes after");
  }

  @Test
  void takesMarkersOnlyAtTheStartOfALine() {
    MigrationFile migration =
        read(
            "0001_a.sql",
            """
            -- migrate:up
            insert into notes values ('-- migrate:down');
             -- migrate:down
            	-- longhaul: target=other
            select 1; -- migrate:down
            -- migrated:down is no marker
            -- migrate:down
            select 2;
            """);

    assertThat(migration.payload().path("sql_forwards").asText())
        .isEqualTo(
            """
            insert into notes values ('-- migrate:down');
             -- migrate:down
            	-- longhaul: target=other
            select 1; -- migrate:down
            -- migrated:down is no marker\
            """);
    assertThat(migration.payload().path("sql_backwards").asText()).isEqualTo("select 2;");
  }

  @Test
  void takesAMarkerAtTheStartOfALineEvenInsideAString() {
    MigrationFile migration = read("0001_a.sql", "-- migrate:up\nselect '\n-- migrate:down\n';\n");

    assertThat(migration.payload().path("sql_forwards").asText()).isEqualTo("select '");
    assertThat(migration.payload().path("sql_backwards").asText()).isEqualTo("';");
  }

  @Test
  void readsTabsAndSpacesAroundMarkersAndOptions() {
    MigrationFile migration =
        read(
            "0001_a.sql",
            """
            --\tlonghaul:\tmax_attempts\t=\t7\t
            --migrate:up \t
            select 1;
            --  migrate:down\t
            """);

    assertThat(migration.payload().path("max_attempts").asInt()).isEqualTo(7);
    assertThat(migration.payload().path("sql_forwards").asText()).isEqualTo("select 1;");
  }

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
  void countsLinesWithWindowsLineEnds() {
    assertProblems(
        "-- migrate:up\r\nselect 1;\r\n-- migrate:down\r\n-- longhaul: target=a\r\n",
        ":4: options stand above '-- migrate:up'");
  }

  @Test
  void keepsDollarQuotesAndQuotesAsTheyAre() {
    String sql =
        """
        create function f() returns text language plpgsql as $body$
        begin
          return 'a;b' || $$ -- migrate:down $$;
        end
        $body$;\
        """;

    assertThat(
            read("0001_a.sql", "-- migrate:up\n" + sql + "\n\n-- migrate:down\ndrop function f();")
                .payload()
                .path("sql_forwards")
                .asText())
        .isEqualTo(sql);
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
        "{\"a\":1,\"a\":2}                               | :1: is not JSON: Duplicate field 'a'",
        "[1]                                             | : a migration is a JSON object with",
        "{} {}                                           | :1: is not JSON: Trailing token",
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

  private void assertProblems(String text, String... endings) {
    List<String> problems = problems(text);
    assertThat(problems).hasSize(endings.length);
    String file = directory.resolve("a.sql").toString();
    for (int i = 0; i < endings.length; i++) {
      String ending = endings[i];
      assertThat(problems).anySatisfy(problem -> assertThat(problem).startsWith(file + ending));
    }
  }

  private List<String> problems(String text) {
    Path file = write("a.sql", text);
    return catchThrowableOfType(
            InvalidMigrationFiles.class, () -> MigrationFile.read(List.of(file)))
        .getMessage()
        .lines()
        .toList();
  }

  private MigrationFile read(String fileName, String text) {
    return MigrationFile.read(List.of(write(fileName, text))).getFirst();
  }

  private Path write(String fileName, String text) {
    try {
      Path file = directory.resolve(fileName);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
