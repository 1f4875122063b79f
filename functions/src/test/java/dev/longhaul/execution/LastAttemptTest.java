package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The last attempt that a migration has dies within a statement that refuses a transaction: what
/// has become of it is found out all the same, before a person is told and asks for another run.
@Tag("fault")
class LastAttemptTest {
  private static final String BUILD = "create index concurrently t_n on t (n)";

  private final Fixture longhaul = new Fixture();
  private final Interruption interruption = new Interruption(longhaul);

  @BeforeEach
  void createTable() {
    longhaul.database.execute("create table t (n int)");
  }

  @AfterEach
  void close() {
    longhaul.close();
  }

  private void register(String statement) {
    longhaul.register(Fixture.migration("last", statement, "").put("max_attempts", 1).toString());
  }

  private String indexes() {
    return longhaul.database.value(
        "select count(*) || ' ' || coalesce(bool_and(indisvalid), true) from pg_index where"
            + " indrelid = 't'::regclass");
  }

  @Test
  void whatItHasBuiltIsFinished() {
    register(BUILD);
    interruption.afterTheStatement("last", BUILD);
    interruption.goOn("last");
    assertThat(indexes()).isEqualTo("1 true");
  }

  @Test
  void whatItHasLeftIsRemovedAndARetryBuildsItAnew() throws SQLException {
    register(BUILD);
    interruption.inTheMiddle(
        "last", "insert into t values (1)", "exists (select from pg_index where not indisvalid)");
    interruption.look();
    assertThat(interruption.error("last")).contains("1 attempts have ended without a trace");
    assertThat(indexes()).isEqualTo("0 true");
    longhaul.control("retry", "last");
    longhaul.executeUntil("last", "FINISHED");
    assertThat(indexes()).isEqualTo("1 true");
  }

  /// Also where somebody has died of looking: there is nothing to look at.
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aPersonIsToldOfWhatNobodyElseCanKnow(int deadLooks) {
    longhaul.database.execute(
        "create procedure p() language plpgsql as $$ begin insert into t values (1); commit; end"
            + " $$");
    register("call p()");
    interruption.afterTheStatement("last", "call p()");
    longhaul.database.execute(
        "update longhaul.async_migration set outside_transaction = '[1]', failed_attempts = "
            + deadLooks
            + ", attempt = attempt + 1");
    interruption.look();
    assertThat(interruption.error("last")).startsWith("outcome unknown");
    longhaul.control("retry", "last");
    longhaul.executeUntil("last", "FINISHED");
    assertThat(longhaul.database.value("select count(*) from t")).isEqualTo("2");
  }

  @Test
  void whoeverDiesOfLookingIsTheLastAndARetryLooksAgain() {
    register(BUILD);
    interruption.afterTheStatement("last", BUILD);
    longhaul.database.execute(
        "update longhaul.async_migration set failed_attempts = 1, attempt = attempt + 1");
    interruption.look();
    assertThat(interruption.error("last")).contains("2 attempts have ended without a trace");
    for (String outcome : List.of("done", "not done")) {
      Refused.by(() -> interruption.resolve("last", outcome))
          .is("InvalidTransition", "the catalog tells what has become of statement 1; retry it");
    }
    longhaul.control("retry", "last");
    longhaul.executeUntil("last", "FINISHED");
    assertThat(indexes()).isEqualTo("1 true");
  }
}
