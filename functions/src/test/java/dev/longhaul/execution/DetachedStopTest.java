package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Fixture;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// People who cancel or pause what has been left to the server.
@Tag("fault")
@Timeout(60)
class DetachedStopTest {
  private final DetachedTask task = new DetachedTask();
  private final Fixture longhaul = task.longhaul;

  @AfterEach
  void close() {
    task.close();
  }

  @Test
  void cancelLeavesNoInvalidIndex() throws Exception {
    task.registerIndex();
    try (var _ = task.block()) {
      longhaul.executeNext();
      longhaul.control("cancel", "index");
      task.awaitFree();
      assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
    }
    task.look("index");
    assertThat(longhaul.status("index")).isEqualTo("CANCELLED");
    assertThat(task.index()).isEmpty();
  }

  @Test
  void aCancelThatGotLostIsRepeatedByTheNextLook() throws Exception {
    task.registerIndex();
    try (var _ = task.block()) {
      longhaul.executeNext();
      longhaul.database.execute("update longhaul.async_migration set stop_requested = 'CANCELLED'");
      task.look("index");
      task.awaitFree();
    }
    task.look("index");
    assertThat(longhaul.status("index")).isEqualTo("CANCELLED");
    assertThat(task.index()).isEmpty();
  }

  @Test
  void pauseGivesUpTheBuildAndResumeBeginsItAgain() throws Exception {
    task.registerIndex();
    try (var _ = task.block()) {
      longhaul.executeNext();
      longhaul.control("pause", "index");
      longhaul.executeAll();
      task.awaitFree();
    }
    task.look("index");
    assertThat(longhaul.status("index")).isEqualTo("PAUSED");
    assertThat(task.index()).isEmpty();
    longhaul.control("resume", "index");
    longhaul.executeUntil("index", "FINISHED");
    assertThat(
            longhaul.database.value(
                "select indisvalid from pg_index where indexrelid = 't_n'::regclass"))
        .isEqualTo("t");
  }

  @Test
  void aPauseBeforeTheExecutorLeavesIsMetWhenItLeaves() throws Exception {
    longhaul.register(
        Fixture.migration("index", "create index concurrently t_n on t (n)", "")
            .put("detach_after", "2s")
            .toString());
    try (var _ = task.block()) {
      var running = CompletableFuture.runAsync(longhaul::executeNext);
      longhaul.database.await(
          "select coalesce(bool_or(step_in_doubt), false) from longhaul.async_migration");
      longhaul.control("pause", "index");
      assertThat(longhaul.status("index")).isEqualTo("IN PROGRESS");
      // What the build has left waits for the blocker as well, and so is left to the server.
      assertThat(running).succeedsWithin(Duration.ofSeconds(20));
      assertThat(longhaul.control("status", "index").path("progress").path("phase").asText())
          .isEqualTo("removing what the statement has left");
    }
    task.awaitFree();
    task.look("index");
    assertThat(longhaul.status("index")).isEqualTo("PAUSED");
    assertThat(task.index()).isEmpty();
  }

  @Test
  void aPauseCanBeWithdrawn() throws Exception {
    task.registerIndex();
    try (var _ = task.block()) {
      longhaul.executeNext();
      longhaul.database.execute("update longhaul.async_migration set stop_requested = 'PAUSED'");
      JsonNode goesOn = longhaul.control("resume", "index");
      assertThat(goesOn.path("status").asText()).isEqualTo("IN PROGRESS");
      assertThat(goesOn.path("meta").has("stop_requested")).isFalse();
    }
    task.awaitFree();
    task.look("index");
    assertThat(longhaul.status("index")).isEqualTo("FINISHED");
  }
}
