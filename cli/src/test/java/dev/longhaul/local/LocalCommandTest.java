package dev.longhaul.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;

/// The command in a process of its own: signals, exit codes, and what survives them.
class LocalCommandTest {
  private static final List<String> ANY_PORTS =
      List.of("--port", "0", "--sqs-port", "0", "--pg-port", "0");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path state;
  private final List<Process> processes = new ArrayList<>();

  /// Unpacking the programs takes seconds, and every stack here would do it for itself.
  @BeforeEach
  void shareBinaries() throws IOException {
    TestStack.shareBinaries(state);
  }

  @AfterEach
  void stopWhatStillRuns() throws Exception {
    for (var process : processes) {
      process.destroyForcibly();
      process.waitFor();
    }
    // A killed stack leaves its server; the next one stops it.
    if (Files.exists(state.resolve("data").resolve("postmaster.pid"))) {
      LocalStack.start(TestStack.options(state).binaries(state), new TestFunctions()).close();
    }
  }

  @Test
  void saysReadyServesAndEndsWithZeroWhenAsked() throws Exception {
    var process = start(ANY_PORTS);

    var ready = lineThatStartsWith("ready", process);

    var description = description();
    assertThat(ready)
        .contains("endpoint_url=" + description.path("endpoint_url").asText())
        .contains("queue_url=" + description.path("queue_url").asText())
        .contains("database_url=" + description.path("database_url").asText());
    assertThat(description.path("pid").asLong()).isEqualTo(process.pid());
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(state.resolve("stack.json"))))
        .isEqualTo("rw-------");
    try (var connection = connect(description)) {
      assertThat(connection.getMetaData().getDatabaseMajorVersion()).isEqualTo(18);
    }

    invokeControl(description);
    process.destroy();

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(state.resolve("stack.json")).doesNotExist();
    assertThat(state.resolve("data").resolve("postmaster.pid")).doesNotExist();
    assertThat(Files.readString(state.resolve("functions.log"))).contains("written by a function");
  }

  @Test
  void databaseOfAKilledStackIsTakenOverWithWhatRunsInIt() throws Exception {
    var killed = start(ANY_PORTS);
    lineThatStartsWith("ready", killed);
    var before = description();
    try (var connection = connect(before);
        var statement = connection.createStatement()) {
      statement.execute("create table kept (n int)");
      statement.execute("insert into kept values (42)");
    }
    // A statement whose client is gone, as a migration's after a SIGKILL.
    try (var connection = connect(before);
        var statement = connection.createStatement()) {
      var running = Thread.ofVirtual().start(() -> sleepInServer(statement));
      awaitSleeper(before);
      connection.abort(Runnable::run);
      running.join();
    }
    var postmaster = Files.readAllLines(state.resolve("data").resolve("postmaster.pid")).getFirst();

    killed.destroyForcibly().waitFor();
    assertThat(ProcessHandle.of(Long.parseLong(postmaster))).isPresent();
    var second = start(ANY_PORTS);
    lineThatStartsWith("PostgreSQL was still running", second);
    lineThatStartsWith("ready", second);

    var after = description();
    assertThat(after.path("database_url")).isEqualTo(before.path("database_url"));
    assertThat(Files.readAllLines(state.resolve("data").resolve("postmaster.pid")).getFirst())
        .isEqualTo(postmaster);
    awaitSleeper(after);
    assertThat(kept(after)).isEqualTo(42);

    second.destroy();
    assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(state.resolve("data").resolve("postmaster.pid")).doesNotExist();
  }

  @Test
  void secondStackOnTheSameStateSaysThatTheFirstRuns() throws Exception {
    var first = start(with(ANY_PORTS, "--database-url", "jdbc:sqlite:unused"));
    lineThatStartsWith("ready", first);

    var second = start(with(ANY_PORTS, "--database-url", "jdbc:sqlite:unused"));

    assertThat(lineThatStartsWith("longhaul local:", second))
        .isEqualTo(
            "longhaul local: a local stack already runs on %s: process %d, %s"
                .formatted(state, first.pid(), description().path("endpoint_url").asText()));
    assertThat(second.waitFor()).isEqualTo(1);
    assertThat(first.isAlive()).isTrue();
    assertThat(state.resolve("stack.json")).exists();
  }

  @Test
  void portInUseIsSaidInOneLine() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      var port = Integer.toString(taken.getLocalPort());
      for (var option : List.of("--port", "--sqs-port", "--pg-port")) {
        var process = start(with(ANY_PORTS, option, port));

        var output = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(output.lines())
            .containsExactly(
                "longhaul local: port %s is in use: choose another with %s"
                    .formatted(port, option));
        assertThat(process.waitFor()).isEqualTo(1);
      }
    }
  }

  @Test
  void functionsSeeTheOptions() throws Exception {
    var url = "postgresql://someone:secret@db.example.com:5432/app";
    var process =
        TestCommand.start(
            state,
            with(ANY_PORTS, "--allow-scheduled", "--database-url", url),
            Map.of("ALLOW_SCHEDULED_MIGRATIONS", "1"));
    processes.add(process);
    var ready = lineThatStartsWith("ready", process);
    assertThat(ready).contains("someone:***@").doesNotContain("secret");

    assertThat(invokeControl(description()))
        .contains("ALLOW_SCHEDULED_MIGRATIONS=true")
        .contains("DATABASE_URL=" + url);
  }

  private static String invokeControl(JsonNode description) {
    try (var lambda = TestStack.lambda(description.path("endpoint_url").asText())) {
      var payload = SdkBytes.fromUtf8String("{}");
      return lambda
          .invoke(i -> i.functionName("ControlFunction").payload(payload))
          .payload()
          .asUtf8String();
    }
  }

  private static List<String> with(List<String> arguments, String... more) {
    var all = new ArrayList<>(arguments);
    var option = all.indexOf(more[0]);
    if (option >= 0) {
      all.set(option + 1, more[1]);
    } else {
      all.addAll(List.of(more));
    }
    return all;
  }

  private Process start(List<String> arguments) throws IOException {
    var process = TestCommand.start(state, arguments);
    processes.add(process);
    return process;
  }

  private static String lineThatStartsWith(String start, Process process) throws IOException {
    BufferedReader output = process.inputReader();
    var seen = new StringBuilder();
    String line;
    while ((line = output.readLine()) != null) {
      if (line.startsWith(start)) {
        return line;
      }
      seen.append(line).append('\n');
    }
    throw new AssertionError("no line starts with " + start + ":\n" + seen);
  }

  private JsonNode description() throws IOException {
    return JSON.readTree(state.resolve("stack.json").toFile());
  }

  private static Connection connect(JsonNode description) throws SQLException {
    var url = description.path("database_url").asText();
    var match = Pattern.compile("postgresql://(.+):(.+)@(.+)").matcher(url);
    assertThat(match.matches()).isTrue();
    return DriverManager.getConnection(
        "jdbc:postgresql://" + match.group(3), match.group(1), match.group(2));
  }

  private static void sleepInServer(Statement statement) {
    try {
      statement.execute("select pg_sleep(120)");
    } catch (SQLException _) {
      // The connection is cut below it, which is the point.
    }
  }

  private static void awaitSleeper(JsonNode description) throws Exception {
    var deadline = Instant.now().plusSeconds(20);
    try (var connection = connect(description);
        var statement = connection.createStatement()) {
      while (Instant.now().isBefore(deadline)) {
        try (var row =
            statement.executeQuery(
                "select count(*) from pg_stat_activity where query = 'select pg_sleep(120)'"
                    + " and state = 'active'")) {
          row.next();
          if (row.getInt(1) == 1) {
            return;
          }
        }
        Thread.sleep(20);
      }
    }
    throw new AssertionError("the statement does not run");
  }

  private static int kept(JsonNode description) throws SQLException {
    try (var connection = connect(description);
        var statement = connection.createStatement();
        var row = statement.executeQuery("select n from kept")) {
      row.next();
      return row.getInt(1);
    }
  }
}
