package dev.longhaul.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.Statuses;
import dev.longhaul.testing.TcpProxy;
import java.net.URI;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SweepTest {
  private final Fixture longhaul =
      new Fixture(Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));

  @AfterEach
  void close() {
    longhaul.close();
  }

  private void schedule(String name, String runAt) {
    longhaul.register(
        Fixture.migration(name, "create table %s (n int)".formatted(name), "")
            .put("run_at", runAt)
            .toString());
  }

  private static JsonNode json(String text) throws Exception {
    return JsonFunction.JSON.readTree(text);
  }

  private static List<String> started(JsonNode answer) {
    return StreamSupport.stream(answer.path("started").spliterator(), false)
        .map(JsonNode::asText)
        .toList();
  }

  /// As the sweep sees it half a minute later.
  private void grow(String name) {
    longhaul.database.execute(
        """
        update longhaul.async_migration set
          next_look_at = next_look_at - interval '30 s', changed_at = changed_at - interval '30 s'
        where name = '%s'
        """
            .formatted(name));
  }

  /// Bare, and as EventBridge delivers them: its schedule and an event of one's own.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"all\": true}",
        """
        {"version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
         "source": "aws.events", "account": "123456789012", "time": "2026-10-08T16:53:06Z",
         "region": "us-east-1", "resources": ["arn:aws:events:us-east-1:123456789012:rule/nightly"],
         "detail": {"all": true}}
        """,
        """
        {"version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "Run Migrations",
         "source": "longhaul", "account": "123456789012", "time": "2026-10-08T16:53:06Z",
         "region": "us-east-1", "resources": [], "detail": {"all": true, "target": "main"}}
        """
      })
  void startsAllThatIsScheduledAndDue(String payload) throws Exception {
    Statuses.bring(longhaul, "a", MigrationStatus.SCHEDULED);
    schedule("past", "2020-01-01T00:00:00Z");
    schedule("future", "2999-01-01T00:00:00+02:00");
    Statuses.bring(longhaul, "done", MigrationStatus.FINISHED);

    assertThat(longhaul.trigger(payload))
        .isEqualTo(
            json(
                """
                {"started": ["a", "past"],
                 "skipped": [{"migration_name": "future", "reason": "runs at 2998-12-31T22:00:00Z"}]}
                """));
    longhaul.executeUntil("a", "FINISHED");
    longhaul.executeUntil("past", "FINISHED");
    assertThat(longhaul.status("future")).isEqualTo("SCHEDULED");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"all\": false}",
        """
        {"version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
         "source": "aws.events", "account": "123456789012", "time": "2026-10-08T16:53:06Z",
         "region": "us-east-1", "resources": ["arn:aws:events:us-east-1:123456789012:rule/sweep"],
         "detail": {}}
        """
      })
  void startsWhatIsDueAndNothingElse(String payload) throws Exception {
    Statuses.bring(longhaul, "a", MigrationStatus.SCHEDULED);
    schedule("past", "2020-01-01T00:00:00Z");
    schedule("future", "2999-01-01T00:00:00Z");

    assertThat(longhaul.trigger(payload))
        .isEqualTo(json("{\"started\": [\"past\"], \"skipped\": []}"));
    assertThat(longhaul.status("a")).isEqualTo("SCHEDULED");
    assertThat(longhaul.trigger(payload)).isEqualTo(json("{\"started\": [], \"skipped\": []}"));
  }

  @Test
  void namesTheSourceOfAnEventInTheHistory() {
    Statuses.bring(longhaul, "a", MigrationStatus.SCHEDULED);
    longhaul.trigger(
        """
        {"detail-type": "Run Migrations", "source": "com.example.deploy",
         "detail": {"migration_names": ["a"]}}
        """);

    assertThat(
            longhaul.control("history", "a").path("history").path(1).path("requested_by").asText())
        .isEqualTo("com.example.deploy");
  }

  /// As somebody writes it by hand, and with a source that the history could not keep.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"detail-type\": \"Run Migrations\"",
        "\"version\": \"0\"",
        "\"source\": null",
        "\"source\": \"a\\u0000b\""
      })
  void takesTheDetailOfAnEventThatLacksTheRest(String rest) {
    Statuses.bring(longhaul, "a", MigrationStatus.SCHEDULED);

    JsonNode answer =
        longhaul.trigger("{%s, \"detail\": {\"migration_names\": [\"a\"]}}".formatted(rest));

    assertThat(answer.path("started")).hasSize(1);
    assertThat(longhaul.control("history", "a").at("/history/1/requested_by").isNull()).isTrue();
  }

  @Test
  void refusesEventsWhoseDetailItDoesNotUnderstand() {
    Refused.by(() -> longhaul.trigger("{\"detail-type\": \"Run Migrations\", \"source\": \"x\"}"))
        .is("InvalidMigration", "detail: must be an object");
    Refused.by(
            () ->
                longhaul.trigger(
                    "{\"detail-type\": \"x\", \"source\": \"x\", \"detail\": {\"names\": []}}"))
        .is("InvalidMigration", "names: is no field");
  }

  @ParameterizedTest
  @EnumSource(names = {"ERROR", "CANCELLED", "ROLLED_BACK", "PAUSED", "FINISHED"})
  void leavesAloneWhatHasEndedOrIsHeld(MigrationStatus status) throws Exception {
    Statuses.bring(longhaul, "m", status);

    assertThat(longhaul.trigger("{\"all\": true}"))
        .isEqualTo(json("{\"started\": [], \"skipped\": []}"));
    longhaul.trigger("{}");
    assertThat(longhaul.status("m")).isEqualTo(status.label());
    assertThat(longhaul.queue.drain()).isEmpty();
  }

  @Test
  void sendsALostMessageAgainWhenTheQueueIsEmpty() {
    Statuses.bring(longhaul, "m", MigrationStatus.STARTED);
    longhaul.trigger("{}");

    assertThat(longhaul.queue.drain()).hasSize(1);
  }

  @Test
  void doesNotFillTheQueueWithCopies() {
    Statuses.bring(longhaul, "m", MigrationStatus.STARTED);
    longhaul.trigger("{}");
    longhaul.trigger("{}");
    longhaul.trigger("{}");

    assertThat(longhaul.queue.drain()).hasSize(1);
  }

  @Test
  void sendsALostMessageAgainAfterAWhileAlsoWhenOthersWait() {
    Statuses.bring(longhaul, "lost", MigrationStatus.STARTED);
    longhaul.register(
        Fixture.migration("waits", "select 1", "").put("execute_immediately", true).toString());
    longhaul.trigger("{}");
    grow("lost");
    longhaul.trigger("{}");
    longhaul.trigger("{}");

    assertThat(longhaul.queue.drain())
        .containsExactlyInAnyOrder(
            "{\"target\":\"main\",\"migration_name\":\"waits\"}",
            "{\"target\":\"main\",\"migration_name\":\"lost\"}");
  }

  @Test
  void hasTheWorkOfAnExecutorThatVanishedTakenUp() {
    Statuses.bring(longhaul, "m", MigrationStatus.IN_PROGRESS);
    longhaul.trigger("{}");
    longhaul.executeUntil("m", "FINISHED");

    assertThat(longhaul.pathOf("m"))
        .isEqualTo(List.of("STARTED", "IN PROGRESS", "IN PROGRESS", "FINISHED"));
  }

  @Test
  void leavesLiveOwnersAlone() throws Exception {
    Statuses.bring(longhaul, "m", MigrationStatus.IN_PROGRESS);
    longhaul.database.execute("update longhaul.async_migration set next_look_at = now()");
    try (Connection owner = longhaul.database.connect();
        Statement statement = owner.createStatement()) {
      statement.execute(
          "select pg_advisory_lock(%d)".formatted(dev.longhaul.journal.SessionLock.of("m")));
      longhaul.trigger("{}");
      assertThat(longhaul.queue.drain()).isEmpty();
      longhaul.database.execute(
          "update longhaul.async_migration set next_look_at = now() - interval '1 minute'");
      longhaul.trigger("{}");
      assertThat(longhaul.queue.drain()).as("for somebody to look at it").hasSize(1);
      statement.execute("select pg_advisory_unlock_all()");
      longhaul.trigger("{}");
      assertThat(longhaul.queue.drain()).hasSize(1);
    }
  }

  @Test
  void doesNotSendWhatMayNotBeClaimedYet() {
    longhaul.register(
        Fixture.migration("m", "select 1", "").put("run_at", "2999-01-01T00:00:00Z").toString());
    longhaul.database.execute(
        "update longhaul.async_migration set status = 'STARTED', next_look_at = now()");
    longhaul.trigger("{}");

    assertThat(longhaul.queue.drain()).isEmpty();
  }

  @Test
  void goesOnToTheOtherTargetsWhenOneFails() {
    Database broken = Database.create();
    Database sound = Database.create();
    String targets =
        "{\"a\": {\"url\": \"%s\"}, \"b\": {\"url\": \"postgresql://x@127.0.0.1:1/x\"}, \"c\": {\"url\": \"%s\"}}"
            .formatted(broken.url(), sound.url());
    try (Fixture several = new Fixture(sound, Map.of("DATABASE_TARGETS", targets))) {
      several.trigger("{\"target\": \"a\"}");
      several.register(Fixture.migration("m", "select 1", "").put("target", "c").toString());
      several.queue.drain();
      broken.execute("alter table longhaul.async_migration rename to gone");

      assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> several.trigger("{}")))
          .isNotNull();
      assertThat(several.queue.drain()).hasSize(1);
    }
  }

  /// Twice: on a connection that is kept, and on one that is made anew.
  @Test
  void waitsForATargetThatDoesNotAnswerForItsTimeLimitAndNoLonger() {
    Database silent = Database.create();
    URI server = URI.create(silent.url());
    try (TcpProxy way = TcpProxy.to(server)) {
      String targets =
          "{\"a\": {\"url\": \"%s?loginTimeout=1\"}, \"b\": {\"url\": \"%s\"}}"
              .formatted(
                  silent.url().replace(":" + server.getPort() + "/", ":" + way.port() + "/"),
                  longhaul.database.url());
      try (Fixture several = new Fixture(longhaul.database, Map.of("DATABASE_TARGETS", targets))) {
        several.trigger("{}");
        way.swallow();
        for (String name : List.of("m", "n")) {
          several.register(Fixture.migration(name, "select 1", "").put("target", "b").toString());
          several.queue.drain();
          Instant begin = Instant.now();
          Refused.by(() -> several.trigger("{}")).is("TargetUnavailable", "target \"a\"");
          assertThat(Duration.between(begin, Instant.now()))
              .isBetween(Duration.ofMillis(900), Duration.ofSeconds(6));
          assertThat(several.queue.drain())
              .contains("{\"target\":\"b\",\"migration_name\":\"" + name + "\"}");
        }
        way.pass();
        several.trigger("{}");
      }
    }
  }

  @Test
  void answersForEveryTargetWhereTwoHaveTheSameName() {
    Database second = Database.create();
    String targets =
        "{\"main\": {\"url\": \"%s\"}, \"second\": {\"url\": \"%s\"}}"
            .formatted(longhaul.database.url(), second.url());
    try (Fixture several =
        new Fixture(
            longhaul.database,
            Map.of("DATABASE_TARGETS", targets, "ALLOW_SCHEDULED_MIGRATIONS", "true"))) {
      several.register(Fixture.migration("m", "select 1", "").toString());
      several.register(
          Fixture.migration("m", "select 1", "")
              .put("target", "second")
              .put("run_at", "2999-01-01T00:00:00Z")
              .toString());

      JsonNode answer = several.trigger("{\"all\": true}");
      assertThat(started(answer)).isEqualTo(List.of("m"));
      assertThat(answer.path("skipped")).hasSize(1);
    }
  }
}
