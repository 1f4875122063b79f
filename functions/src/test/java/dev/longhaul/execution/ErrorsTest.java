package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Fixture;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What people read in `meta.error`, and what is true when they read it.
class ErrorsTest {
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  private JsonNode error(String name) {
    return longhaul.control("status", name).path("meta").path("error");
  }

  @Test
  void saysThatAStatementWhichCommitsByItselfMayBePartlyDone() {
    longhaul.database.execute("create table t (n int)");
    longhaul.register(
        "partly",
        "do $$ begin insert into t values (1); commit; perform 1 / 0; end $$",
        "delete from t");
    longhaul.executeUntil("partly", "ERROR");

    assertThat(error("partly").path("sqlstate").asText()).isEqualTo("22012");
    assertThat(error("partly").path("next").asText())
        .startsWith("Outcome unknown: statement 1 commits by itself")
        .contains("longhaul retry partly", "longhaul rollback partly");
    longhaul.control("rollback", "partly");
    longhaul.executeUntil("partly", "ROLLED BACK");
    assertThat(longhaul.database.value("select count(*) from t")).isEqualTo("0");
  }

  @Test
  void saysOfARetryThatItComesByItself() throws Exception {
    longhaul.database.execute("create table t (n int)");
    longhaul.register(
        Fixture.migration("locked", "alter table t add m int", "")
            .put("lock_timeout", "50ms")
            .toString());
    try (Connection blocker = longhaul.database.connect();
        Statement statement = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      statement.execute("lock table t in access share mode");
      longhaul.executeNext();
      assertThat(error("locked").path("next").asText()).contains("tried again by itself");
    }
    longhaul.executeUntil("locked", "FINISHED");
  }

  @Test
  void blamesNoStatementForADeferredConstraint() {
    longhaul.database.execute(
        "create table p (id int primary key); create table c (p int references p deferrable"
            + " initially deferred)");
    longhaul.register("deferred", "insert into c values (1)", "");
    longhaul.executeUntil("deferred", "ERROR");
    assertThat(error("deferred").has("statement_number")).isFalse();
    assertThat(error("deferred").path("next").asText()).contains("longhaul retry deferred");
  }

  @Test
  void quotesANameThatAShellWouldRead() {
    longhaul.register("it's; $(reboot)", "selec 1", "");
    longhaul.executeUntil("it's; $(reboot)", "ERROR");
    assertThat(error("it's; $(reboot)").path("next").asText())
        .contains("longhaul retry 'it'\\''s; $(reboot)'");
  }

  @Test
  void keepsItsHistoryWhereTriggersAreSwitchedOff() {
    longhaul.register(
        "replica", "create table t (n int); set session_replication_role = replica", "");
    longhaul.executeUntil("replica", "FINISHED");
    assertThat(longhaul.pathOf("replica")).containsExactly("STARTED", "IN PROGRESS", "FINISHED");
  }
}
