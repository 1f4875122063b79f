package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Rows that a walk adds one to, each of which it may have to wait for.
final class WalkedTask implements AutoCloseable {
  /// The database's health is bad from the first session on that waits, and critical at the third.
  private static final String HEALTH =
      """
      {"blocked_sessions": [1, 2, 3], "requested_checkpoints": 0, "active_sessions_per_vcpu": 0}
      """;

  final Fixture fixture = new Fixture(Database.create(), Map.of("DATABASE_HEALTH", HEALTH.strip()));

  private final int rows;

  WalkedTask() {
    this(20_000);
  }

  WalkedTask(int rows) {
    this.rows = rows;
    fixture.database.execute(
        """
        create table task (id bigint primary key, n int not null default 0) with (autovacuum_enabled = off);
        insert into task (id) select generate_series(1, %d);
        analyze task
        """
            .formatted(rows));
  }

  @Override
  public void close() {
    fixture.close();
  }

  /// A row takes a millisecond.
  void slowDown() {
    slowDown(1);
  }

  /// @param every which row takes a millisecond
  void slowDown(int every) {
    fixture.database.execute(
        """
        create function slow() returns trigger language plpgsql as $$
          begin perform pg_sleep(0.001); return new; end $$;
        create trigger slow before update on task for each row when (new.id %% %d = 0) execute function slow()
        """
            .formatted(every));
  }

  void speedUp() {
    fixture.database.execute("drop trigger slow on task");
  }

  static ObjectNode migration(String name, String options) {
    ObjectNode migration = Fixture.migration(name, "update task set n = n + 1 where :batch", "");
    try {
      ObjectNode batch = (ObjectNode) JsonFunction.JSON.readTree(options);
      return migration.set("batch", batch.put("table", "task").put("key", "id"));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(options, e);
    }
  }

  CompletableFuture<Void> runUntil(String name, String status) {
    return CompletableFuture.runAsync(
        () -> fixture.executeUntil(name, status), Thread::startVirtualThread);
  }

  void awaitRows(int least) {
    fixture.database.await("select count(*) >= %d from task where n = 1".formatted(least));
  }

  void awaitProgress(String name, String condition) {
    fixture.database.await(
        "select %s from longhaul.async_migration where name = '%s'".formatted(condition, name));
  }

  JsonNode progress(String name) {
    return fixture.control("status", name).path("progress");
  }

  void assertEachRowOnce() {
    assertThat(fixture.database.query("select n || ' ' || count(*) from task group by n"))
        .containsExactly("1 " + rows);
  }
}
