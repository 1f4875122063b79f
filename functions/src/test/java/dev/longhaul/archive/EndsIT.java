package dev.longhaul.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TcpProxy;
import dev.longhaul.testing.lambda.Answer;
import dev.longhaul.testing.lambda.FunctionProcess;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The ways in which a function really ends while the server runs a transactional script for it:
/// every statement's effect is there exactly once. Those of an index build are in [BuildPhasesIT].
@Tag("fault")
@Timeout(120)
@EnabledOnOs(value = OS.LINUX, disabledReason = "Lambda's runtime client runs on Linux only")
class EndsIT {
  private final Fixture longhaul = new Fixture();
  private final TcpProxy network = TcpProxy.to(URI.create(longhaul.database.url()));

  @BeforeEach
  void fill() {
    longhaul.database.execute("create table t (n int)");
  }

  @AfterEach
  void close() {
    network.close();
    longhaul.close();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aScriptHasItsEffectOnce(End end) throws Exception {
    longhaul.register(
        "script", "insert into t values (-1); select pg_sleep(2); insert into t values (-2)", "");
    try (FunctionProcess executor = Archive.executor(longhaul, network)) {
      executor.awaitReady();
      CompletableFuture<Answer> running = executor.send(Archive.take(longhaul));
      longhaul.database.await(
          "select exists (select from pg_stat_activity where application_name = 'longhaul:script'"
              + " and wait_event = 'PgSleep' and datname = current_database())");
      end.of(executor, network);
      longhaul.database.await(
          "select status = 'FINISHED' from longhaul.async_migration where name = 'script'");
      if (end == End.FROZEN) {
        executor.thaw();
        assertThat(running.get()).isInstanceOf(Answer.Success.class);
      }
    }
    assertThat(longhaul.database.query("select n from t where n < 0 order by n"))
        .containsExactly("-2", "-1");
    assertThat(longhaul.pathOf("script")).containsExactly("STARTED", "IN PROGRESS", "FINISHED");
    if (end.leavesTheSessionIdle()) {
      longhaul.database.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name like"
              + " 'longhaul:%' and datname = current_database()");
    }
    longhaul.queue.drain();
  }
}
