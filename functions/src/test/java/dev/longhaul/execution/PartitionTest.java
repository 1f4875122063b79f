package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.migration.StatementKind;
import dev.longhaul.migration.StatementKind.OutsideTransaction;
import dev.longhaul.testing.Fixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class PartitionTest {
  private static final String DETACH =
      "alter table app.\"P p\" detach partition app.p1 concurrently";
  private static final String FINALIZE = "alter table app.\"P p\" detach partition app.p1 finalize";
  private static final String PENDING = "insert into app.\"P p\" values (0)";

  private final Fixture longhaul = new Fixture();
  private final Interruption interruption = new Interruption(longhaul);

  @BeforeEach
  void createTable() {
    longhaul.database.execute(
        """
        create schema app;
        create table app."P p" (n int) partition by range (n);
        create table app.p1 partition of app."P p" for values from (0) to (9);
        create table app.p2 partition of app."P p" for values from (9) to (99);
        """);
  }

  @AfterEach
  void close() {
    longhaul.close();
  }

  /// Each with whether it is waiting to be detached.
  private List<String> partitions() {
    return longhaul.database.query(
        "select inhrelid::regclass || ' ' || inhdetachpending from pg_inherits order by 1");
  }

  @Test
  void attachesInATransaction() {
    longhaul.register(
        "attach",
        "create table app.p3 (n int); alter table app.\"P p\" attach partition app.p3 for values"
            + " from (99) to (999); select 1 / 0",
        "");
    longhaul.executeUntil("attach", "ERROR");
    assertThat(partitions()).containsExactly("app.p1 false", "app.p2 false");
    longhaul.register(
        "again",
        "create table app.p3 (n int); alter table app.\"P p\" attach partition app.p3 for values"
            + " from (99) to (999)",
        "");
    longhaul.executeUntil("again", "FINISHED");
    assertThat(partitions()).containsExactly("app.p1 false", "app.p2 false", "app.p3 false");
  }

  @Test
  void detachesOnce() {
    longhaul.register("detach", DETACH, "");
    longhaul.executeUntil("detach", "FINISHED");
    assertThat(partitions()).containsExactly("app.p2 false");
  }

  @Test
  void detachesWhatAnInterruptedAttemptHasNotBegun() {
    longhaul.register("detach", DETACH, "");
    interruption.beforeTheStatement("detach");
    interruption.goOn("detach");
    assertThat(partitions()).containsExactly("app.p2 false");
  }

  @Test
  void finalizesWhatAnInterruptedAttemptHasLeftPending() throws Exception {
    longhaul.register("detach", DETACH, "");
    interruption.inTheMiddle(
        "detach", PENDING, "exists (select from pg_inherits where inhdetachpending)");
    assertThat(partitions()).containsExactly("app.p1 true", "app.p2 false");
    interruption.goOn("detach");
    assertThat(partitions()).containsExactly("app.p2 false");
    assertThat(longhaul.database.value("select count(*) from app.p1")).isEqualTo("0");
  }

  @Test
  void takesWhatIsDetachedForDone() {
    longhaul.register("detach", DETACH, "");
    interruption.afterTheStatement("detach", DETACH);
    interruption.goOn("detach");
    assertThat(partitions()).containsExactly("app.p2 false");
  }

  @Test
  void finalizesOnce() throws Exception {
    leavePending();
    longhaul.register("finalize", FINALIZE, "");
    longhaul.executeUntil("finalize", "FINISHED");
    assertThat(partitions()).containsExactly("app.p2 false");
  }

  @Test
  void finalizesWhatAnInterruptedFinalizeHasLeft() throws Exception {
    leavePending();
    longhaul.register("finalize", FINALIZE, "");
    interruption.inTheMiddle("finalize", "select from app.p1");
    assertThat(partitions()).containsExactly("app.p1 true", "app.p2 false");
    interruption.goOn("finalize");
    assertThat(partitions()).containsExactly("app.p2 false");

    longhaul.register("lost", FINALIZE + ";", "");
    interruption.beforeTheStatement("lost");
    interruption.goOn("lost");
  }

  @Test
  void neverTellsOfARollbackWhileWhatWasCancelledIsHalfDone() throws Exception {
    cancelHalfway("alter table app.\"P p\" attach partition app.p1 for values from (0) to (9)");
    longhaul.control("rollback", "detach");
    assertThat(interruption.error("detach")).contains("is already a partition");
    assertThat(partitions()).containsExactly("app.p1 true", "app.p2 false");

    longhaul.database.execute(FINALIZE);
    longhaul.control("retry", "detach");
    longhaul.executeUntil("detach", "ROLLED BACK");
    assertThat(partitions()).containsExactly("app.p1 false", "app.p2 false");
  }

  @Test
  void finalizesWhatWasCancelledHalfDoneAndIsRetried() throws Exception {
    cancelHalfway("");
    longhaul.control("retry", "detach");
    longhaul.executeUntil("detach", "FINISHED");
    assertThat(partitions()).containsExactly("app.p2 false");
  }

  private void cancelHalfway(String backwards) throws SQLException {
    longhaul.register("detach", DETACH, backwards);
    interruption.byACancel(
        "detach", PENDING, "exists (select from pg_inherits where inhdetachpending)");
    assertThat(partitions()).containsExactly("app.p1 true", "app.p2 false");
  }

  /// The attempt that looks at what a dead one has left is the one that the cancel meets.
  @Test
  void keepsInMindWhatIsHalfDoneWhenACancelMeetsTheNextAttempt() throws Exception {
    longhaul.register("detach", DETACH, "alter table app.\"P p\" detach partition app.p2");
    interruption.inTheMiddle(
        "detach", PENDING, "exists (select from pg_inherits where inhdetachpending)");
    longhaul.control("cancel", "detach");
    interruption.look();
    longhaul.executeUntil("detach", "CANCELLED");
    assertThat(longhaul.control("rollback", "detach").path("status").asText()).isEqualTo("STARTED");
    longhaul.queue.drain();
  }

  @Test
  void sendsTheFinalizeInPlaceOfWhatTheServerWouldRefuse() throws Exception {
    assertThat(toSend()).isEqualTo(DETACH);
    leavePending();
    assertThat(toSend()).isEqualTo(FINALIZE);
  }

  private String toSend() throws SQLException {
    try (Connection connection = longhaul.database.connect()) {
      return new Verification(connection, (OutsideTransaction) StatementKind.of(DETACH))
          .statement(DETACH);
    }
  }

  /// By a migration that is given up.
  private void leavePending() throws SQLException {
    longhaul.register("first", DETACH, "");
    interruption.inTheMiddle(
        "first", PENDING, "exists (select from pg_inherits where inhdetachpending)");
    longhaul.database.execute(
        "update longhaul.async_migration set status = 'CANCELLED', backend_pid = null,"
            + " backend_start = null, next_look_at = null, finished_at = now() where name ="
            + " 'first'");
  }
}
