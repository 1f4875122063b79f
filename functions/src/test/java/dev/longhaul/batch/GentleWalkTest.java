package dev.longhaul.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Fixture;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a walk does while others need the database.
class GentleWalkTest {
  private final WalkedTask task = new WalkedTask(60_000);
  private final Fixture fixture = task.fixture;

  @AfterEach
  void close() {
    task.close();
  }

  /// A session that is active until it is told to end.
  private CompletableFuture<List<String>> becomeBusy() {
    return CompletableFuture.supplyAsync(
        () -> fixture.database.query("select 'busy' from pg_sleep(60)"),
        Thread::startVirtualThread);
  }

  private void end(CompletableFuture<List<String>> busy) {
    fixture.database.execute(
        "select pg_cancel_backend(pid) from pg_stat_activity where query like 'select ''busy''%'");
    assertThat(busy.handle((_, error) -> error != null).join()).isTrue();
  }

  /// Three sessions wait for a lock of ours: it stops, gives its reason, and goes on when they are
  /// gone.
  @Test
  void yieldsToSessionsThatWaitForItsLocks() throws Exception {
    task.slowDown();
    fixture.register(
        WalkedTask.migration("gentle", "{\"size\": 1000, \"target_ms\": 3000, \"stripes\": 1}")
            .toString());
    CompletableFuture<Void> run = task.runUntil("gentle", "FINISHED");
    task.awaitProgress("gentle", "(progress ->> 'batch_rows')::int > 1200");
    int before = task.progress("gentle").path("batch_rows").asInt();
    // Again and again, since one may get its lock between two looks.
    AtomicBoolean isSeen = new AtomicBoolean();
    List<CompletableFuture<Void>> others =
        IntStream.range(0, 3)
            .mapToObj(
                i ->
                    CompletableFuture.runAsync(
                        () -> {
                          while (!isSeen.get()) {
                            fixture.database.execute(
                                "begin; lock table task in share mode; commit");
                          }
                        },
                        Thread::startVirtualThread))
            .toList();
    task.awaitProgress("gentle", "(progress ->> 'pace')::float < 1");
    JsonNode progress = task.progress("gentle");
    assertThat(progress.path("pace_reason").asText()).contains("for our locks");
    assertThat(progress.path("batch_rows").asInt()).isLessThan(before);
    isSeen.set(true);
    others.forEach(CompletableFuture::join);
    task.speedUp();
    run.join();
    task.assertEachRowOnce();
  }

  /// A session that holds the lock and is idle for long is taken for forgotten, and ended.
  @Test
  void givesASignOfLifeWhileItIsStopped() {
    task.slowDown();
    fixture.register(
        WalkedTask.migration(
                "gentle",
                "{\"health\": {\"vcpus\": 1, \"active_sessions_per_vcpu\": [0.1, 0.2, 2.5]}}")
            .toString());
    CompletableFuture<Void> run = task.runUntil("gentle", "FINISHED");
    task.awaitRows(1);
    List<CompletableFuture<List<String>>> busy = List.of(becomeBusy(), becomeBusy());
    task.awaitProgress("gentle", "(progress ->> 'pace')::float = 0");
    fixture.database.await(
        """
        select exists (select from pg_stat_activity
          where application_name = 'longhaul:gentle' and state = 'idle' and query = 'select 1')
        """);
    fixture.control("set", "gentle", "{\"health\": {\"active_sessions_per_vcpu\": 0}}");
    busy.forEach(this::end);
    task.speedUp();
    run.join();
    task.assertEachRowOnce();
  }

  /// The server of the tests waits for no commit by itself.
  private void noteCommits() {
    fixture.database.execute(
        """
        do $$ begin
          execute format('alter database %I set synchronous_commit = on', current_database());
        end $$;
        create table batch (synchronous_commit text);
        create function note() returns trigger language plpgsql as $$
          begin insert into batch values (current_setting('synchronous_commit')); return null; end $$;
        create trigger note after update on task for each statement execute function note()
        """);
  }

  private void awaitBatchWith(String synchronousCommit) {
    fixture.database.execute("delete from batch");
    fixture.database.await(
        "select exists (select from batch where synchronous_commit = '%s')"
            .formatted(synchronousCommit));
  }

  /// Somebody who waits for a CPU, or for the disk, waits no longer than a short batch.
  ///
  /// With ours, and the one that asks how it goes, two are active, and with two more four.
  @Test
  void makesItsBatchesShortWhileOthersAreActive() {
    task.slowDown();
    noteCommits();
    fixture.register(
        WalkedTask.migration(
                "gentle", "{\"health\": {\"vcpus\": 1, \"active_sessions_per_vcpu\": [3, 9, 27]}}")
            .toString());
    CompletableFuture<Void> run = task.runUntil("gentle", "FINISHED");
    task.awaitProgress(
        "gentle", "(progress ->> 'pace')::float = 1 and (progress ->> 'batch_rows')::int > 200");
    awaitBatchWith("on");
    List<CompletableFuture<List<String>>> busy = List.of(becomeBusy(), becomeBusy());
    task.awaitProgress(
        "gentle", "(progress ->> 'pace')::float < 1 and (progress ->> 'batch_rows')::int <= 100");
    awaitBatchWith("off");
    busy.forEach(this::end);
    task.awaitProgress(
        "gentle", "(progress ->> 'pace')::float = 1 and (progress ->> 'batch_rows')::int > 200");
    task.speedUp();
    run.join();
    task.assertEachRowOnce();
  }

  /// A person who knows better changes the limits while it runs.
  @Test
  void heedsNewLimits() {
    task.slowDown();
    fixture.register(WalkedTask.migration("set", "{\"size\": 100, \"target_ms\": 100}").toString());
    CompletableFuture<Void> run = task.runUntil("set", "FINISHED");
    task.awaitRows(200);
    CompletableFuture<List<String>> busy = becomeBusy();
    fixture.control(
        "set",
        "set",
        "{\"health\": {\"vcpus\": 1, \"active_sessions_per_vcpu\": [0.1, 0.2, 0.3]}}");
    task.awaitProgress("set", "(progress ->> 'pace')::float = 0");
    assertThat(task.progress("set").path("pace_reason").asText())
        .contains("active on 1 vCPU, 1 of them ours (");
    String stopped = fixture.database.value("select sum(n) from task");
    fixture.control("set", "set", "{\"health\": {\"active_sessions_per_vcpu\": 0}}");
    fixture.database.await("select sum(n) > %s from task".formatted(stopped));
    end(busy);
    task.speedUp();
    run.join();
    task.assertEachRowOnce();
  }

  @Test
  void heedsANewSizeAndAnotherTargetTime() {
    task.slowDown();
    fixture.database.execute(
        """
        create table batch (id int generated always as identity, rows int);
        create function note() returns trigger language plpgsql as $$
          begin insert into batch (rows) select count(*) from changed; return null; end $$;
        create trigger note after update on task referencing new table as changed
          for each statement execute function note()
        """);
    fixture.register(
        WalkedTask.migration("set", "{\"size\": 50, \"target_ms\": 200, \"stripes\": 1}")
            .toString());
    CompletableFuture<Void> run = task.runUntil("set", "FINISHED");
    fixture.database.await("select count(*) > 5 from batch");
    fixture.control("set", "set", "{\"size\": 2000}");
    fixture.database.await("select max(rows) > 1000 from batch");
    fixture.control("set", "set", "{\"target_ms\": 20}");
    fixture.database.await(
        "select count(*) > 2 and bool_and(rows <= 40) from (select rows from batch order by id desc"
            + " limit 3) as b");
    assertThat(fixture.database.value("select count(*) from batch where rows > 400"))
        .as("nothing but what was asked for")
        .isEqualTo("1");
    task.speedUp();
    run.join();
    task.assertEachRowOnce();
  }
}
