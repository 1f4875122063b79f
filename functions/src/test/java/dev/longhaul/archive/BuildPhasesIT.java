package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.journal.SessionLock;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A function ends in each phase of the index build that the server does for it. The build goes on
/// and is built once: never two sessions for the migration, FINISHED with a valid index and never
/// ERROR, nothing left over, and what comes behind the index done once. One end a phase;
/// `-Dbuild.ends=all` tries each end in each phase.
@Tag("fault")
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class BuildPhasesIT {
  /// How often a build may be faster than the test that wants to stop it.
  private static final int TRIES = 10;

  private final Fixture longhaul = new Fixture();
  private final TcpProxy network = TcpProxy.to(URI.create(longhaul.database.url()));

  static Stream<Arguments> cases() {
    boolean all = "all".equals(System.getProperty("build.ends"));
    return Stream.of(BuildPhase.values())
        .flatMap(
            phase ->
                Stream.of(End.values())
                    .filter(end -> all || end == usualEnd(phase))
                    .map(end -> Arguments.of(phase, end)));
  }

  /// Those that leave the session idle take 10 s each.
  private static End usualEnd(BuildPhase phase) {
    return switch (phase) {
      case WRITERS, LOAD, INDEX_VALIDATION, TABLE_VALIDATION -> End.KILLED;
      case TABLE_LOCK, SORT, LATER_WRITERS, VALIDATION_SORT -> End.CUT;
      case SCAN -> End.FROZEN;
      case SNAPSHOTS -> End.FORGOTTEN;
    };
  }

  @AfterEach
  void close() {
    network.close();
    longhaul.close();
  }

  private String owners(String name) {
    return longhaul.database.value(
        """
        select count(*) from pg_locks where locktype = 'advisory' and objsubid = 1 and granted
          and database = (select oid from pg_database where datname = current_database())
          and (classid::bigint << 32) | objid::bigint = %d
        """
            .formatted(SessionLock.of(name)));
  }

  private String oid(String index) {
    return longhaul.database.value("select coalesce(to_regclass('" + index + "')::oid::text, '')");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("cases")
  void aBuildIsBuiltOnce(BuildPhase phase, End end) throws Exception {
    longhaul.database.execute("create table effect (n int)");
    BuildHold.createTable(longhaul.database, phase);
    try (FunctionProcess executor = Archive.executor(longhaul, network)) {
      executor.awaitReady();
      boolean isHeld = false;
      for (int i = 1; !isHeld; i++) {
        assertThat(i).as("tries to stop the build").isLessThanOrEqualTo(TRIES);
        isHeld = endsInPhase(phase, end, executor, i);
      }
    }
    longhaul.queue.drain();
  }

  /// False if the build was not held, and has come to its end.
  private boolean endsInPhase(BuildPhase phase, End end, FunctionProcess executor, int number)
      throws Exception {
    String name = "index_" + number;
    String index = "t_" + number;
    longhaul.register(
        name,
        BuildHold.create(index, phase) + "; insert into effect values (" + number + ")",
        "drop index concurrently " + index);
    CompletableFuture<Answer> running;
    String built;
    try (BuildHold hold = new BuildHold(longhaul.database, phase)) {
      running = executor.send(Archive.take(longhaul));
      if (!hold.await()) {
        hold.letGo();
        assertThat(running).succeedsWithin(Duration.ofSeconds(30));
        longhaul.database.execute("drop index " + index + "; delete from effect");
        return false;
      }
      built = oid(index);
      end.of(executor, network);
      // The same message once more, and the sweep: nobody else may begin.
      longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"" + name + "\"}");
      longhaul.trigger("{}");
      longhaul.executeAll();
      assertThat(owners(name)).as("one session").isEqualTo("1");
      assertThat(longhaul.control("status", name).path("attempt").asInt()).isEqualTo(1);
      assertThat(longhaul.status(name)).isEqualTo("IN PROGRESS");
    }
    lookUntilFinished(name);
    List<String> path = longhaul.pathOf(name);
    if (end == End.FROZEN) {
      executor.thaw();
      assertThat(running.get()).isInstanceOf(Answer.Success.class);
    }
    assertThat(longhaul.status(name)).isEqualTo("FINISHED");
    assertThat(longhaul.pathOf(name)).isEqualTo(path).doesNotContain("ERROR");
    assertThat(
            longhaul.database.query(
                "select indisvalid || ' ' || indexrelid from pg_index where indrelid ="
                    + " 't'::regclass"))
        .as("valid, nothing beside it, and not built again")
        .isEqualTo(List.of("true " + (built.isEmpty() ? oid(index) : built)));
    assertThat(longhaul.database.query("select n from effect"))
        .containsExactly(String.valueOf(number));
    return true;
  }

  /// What later executors and the sweep do in time.
  private void lookUntilFinished(String name) {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    while (!longhaul.status(name).equals("FINISHED")) {
      assertThat(Instant.now()).as("finished in time").isBefore(deadline);
      longhaul.database.await(
          """
          select not exists (select from pg_locks where locktype = 'advisory' and objsubid = 1
              and database = (select oid from pg_database where datname = current_database()))
            or exists (select from pg_stat_activity where application_name like 'longhaul:%'
              and datname = current_database() and state = 'idle'
              and clock_timestamp() - state_change > interval '10 s')
          """);
      assertThat(owners(name)).as("never two sessions").isIn("0", "1");
      longhaul.database.execute(
          "update longhaul.async_migration set next_look_at = now(), not_before = null"
              + " where next_look_at is not null");
      longhaul.trigger("{}");
      longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"" + name + "\"}");
      longhaul.executeAll();
    }
  }
}
