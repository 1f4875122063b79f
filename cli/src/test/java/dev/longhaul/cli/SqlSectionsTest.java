package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlSectionsTest extends MigrationFolder {
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
}
