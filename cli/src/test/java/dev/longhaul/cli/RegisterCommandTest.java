package dev.longhaul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longhaul.cli.Program.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegisterCommandTest {
  @TempDir Path directory;

  private final LambdaDouble lambda = new LambdaDouble();
  private final Program program = new Program(lambda.endpoint());

  @AfterEach
  void stop() {
    lambda.close();
  }

  @Test
  void registersADirectoryInOneCall() {
    write("0002_b.sql", "-- longhaul: target=other\n-- longhaul: requested_by=ada\n", "");
    write("0001_a.sql", "", "");
    lambda.answers(
        """
        {"migrations":[
          {"migration_name":"0001_a","target":"main","status":"SCHEDULED","created":true},
          {"migration_name":"0002_b","target":"other","status":"FINISHED","created":false}]}
        """);

    Ending ending =
        program.call(
            "register",
            directory.toString(),
            "--target=main",
            "--requested-by=ci",
            "--execute-immediately");

    assertThat(ending)
        .isEqualTo(
            new Ending(
                0,
                """
                MIGRATION       STATUS
                0001_a          SCHEDULED  registered
                0002_b (other)  FINISHED   known already
                1 registered, 1 known already
                What is SCHEDULED starts with: longhaul run NAME… | --all
                """,
                ""));
    assertThat(lambda.invocations().getFirst().function()).isEqualTo("RegistrationFunction");
    assertThat(lambda.payloads())
        .containsExactly(
            """
            {"migrations":[\
            {"migration_name":"0001_a","sql_forwards":"select 1","sql_backwards":"",\
            "target":"main","requested_by":"ci","execute_immediately":true},\
            {"migration_name":"0002_b","target":"other","requested_by":"ada",\
            "sql_forwards":"select 1","sql_backwards":"","execute_immediately":true}]}\
            """);
  }

  @Test
  void sendsNothingWhenOneFileIsWrong() {
    write("0001_a.sql", "", "");
    write("0002_b.sql", "-- longhaul: size=3\n", "");

    Ending ending = program.call("register", directory.toString());

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.out()).isEmpty();
    assertThat(ending.err())
        .startsWith("longhaul: " + directory.resolve("0002_b.sql") + ":1: there is no option")
        .hasLineCount(1);
    assertThat(lambda.invocations()).isEmpty();
  }

  @Test
  void namesTheFilesAndLinesOfWhatTheFunctionRefuses() throws IOException {
    write("0001_a.sql", "", "");
    write("0002_b.sql", "-- longhaul: execute_immediately=true\n-- longhaul: depends_on=x,y\n", "");
    Files.writeString(
        directory.resolve("more.json"),
        """
        {"migrations": [
          {"migration_name": "c", "sql_forwards": "select 1", "sql_backwards": ""},
          {"migration_name": "d", "sql_forwards": ["begin"], "sql_backwards": ""}]}
        """);
    lambda.refuses(
        "InvalidMigration",
        "4 things are wrong: migrations[1].sql_forwards: statement 1 \"begin\" is transaction"
            + " control; leave it out; migrations[1].depends_on[1]: must be a string;"
            + " migrations[1].run_at: contradicts execute_immediately; migrations[3].sql_forwards:"
            + " statement 1 is wrong");

    Ending ending = program.call("register", directory.toString());

    assertThat(ending)
        .isEqualTo(
            new Ending(
                1,
                "",
                """
                longhaul: DIR/0002_b.sql:3: sql_forwards: statement 1 "begin" is transaction control; leave it out
                longhaul: DIR/0002_b.sql:2: depends_on[1]: must be a string
                longhaul: DIR/0002_b.sql: run_at: contradicts execute_immediately
                longhaul: DIR/more.json: "d": sql_forwards: statement 1 is wrong
                """
                    .replace("DIR", directory.toString())));
  }

  @Test
  void namesTheFileWhoseDependencyIsMissing() {
    write(
        "0001_a.sql",
        "-- longhaul: execute_immediately=true\n-- longhaul: depends_on=0000_x\n",
        "");
    write("0002_b.sql", "-- longhaul: depends_on=0001_a\n", "");
    write("0003_c.sql", "-- longhaul: depends_on=0000_x,0000_y\n", "");
    String end =
        "not registered in target \"main\" and not part of this call: register them first, or in"
            + " the same call";
    lambda.refuses("InvalidMigration", "depends_on: \"0000_x\", \"0000_y\" are " + end);

    Ending ending = program.call("register", directory.toString());

    assertThat(ending)
        .isEqualTo(
            new Ending(
                1,
                "",
                """
                longhaul: DIR/0001_a.sql:2: depends_on: "0000_x" is END
                longhaul: DIR/0003_c.sql:1: depends_on: "0000_x", "0000_y" are END
                """
                    .replace("DIR", directory.toString())
                    .replace("END", end)));
  }

  @Test
  void namesAFileOfACircle() {
    write("0001_a.sql", "", "");
    write("0002_b.sql", "-- longhaul: depends_on=0003_c\n", "");
    write("0003_c.sql", "-- longhaul: depends_on=0002_b\n", "");
    String message =
        "depends_on: goes round in a circle: 0002_b → 0003_c → 0002_b; take one link out";
    lambda.refuses("InvalidMigration", message);

    assertThat(program.call("register", directory.toString()).err())
        .isEqualTo("longhaul: " + directory.resolve("0002_b.sql") + ":1: " + message + "\n");
  }

  @Test
  void namesTheFileByItsPlaceInItsOwnCall() {
    for (int i = 0; i < 1001; i++) {
      write("%04d_m.sql".formatted(i), "", "");
    }
    lambda.answers("{\"migrations\":[{}]}");
    lambda.refuses("InvalidMigration", "migrations[0]: must be an object");

    Ending ending = program.call("register", directory.toString());

    assertThat(ending.err())
        .endsWith("longhaul: " + directory.resolve("1000_m.sql") + ": must be an object\n");
  }

  @Test
  void registersInCallsOfAThousand() {
    for (int i = 0; i < 1001; i++) {
      write("%04d_m.sql".formatted(i), "", "");
    }
    String answer =
        "{\"migration_name\":\"m\",\"target\":\"main\",\"status\":\"STARTED\",\"created\":true}";
    lambda.answers("{\"migrations\":[" + (answer + ",").repeat(999) + answer + "]}");
    lambda.refuses("InvalidMigration", "'1000_m' depends on itself");

    Ending ending = program.call("register", directory.toString());

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.err())
        .isEqualTo(
            """
            longhaul: the first 1,000 of 1,001 migrations are registered; register again to go on
            longhaul: InvalidMigration: '1000_m' depends on itself
            """);
    assertThat(lambda.invocations())
        .extracting(call -> call.payload().path("migrations").size())
        .containsExactly(1000, 1);
  }

  @Test
  void keepsCallsUnderTheLimitOfAPayload() {
    for (int i = 0; i < 5; i++) {
      write("%04d_m.sql".formatted(i), "", "x".repeat(1_500_000));
    }

    List<Integer> sizes =
        RegisterCommand.chunks(MigrationFile.read(List.of(directory))).stream()
            .map(List::size)
            .toList();

    assertThat(sizes).containsExactly(2, 2, 1);
  }

  @Test
  void refusesAMigrationThatNoCallCanCarry() {
    Path file = write("0001_a.sql", "", "é".repeat(2_200_000));

    Ending ending = program.call("register", file.toString());

    assertThat(ending.exitCode()).isEqualTo(1);
    assertThat(ending.err()).contains(file + ": 4,400,", "bytes are too many for one call");
  }

  @Test
  void printsOneJsonDocument() throws IOException {
    write("0001_a.sql", "", "");
    lambda.answers(
        "{\"migrations\":[{\"migration_name\":\"0001_a\",\"target\":\"main\",\"status\":\"STARTED\",\"created\":true}]}");

    Ending registered = program.call("register", "--json", directory.toString());

    assertThat(new ObjectMapper().readTree(registered.out()).path("migrations").size())
        .isEqualTo(1);
  }

  private Path write(String fileName, String options, String comment) {
    String sql = "select 1" + (comment.isEmpty() ? "" : " -- " + comment);
    try {
      return Files.writeString(
          directory.resolve(fileName), options + "-- migrate:up\n" + sql + "\n-- migrate:down\n");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
