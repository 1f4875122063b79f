package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Migrations with a `window`, which is made to lie around the present, or not.
class WindowWaitTest {
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  private static ObjectNode migration(String name, Duration opens, Duration closes) {
    ObjectNode migration =
        Fixture.migration(name, "create table %s (n int)".formatted(name), "drop table " + name);
    migration.set("window", window(opens, closes));
    return migration;
  }

  private static ObjectNode window(Duration opens, Duration closes) {
    Instant now = Instant.now();
    return dev.longhaul.payload.JsonFunction.JSON
        .createObjectNode()
        .put("from", clock(now.plus(opens)))
        .put("to", clock(now.plus(closes)))
        .put("time_zone", "UTC");
  }

  private static String clock(Instant time) {
    return LocalTime.ofInstant(time, ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES).toString();
  }

  /// As it is when the time has come.
  private static void open(Fixture longhaul, String name) {
    ObjectNode open = window(Duration.ofHours(-1), Duration.ofHours(1));
    open.putArray("days")
        .add("MON")
        .add("TUE")
        .add("WED")
        .add("THU")
        .add("FRI")
        .add("SAT")
        .add("SUN");
    String past =
        longhaul.database.url().startsWith("jdbc:sqlite:")
            ? "datetime('now', '-1 minute')"
            : "now() - interval '1 minute'";
    longhaul.database.execute(
        "update %s set time_window = '%s', not_before = %s, next_look_at = %s where name = '%s'"
            .formatted(
                longhaul.database.url().startsWith("jdbc:sqlite:")
                    ? "longhaul_async_migration"
                    : "longhaul.async_migration",
                open,
                past,
                past,
                name));
  }

  @Test
  void runsAtOnceInsideOfItsWindow() {
    longhaul.register(migration("m", Duration.ofHours(-1), Duration.ofHours(1)).toString());
    longhaul.executeUntil("m", "FINISHED");

    assertThat(longhaul.pathOf("m")).isEqualTo(List.of("STARTED", "IN PROGRESS", "FINISHED"));
  }

  @Test
  void waitsOutsideOfItAndSaysUntilWhen() {
    ObjectNode migration = migration("m", Duration.ofHours(2), Duration.ofHours(3));
    longhaul.register(migration.toString());
    longhaul.executeAll();

    JsonNode status = longhaul.control("status", "m");
    assertThat(status.path("status").asText()).isEqualTo("STARTED");
    assertThat(status.path("attempt").asInt()).isZero();
    assertThat(status.at("/progress/phase").asText()).isEqualTo("waiting");
    Instant opening = Instant.parse(status.at("/meta/next_attempt_at").asText());
    assertThat(Duration.between(Instant.now(), opening))
        .isBetween(Duration.ofMinutes(118), Duration.ofMinutes(120));
    assertThat(clock(opening)).isEqualTo(migration.at("/window/from").asText());
    String reason = status.at("/meta/waiting_reason").asText();
    assertThat(reason).startsWith("outside its window, which opens at ");
    assertThat(OffsetDateTime.parse(reason.substring(reason.lastIndexOf(' ') + 1)).toInstant())
        .isEqualTo(opening);
    assertThat(longhaul.pathOf("m")).isEqualTo(List.of("STARTED"));

    longhaul.trigger("{}");
    assertThat(longhaul.queue.drain()).as("messages before it opens").isEmpty();
    assertThat(longhaul.queue.delayed()).isZero();
  }

  /// The window is open several times before `run_at`.
  @Test
  void waitsForTheFirstWindowFromRunAtOn() {
    Instant runAt = Instant.now().plus(Duration.ofHours(25));
    longhaul.register(
        migration("m", Duration.ofHours(2), Duration.ofHours(3))
            .put("run_at", runAt.toString())
            .toString());
    longhaul.queue.send("{\"target\":\"main\",\"migration_name\":\"m\"}");
    longhaul.executeAll();

    Instant opening =
        Instant.parse(longhaul.control("status", "m").at("/meta/next_attempt_at").asText());
    assertThat(Duration.between(Instant.now(), opening))
        .isBetween(Duration.ofMinutes(26 * 60 - 2), Duration.ofHours(26));
  }

  /// Days, times and zone come back from the journal as they went in.
  @Test
  void keepsItInTheJournalAsTheContractSpellsIt() {
    ObjectNode migration = Fixture.migration("m", "select 1", "");
    migration
        .putObject("window")
        .put("from", "22:00")
        .put("to", "24:00")
        .put("time_zone", "Europe/Berlin")
        .putArray("days")
        .add("SUN")
        .add("SAT");
    longhaul.register(migration.toString());
    longhaul.register(Fixture.migration("n", "select 1", "").toString());

    assertThat(
            longhaul.database.query(
                "select time_window from longhaul.async_migration order by name"))
        .isEqualTo(
            List.of(
                "{\"to\": \"24:00\", \"days\": [\"SAT\", \"SUN\"], \"from\": \"22:00\","
                    + " \"time_zone\": \"Europe/Berlin\"}",
                "null"));
    assertThat(longhaul.control("status", "m").path("status").asText()).isEqualTo("STARTED");
  }

  @Test
  void isSentByTheSweepWhenItOpens() {
    longhaul.register(migration("m", Duration.ofHours(2), Duration.ofHours(3)).toString());
    longhaul.executeAll();
    open(longhaul, "m");
    longhaul.trigger("{}");
    longhaul.executeUntil("m", "FINISHED");

    JsonNode status = longhaul.control("status", "m");
    assertThat(status.path("attempt").asInt()).isEqualTo(1);
    assertThat(Fixture.notes(status)).as("meta after success").isEmpty();
  }

  @Test
  void comesToTheSecondWhereItOpensSoon() {
    longhaul.register(migration("m", Duration.ofMinutes(5), Duration.ofMinutes(90)).toString());
    longhaul.executeAll();

    assertThat(longhaul.status("m")).isEqualTo("STARTED");
    assertThat(longhaul.queue.delayed()).isEqualTo(1);
  }

  @Test
  void looksAtItsDependenciesFirst() {
    longhaul.register(Fixture.migration("a", "select 1", "").toString());
    longhaul.queue.drain();
    ObjectNode migration = migration("m", Duration.ofHours(2), Duration.ofHours(3));
    migration.putArray("depends_on").add("a");
    longhaul.register(migration.toString());
    longhaul.executeAll();
    assertThat(longhaul.control("status", "m").at("/meta/waiting_for/0").asText()).isEqualTo("a");

    longhaul.trigger("{\"migration_names\": [\"a\"]}");
    longhaul.executeUntil("a", "FINISHED");
    longhaul.executeAll();
    JsonNode meta = longhaul.control("status", "m").path("meta");
    assertThat(meta.path("waiting_reason").asText()).startsWith("outside its window");
    assertThat(meta.has("waiting_for")).isFalse();
  }

  @Test
  void rollsBackAtAnyTime() {
    longhaul.register(migration("m", Duration.ofHours(-1), Duration.ofHours(1)).toString());
    longhaul.executeUntil("m", "FINISHED");
    longhaul.database.execute(
        "update longhaul.async_migration set time_window = time_window || '%s'"
            .formatted(window(Duration.ofHours(2), Duration.ofHours(3))));
    longhaul.control("rollback", "m");
    longhaul.executeUntil("m", "ROLLED BACK");
  }

  /// What its executor has left behind has to be looked into, window or not.
  @Test
  void takesUpWhatWasInProgressWhenItClosed() {
    longhaul.register(migration("m", Duration.ofHours(2), Duration.ofHours(3)).toString());
    longhaul.queue.drain();
    dev.longhaul.testing.Statuses.claimAndVanish(longhaul, "m");
    longhaul.trigger("{}");
    longhaul.executeUntil("m", "FINISHED");
  }

  @Test
  void keepsTheErrorThatItIsGoingToRetry() {
    longhaul.register(migration("m", Duration.ofHours(2), Duration.ofHours(3)).toString());
    longhaul.database.execute(
        "update longhaul.async_migration set meta = '{\"error\": {\"sqlstate\": \"55P03\","
            + " \"message\": \"x\"}}'");
    longhaul.executeAll();

    JsonNode meta = longhaul.control("status", "m").path("meta");
    assertThat(meta.at("/error/sqlstate").asText()).isEqualTo("55P03");
    assertThat(meta.path("waiting_reason").asText()).startsWith("outside its window");
  }

  @Test
  void waitsOnSqliteAsWell(@TempDir Path directory) {
    try (Fixture sqlite =
        new Fixture(new Database("jdbc:sqlite:" + directory.resolve("x.db")), Map.of())) {
      sqlite.register(
          migration("m", Duration.ofHours(2), Duration.ofHours(3))
              .put("apply_on_sqlite", true)
              .toString());
      sqlite.executeAll();
      assertThat(sqlite.control("status", "m").at("/meta/waiting_reason").asText())
          .startsWith("outside its window");
      sqlite.trigger("{}");
      assertThat(sqlite.queue.drain()).isEmpty();

      open(sqlite, "m");
      sqlite.trigger("{}");
      sqlite.executeUntil("m", "FINISHED");
    }
  }
}
