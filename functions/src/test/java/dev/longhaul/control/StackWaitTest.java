package dev.longhaul.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import dev.longhaul.testing.Stack;
import dev.longhaul.testing.Statuses;
import dev.longhaul.testing.TestContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StackWaitTest {
  private final Stack stack = new Stack();
  private final Fixture longhaul =
      new Fixture(Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));

  @AfterEach
  void close() {
    stack.close();
    longhaul.close();
  }

  /// A request as CDK's provider framework makes it of CloudFormation's and of what
  /// RegistrationFunction has answered.
  private ObjectNode request(String type, ObjectNode properties, Instant until) {
    String token = new TestContext().getInvokedFunctionArn() + "-framework-onEvent";
    ObjectNode request = stack.request(type, token, properties).put("PhysicalResourceId", "main/m");
    request.putObject("Data").put("wait_until", until.toString());
    return request;
  }

  private boolean isComplete(String type, ObjectNode properties) {
    Instant later = Instant.now().plusSeconds(600);
    return longhaul
        .control(request(type, properties, later).toString())
        .path("IsComplete")
        .booleanValue();
  }

  private static ObjectNode waiting() {
    return Fixture.migration("m", "create table m (n int)", "drop table m").put("wait_for", "600");
  }

  private static ObjectNode rollingBack() {
    return Fixture.migration("m", "create table m (n int)", "drop table m")
        .put("rollback_on_delete", "true");
  }

  @Test
  void asksNoJournalWhereNothingIsWaitedFor() {
    ObjectNode properties = Fixture.migration("m", "select 1", "");

    for (String type : new String[] {"Create", "Update", "Delete"}) {
      assertThat(isComplete(type, properties)).isTrue();
    }
    assertThat(longhaul.registered()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      names = {"ERROR", "CANCELLED", "ROLLED_BACK"},
      mode = EnumSource.Mode.EXCLUDE)
  void stackWaitsForTheEndOf(MigrationStatus status) {
    Statuses.bring(longhaul, "m", status);

    assertThat(isComplete("Create", waiting())).isEqualTo(status == MigrationStatus.FINISHED);
    assertThat(isComplete("Update", waiting())).isEqualTo(status == MigrationStatus.FINISHED);
    assertThat(longhaul.status("m")).isEqualTo(status.label());
  }

  @ParameterizedTest
  @EnumSource(names = {"ERROR", "CANCELLED", "ROLLED_BACK"})
  void stackFailsWith(MigrationStatus status) {
    Statuses.bring(longhaul, "m", status);

    Refused refused = Refused.by(() -> isComplete("Create", waiting()));

    refused.is("InvalidTransition", "\"m\" is " + status.label());
    if (status == MigrationStatus.ERROR) {
      refused.is(
          "InvalidTransition",
          "relation \"missing_m\" does not exist (SQLSTATE 42P01)",
          "register it under a new name",
          "longhaul retry m");
    }
  }

  @Test
  void stackDoesNotWaitForEver() {
    Statuses.bring(longhaul, "m", MigrationStatus.STARTED);
    ObjectNode request = request("Create", waiting(), Instant.now().minus(Duration.ofSeconds(1)));

    Refused.by(() -> longhaul.control(request.toString()))
        .is("InvalidTransition", "\"m\" is still STARTED", "goes on by itself");
    assertThat(longhaul.status("m")).isEqualTo("STARTED");
  }

  @Test
  void unknownMigrationIsAnError() {
    Refused.by(() -> isComplete("Create", waiting())).is("UnknownMigration", "\"m\"");
  }

  /// By the way that ControlFunction goes, whatever the migration is at that time.
  @ParameterizedTest
  @EnumSource(MigrationStatus.class)
  void deletionRollsBackWhatIs(MigrationStatus status) {
    Statuses.bring(longhaul, "m", status);

    Instant deadline = Instant.now().plusSeconds(30);
    while (!isComplete("Delete", rollingBack())) {
      assertThat(Instant.now())
          .as(() -> longhaul.control("status", "m").toString())
          .isBefore(deadline);
      longhaul.executeAll();
    }

    assertThat(longhaul.status("m")).isEqualTo("ROLLED BACK");
    assertThat(longhaul.database.exists("m")).isFalse();
    assertThat(isComplete("Delete", rollingBack())).isTrue();
  }

  @Test
  void deletionDoesNothingAboutWhatWasNeverMade() {
    assertThat(isComplete("Delete", rollingBack())).isTrue();
  }

  @Test
  void deletionKeepsTheMigrationUnlessAsked() {
    Statuses.bring(longhaul, "m", MigrationStatus.FINISHED);

    assertThat(isComplete("Delete", rollingBack().put("rollback_on_delete", "false"))).isTrue();
    assertThat(longhaul.status("m")).isEqualTo("FINISHED");
  }

  /// Once: to try again is a person's decision.
  @Test
  void rollbackThatFailsFailsTheDeletion() {
    longhaul.register(
        Fixture.migration("m", "create table m (n int)", "drop table no_m")
            .put("execute_immediately", true)
            .toString());
    longhaul.executeUntil("m", "FINISHED");

    assertThat(isComplete("Delete", rollingBack())).isFalse();
    longhaul.executeUntil("m", "ERROR");

    Refused.by(() -> isComplete("Delete", rollingBack()))
        .is("InvalidTransition", "the rollback of \"m\"", "42P01", "longhaul retry m");
    assertThat(longhaul.status("m")).isEqualTo("ERROR");
  }

  @Test
  void historySaysThatTheStackHasAsked() {
    Statuses.bring(longhaul, "m", MigrationStatus.SCHEDULED);

    assertThat(isComplete("Delete", rollingBack())).isTrue();

    assertThat(longhaul.control("history", "m").at("/history/1/requested_by").asText())
        .isEqualTo("CloudFormation stack app");
  }
}
