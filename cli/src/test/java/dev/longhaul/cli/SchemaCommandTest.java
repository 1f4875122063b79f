package dev.longhaul.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.cli.demo.TestDatabase;
import dev.longhaul.local.LocalCommand;
import dev.longhaul.local.LocalStack;
import dev.longhaul.local.LocalStackOptions;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The printed DDL, run by somebody who may create schemas, for functions that may not.
class SchemaCommandTest {
  private static final String ROLE = "runs_migrations";

  /// All objects of the journal, with what changes when they are replaced or altered.
  private static final String CATALOG =
      """
      select string_agg(line, E'\\n' order by line) from (
        select concat_ws(' ', 'relation', oid, relname, relfilenode) from pg_class
        where relnamespace = 'longhaul'::regnamespace
        union all
        select concat_ws(' ', 'column', attrelid, attname, a.xmin) from pg_attribute a
        join pg_class c on c.oid = attrelid
        where relnamespace = 'longhaul'::regnamespace and attnum > 0
        union all
        select concat_ws(' ', 'constraint', oid, conname, xmin) from pg_constraint
        where connamespace = 'longhaul'::regnamespace
        union all
        select concat_ws(' ', 'trigger', t.oid, tgname, t.xmin) from pg_trigger t
        join pg_class c on c.oid = tgrelid where relnamespace = 'longhaul'::regnamespace
        union all
        select concat_ws(' ', 'function', oid, proname, xmin) from pg_proc
        where pronamespace = 'longhaul'::regnamespace
        union all
        select concat_ws(' ', 'version', version, installed_at) from longhaul.journal
      ) as lines (line)
      """;

  @TempDir private Path directory;

  @Test
  void printsWhatJdbcInstalls() throws Exception {
    TestDatabase database = TestDatabase.create();

    execute(database, printed());

    assertThatFunctionsTakeItAsItIs(database);
  }

  @Test
  void printsWhatPsqlInstalls() throws Exception {
    assumeTrue(isOnPath("psql"), "psql is not on this machine");
    TestDatabase database = TestDatabase.create();
    Path file = Files.writeString(directory.resolve("schema.sql"), printed());

    Process psql =
        new ProcessBuilder("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", database.address())
            .redirectInput(file.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(psql.getInputStream().readAllBytes(), UTF_8);

    assertThat(psql.waitFor()).as(output).isZero();
    assertThatFunctionsTakeItAsItIs(database);
  }

  @Test
  void printsTheSameAsJson() throws Exception {
    String json = new Program(URI.create("http://unused")).run("schema", "--json").out();

    assertThat(new ObjectMapper().readTree(json).path("sql").asText()).isEqualTo(printed());
  }

  private static String printed() {
    return new Program(URI.create("http://unused")).run("schema").out();
  }

  private void assertThatFunctionsTakeItAsItIs(TestDatabase database) throws Exception {
    execute(
        database,
        """
        do $$ begin
          if not exists (select from pg_roles where rolname = 'runs_migrations') then
            create role runs_migrations login;
          end if;
        end $$;
        grant usage on schema longhaul to runs_migrations;
        grant select, insert, update on all tables in schema longhaul to runs_migrations
        """);
    assertThat(
            value(
                database,
                "select has_database_privilege('%s', current_database(), 'create') or has_schema_privilege('%s', 'longhaul', 'create')"
                    .formatted(ROLE, ROLE)))
        .isEqualTo("f");
    String before = value(database, CATALOG);
    LocalStackOptions options =
        LocalStackOptions.ephemeral(directory.resolve("state"))
            .databaseUrl(database.addressOf(ROLE))
            .template(Path.of("..", "template.yaml"));
    try (LocalStack stack = LocalStack.start(options, LocalCommand::handlers)) {
      Program program = new Program(stack.addresses().endpoint());
      Path file =
          Files.writeString(
              directory.resolve("0001_a.sql"), "-- migrate:up\nselect 1;\n-- migrate:down\n");
      assertThat(program.call("register", file.toString()).err()).isEmpty();
      assertThat(program.call("list").out()).contains("0001_a");
      assertThat(program.call("history", "0001_a").err()).isEmpty();
    }

    assertThat(value(database, CATALOG)).isEqualTo(before);
    assertThat(before.lines()).hasSizeGreaterThan(60);
  }

  private static void execute(TestDatabase database, String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String value(TestDatabase database, String query) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
