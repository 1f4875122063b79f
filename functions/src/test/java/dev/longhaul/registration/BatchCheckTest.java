package dev.longhaul.registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Fixture;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchCheckTest {
  /// Each would wait for a second, if none learned from those before.
  private static final int MIGRATIONS = 20;

  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  /// As a `vacuum full` does, for hours.
  @Test
  void registersWhileOthersHoldTheTableLocked() throws Exception {
    fixture.database.execute("create table task (id bigint primary key, n int not null default 0)");
    ObjectNode payload = JsonFunction.JSON.createObjectNode();
    for (int i = 1; i <= MIGRATIONS; i++) {
      ObjectNode migration =
          Fixture.migration("m" + i, "update task set n = n + 1 where :batch", "");
      migration.putObject("batch").put("table", "task").put("key", "id");
      payload.withArray("migrations").add(migration);
    }
    try (Connection other = fixture.database.connect();
        Statement lock = other.createStatement()) {
      other.setAutoCommit(false);
      lock.execute("lock table task in access exclusive mode");
      JsonNode answer =
          CompletableFuture.supplyAsync(() -> fixture.register(payload.toString()))
              .orTimeout(LONGEST.toSeconds(), TimeUnit.SECONDS)
              .join();
      assertThat(answer.path("migrations").findValuesAsText("created"))
          .hasSize(MIGRATIONS)
          .containsOnly("true");
    }
    fixture.executeUntil("m" + MIGRATIONS, "FINISHED");
  }
}
