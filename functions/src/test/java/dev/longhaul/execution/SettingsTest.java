package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Statuses;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a script sets holds for all of its steps and for none of the journal's own statements. The
/// role that it takes here may not even see the journal.
@Tag("fault")
@Timeout(60)
class SettingsTest {
  private final Fixture longhaul = new Fixture();
  private final Interruption interruption = new Interruption(longhaul);

  @BeforeEach
  void createRole() {
    longhaul.database.execute(
        """
        do $$ begin
          if to_regrole('settings_owner') is null then create role settings_owner; end if;
        end $$;
        grant create on schema public to settings_owner;
        create table t (n int);
        alter table t owner to settings_owner
        """);
  }

  @AfterEach
  void close() {
    longhaul.close();
  }

  private List<String> owners() {
    return longhaul.database.query(
        "select relname || ' ' || pg_get_userbyid(relowner) from pg_class where relname in"
            + " ('notes', 'more', 'notes_n', 't_n') order by relname");
  }

  /// An attempt that has died with so many of its steps done.
  private void dieBehind(String name, int steps) {
    Statuses.claimAndVanish(longhaul, name);
    longhaul.database.execute(
        "update longhaul.async_migration set steps_done = %d where name = '%s'"
            .formatted(steps, name));
  }

  @Test
  void aRoleHoldsForEveryStep() {
    longhaul.register(
        "role",
        "set role settings_owner; create table notes (n int); create index concurrently notes_n on"
            + " notes (n); create table more (n int); vacuum notes; reset role; create index"
            + " concurrently t_n on t (n)",
        "");
    longhaul.executeUntil("role", "FINISHED");
    assertThat(owners())
        .containsExactly(
            "more settings_owner",
            "notes settings_owner",
            "notes_n settings_owner",
            "t_n settings_owner");
    assertThat(longhaul.control("status", "role").path("attempt").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create index concurrently t_n on t (n)",
        "vacuum t",
        "reindex table concurrently t"
      })
  void aRoleHoldsForWhoeverAdoptsAStep(String statement) {
    longhaul.register(
        "role", "set role settings_owner; " + statement + "; create table more ()", "");
    interruption.beforeTheStatement("role");
    longhaul.database.execute("update longhaul.async_migration set steps_done = 1");
    longhaul.database.execute(statement);
    interruption.goOn("role");
    assertThat(owners()).contains("more settings_owner");
  }

  /// Cursors are moved by the role that has logged in, in the same transactions. The table can only
  /// be found in the script's role, whose schema is in the search path.
  @Test
  void aRoleHoldsForBatches() {
    longhaul.database.execute(
        """
        create schema settings_owner authorization settings_owner;
        create table settings_owner.walked (id int primary key, who text, check (id <> 700 or who is null));
        insert into settings_owner.walked select generate_series(1, 3000);
        alter table settings_owner.walked owner to settings_owner
        """);
    longhaul.register(
        Fixture.migration(
                "batches",
                "set role settings_owner; vacuum t; update walked set who = current_user where"
                    + " :batch; create table more ()",
                "")
            .putRawValue(
                "batch",
                new RawValue(
                    """
                    {"table": "walked", "key": "id", "size": 100, "parallelism": 2, "on_row_error": "skip",
                     "until_empty": "select count(*) from walked where who is null or current_user <> 'settings_owner'"}
                    """))
            .toString());
    longhaul.executeUntil("batches", "FINISHED");
    assertThat(
            longhaul.database.query(
                "select who || ' ' || count(*) from settings_owner.walked where who is not null"
                    + " group by who"))
        .containsExactly("settings_owner 2999");
    assertThat(longhaul.database.query("select key from longhaul.async_migration_skipped_row"))
        .containsExactly("[\"700\"]");
    assertThat(owners()).containsExactly("more settings_owner");
  }

  /// What pg_dump writes begins with it.
  @Test
  void whatSetConfigHasSetHoldsAfterAnInterruption() {
    longhaul.database.execute("create schema other; create table other.t (n int)");
    longhaul.register(
        "path",
        "select pg_catalog.set_config('search_path', 'other', false); vacuum; create index"
            + " concurrently t_n on t (n)",
        "");
    dieBehind("path", 2);
    longhaul.executeUntil("path", "FINISHED");
    assertThat(
            longhaul.database.query(
                "select indrelid::regclass from pg_index join pg_class on oid = indexrelid where"
                    + " relname = 't_n' and indisvalid"))
        .containsExactly("other.t");
  }

  @Test
  void anErrorIsRecordedWhateverTheRole() {
    longhaul.register("role", "set role settings_owner; vacuum t; select 1 / 0", "");
    longhaul.executeUntil("role", "ERROR");
    assertThat(
            longhaul.control("status", "role").path("meta").path("error").path("sqlstate").asText())
        .isEqualTo("22012");
    longhaul.register(
        "bare", "set role settings_owner; create index concurrently no_n on no (n)", "");
    longhaul.executeUntil("bare", "ERROR");
  }

  @Test
  void aRoleThatIsGoneIsAnError() {
    longhaul.database.execute("create role settings_guest");
    longhaul.register("role", "set role settings_guest; vacuum; create table more ()", "");
    dieBehind("role", 2);
    longhaul.database.execute("drop role settings_guest");
    longhaul.executeUntil("role", "ERROR");
    assertThat(longhaul.control("status", "role").path("attempt").asInt()).isEqualTo(2);
  }

  /// The driver closes the connection at it, whenever it is repeated. A registration refuses it by
  /// now.
  @Test
  void aSettingThatEndsEveryAttemptIsGivenUp() {
    longhaul.register(
        Fixture.migration("style", "set datestyle = iso; vacuum t; select 1", "")
            .put("max_attempts", 2)
            .toString());
    longhaul.database.execute(
        "update longhaul.async_migration set sql_forwards = jsonb_set(sql_forwards, '{0}', '\"set"
            + " datestyle = german\"')");
    for (int i = 0; i < 3; i++) {
      longhaul.executeAll();
      longhaul.database.execute(
          "update longhaul.async_migration set next_look_at = now() where next_look_at is not"
              + " null");
      longhaul.trigger("{}");
    }
    assertThat(interruption.error("style")).contains("2 attempts have ended without a trace");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set session characteristics as transaction read only",
        "set default_transaction_read_only = on",
        "set role settings_owner"
      })
  void theJournalIsWrittenWhateverIsSet(String setting) {
    longhaul.register(
        "set", setting + "; vacuum t; create index concurrently t_n on t (n); select 1", "");
    longhaul.executeUntil("set", "FINISHED");
    longhaul.register("again", setting + "; vacuum t; select 1", "");
    dieBehind("again", 2);
    longhaul.executeUntil("again", "FINISHED");
  }
}
