package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import software.amazon.awssdk.services.sqs.model.Message;

/// The server has no room left (53100), and then has again. The kernel refuses every write to
/// `/dev/full` with ENOSPC, so a table or an index whose file it is meets a full disk. `truncate`
/// gives a table a file of its own again.
@Tag("fault")
@Timeout(60)
@EnabledOnOs(value = OS.LINUX, disabledReason = "needs /dev/full")
class FullDiskTest {
  private final Fixture longhaul = new Fixture();

  @BeforeEach
  void fill() throws IOException {
    longhaul.database.execute(
        "create table full_table (id bigint); create table other (id bigint)");
    fill("full_table");
  }

  @AfterEach
  void close() {
    longhaul.close();
  }

  /// Every write to the table or index finds the disk full.
  private void fill(String relation) throws IOException {
    Path file =
        Path.of(longhaul.database.value("show data_directory"))
            .resolve(longhaul.database.value("select pg_relation_filepath('" + relation + "')"));
    // Or the checkpoint would write its file's creation to disk, which a device does not take.
    assertThat(longhaul.database.value("show fsync")).isEqualTo("off");
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/dev/full"));
  }

  private void makeRoom() {
    longhaul.database.execute("truncate full_table");
  }

  /// As if the journal's history lay on that disk.
  private void fillHistory() {
    longhaul.database.execute(
        """
        create function page() returns trigger language plpgsql as
          $$ begin insert into public.full_table values (1); return null; end $$;
        create trigger page after insert on longhaul.async_migration_history
          for each row execute function page();
        """);
  }

  private JsonNode error(String name) {
    return longhaul.control("status", name).path("meta").path("error");
  }

  private String others() {
    return longhaul.database.value("select count(*) from other");
  }

  private void leave(String name, String forwards) {
    longhaul.register(
        Fixture.migration(name, forwards, "").put("detach_after", "100ms").toString());
    longhaul.executeNext();
    assertThat(longhaul.status(name)).isEqualTo("IN PROGRESS");
    assertThat(longhaul.control("status", name).path("meta").has("detached_at")).isTrue();
  }

  private void awaitFree() {
    longhaul.database.await(
        "select not exists (select from pg_locks where locktype = 'advisory' and database ="
            + " (select oid from pg_database where datname = current_database()))");
  }

  private Message look(String name) {
    longhaul.queue.drain();
    longhaul.database.execute(
        "update longhaul.async_migration set next_look_at = now() where next_look_at is not null");
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"" + name + "\"}");
    return longhaul.queue.receive().getFirst();
  }

  @Test
  void aFullDiskIsWaitedFor() throws IOException {
    longhaul.register(
        "script", "insert into other values (1); insert into full_table values (1)", "");
    longhaul.executeNext();

    assertThat(longhaul.status("script")).isEqualTo("STARTED");
    assertThat(error("script").path("sqlstate").asText()).isEqualTo("53100");
    assertThat(error("script").path("message").asText()).contains("No space left on device");
    assertThat(others()).isEqualTo("0");

    makeRoom();
    longhaul.executeUntil("script", "FINISHED");
    assertThat(others()).isEqualTo("1");
    assertThat(Fixture.notes(longhaul.control("status", "script"))).isEmpty();
  }

  @Test
  void aWalkWaitsForAFullDiskAndGoesOnFromItsCursor() throws IOException {
    longhaul.database.execute(
        """
        create table source (id bigint primary key);
        insert into source select generate_series(1, 2000);
        analyze source;
        create table low (id bigint);
        create table high (id bigint);
        """);
    fill("high");
    ObjectNode copy =
        Fixture.migration(
            "copy",
            """
            with moved as (select id from source where :batch),
              first as (insert into low select id from moved where id <= 1000)
            insert into high select id from moved where id > 1000
            """,
            "");
    copy.putObject("batch").put("table", "source").put("key", "id").put("size", 100);
    longhaul.register(copy.toString());
    longhaul.executeNext();

    assertThat(longhaul.status("copy")).isEqualTo("STARTED");
    assertThat(error("copy").path("sqlstate").asText()).isEqualTo("53100");
    assertThat(Long.parseLong(longhaul.database.value("select count(*) from low"))).isPositive();

    longhaul.database.execute("truncate high");
    longhaul.executeUntil("copy", "FINISHED");
    assertThat(longhaul.database.value("select count(*) || ' ' || count(distinct id) from low"))
        .isEqualTo("1000 1000");
    assertThat(longhaul.database.value("select count(*) || ' ' || count(distinct id) from high"))
        .isEqualTo("1000 1000");
  }

  @Test
  void whatIsDueIsStartedByTheNextSweep() {
    try (Fixture scheduling =
        new Fixture(longhaul.database, Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"))) {
      for (String name : List.of("a", "b")) {
        scheduling.register(
            Fixture.migration(name, "insert into other values (1)", "")
                .put("run_at", "2000-01-01T00:00:00Z")
                .toString());
      }
      fillHistory();
      for (String call : List.of("{}", "{\"migration_names\": [\"a\", \"b\"]}")) {
        Refused.by(() -> scheduling.trigger(call)).is("TargetUnavailable", "53100", "try again");
        assertThat(scheduling.status("a")).isEqualTo("SCHEDULED");
        assertThat(scheduling.status("b")).isEqualTo("SCHEDULED");
        assertThat(scheduling.queue.drain()).isEmpty();
      }

      makeRoom();
      assertThat(scheduling.trigger("{}").path("started")).hasSize(2);
      scheduling.executeUntil("a", "FINISHED");
      scheduling.executeUntil("b", "FINISHED");
      assertThat(others()).isEqualTo("2");
    }
  }

  @Test
  void theServerRecordsAloneThatItWasFull() {
    leave(
        "script",
        "insert into other values (1); select pg_sleep(0.5); insert into full_table values (1)");
    longhaul.database.await("select status = 'STARTED' from longhaul.async_migration");
    assertThat(error("script").path("sqlstate").asText()).isEqualTo("53100");
    assertThat(others()).isEqualTo("0");

    makeRoom();
    longhaul.database.execute("update longhaul.async_migration set not_before = null");
    longhaul.execute(look("script"));
    longhaul.database.await("select status = 'FINISHED' from longhaul.async_migration");
    assertThat(others()).isEqualTo("1");
  }

  @Test
  void whatTheServerCouldNotRecordIsTriedAgain() {
    leave("script", "insert into other values (1); select pg_sleep(0.5)");
    fillHistory();
    awaitFree();
    assertThat(others()).as("no work without its record").isEqualTo("0");
    Message look = look("script");
    assertThat(longhaul.execute(look)).containsExactly(look.messageId());
    assertThat(longhaul.status("script")).isEqualTo("IN PROGRESS");

    makeRoom();
    longhaul.execute(look("script"));
    assertThat(error("script").path("message").asText()).contains("did not complete it");
    longhaul.executeUntil("script", "FINISHED");
    assertThat(others()).isEqualTo("1");
  }

  @Test
  void aBuildThatFoundNoRoomIsAdoptedAndBuiltAnew() throws Exception {
    longhaul.database.execute(
        "create table t (n int); insert into t select generate_series(1, 1000)");
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("insert into t values (0)");
      leave("index", "create index concurrently t_n on t (n)");
      fill("t_n");
    }
    awaitFree();
    assertThat(
            longhaul.database.value(
                "select indisvalid from pg_index where indexrelid = 't_n'::regclass"))
        .isEqualTo("f");
    longhaul.execute(look("index"));
    assertThat(longhaul.status("index")).isEqualTo("STARTED");
    assertThat(longhaul.database.value("select to_regclass('t_n')")).isEqualTo("null");
    longhaul.executeUntil("index", "FINISHED");
    assertThat(
            longhaul.database.value(
                "select indisvalid from pg_index where indexrelid = 't_n'::regclass"))
        .isEqualTo("t");
  }
}
