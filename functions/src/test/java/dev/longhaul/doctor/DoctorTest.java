package dev.longhaul.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import java.net.URI;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DoctorTest {
  private static final AtomicInteger ROLES = new AtomicInteger();

  private static final String READS =
      "grant usage on schema longhaul to {}; grant select on all tables in schema longhaul to {}";

  private final Database database = Database.create();

  /// Asks as a role; a new one that may do nothing but what `grants` says, with `{}` for its name.
  private JsonNode examineAs(String grants) {
    return examineAs(grants, "control");
  }

  /// @param function `control`, or `execute`, which only answers what is about its own user
  private JsonNode examineAs(String grants, String function) {
    return examineAs(grants, function, Map.of());
  }

  private JsonNode examineAs(String grants, String function, Map<String, String> settings) {
    Map<String, String> environment = new HashMap<>(settings);
    String role = "patient_" + ROLES.incrementAndGet();
    database.execute("create role " + role + " login");
    database.execute(grants.replace("{}", role));
    environment.put("DATABASE_URL", database.url().replace("postgres@", role + "@"));
    try {
      return examine(environment, function);
    } finally {
      database.execute("drop owned by " + role);
      database.execute("drop role " + role);
    }
  }

  private JsonNode examine(Map<String, String> environment) {
    return examine(environment, "control");
  }

  private JsonNode examine(Map<String, String> environment, String function) {
    try (Fixture fixture = new Fixture(database, environment)) {
      return fixture.invoke(function, "{\"action\": \"doctor\"}");
    }
  }

  private static JsonNode check(JsonNode answer, String name) {
    for (JsonNode check : answer.path("checks")) {
      if (check.path("check").asText().equals(name)) {
        return check;
      }
    }
    throw new AssertionError(name + " is not in " + answer);
  }

  private static void require(JsonNode answer, String check, String level, String... parts) {
    JsonNode found = check(answer, check);
    assertThat(found.path("level").asText()).as(found.toString()).isEqualTo(level);
    String text = found.path("finding").asText() + " " + found.path("mend").asText();
    assertThat(parts).allSatisfy(part -> assertThat(text).contains(part));
    assertThat(found.path("mend").isNull()).as(found.toString()).isEqualTo(level.equals("ok"));
  }

  @Test
  void saysWhatThePaceCannotKnow() {
    require(
        examine(Map.of(), "execute"),
        "runner's pace",
        "warn",
        "vcpus is not set",
        "DatabaseHealth");
    require(examine(Map.of("DATABASE_HEALTH", "{\"vcpus\": 4}"), "execute"), "runner's pace", "ok");
    require(
        examine(Map.of("DATABASE_HEALTH", "{\"active_sessions_per_vcpu\": 0}"), "execute"),
        "runner's pace",
        "ok");
  }

  @Test
  void findsNothingWhereAllIsWell() {
    try (Fixture fixture = new Fixture(database, Map.of())) {
      fixture.register("a", "select 1", "");
    }
    JsonNode answer = examine(Map.of());
    for (JsonNode check : answer.path("checks")) {
      assertThat(check.path("level").asText()).as(check.toString()).isEqualTo("ok");
    }
    assertThat(answer.path("checks")).hasSizeGreaterThan(9);
    assertThat(answer.path("queue_url").asText()).startsWith("http");
    require(answer, "journal", "ok", "version");
  }

  @Test
  void changesNothing() {
    require(examine(Map.of()), "journal", "ok", "not there yet");
    assertThat(database.value("select to_regnamespace('longhaul')")).isEqualTo("null");
  }

  @Test
  void tellsWhatARoleSetsAndThatItDoesNoHarm() {
    JsonNode answer = examineAs("alter role {} set statement_timeout = '30s'");
    require(answer, "settings", "ok", "statement_timeout = 30000ms", "lift");
  }

  @Test
  void tellsWhatARoleMayNot() {
    database.execute("create table t (n int); create table u (n int)");
    JsonNode answer = examineAs("select");
    require(answer, "journal", "fail", "may not create a schema", "longhaul schema");
    require(answer, "rights", "warn", "pg_read_all_stats");
    assertThat(answer.toString()).as("that is the runner's").doesNotContain("ownership");
    try (Fixture fixture = new Fixture(database, Map.of())) {
      fixture.register("a", "select 1", "");
    }
    require(examineAs("select"), "journal", "fail", "may not use the schema", "usage");
    require(
        examineAs("grant usage on schema longhaul to {}"), "journal", "fail", "async_migration");
    require(
        examineAs(READS),
        "journal",
        "fail",
        "insert async_migration,",
        "update async_migration (",
        "insert async_migration_history",
        "grants of docs/security.md");
    require(
        examineAs(READS + "; grant insert, update on all tables in schema longhaul to {}"),
        "journal",
        "ok",
        "version");
    require(examineAs("grant pg_monitor to {}"), "rights", "ok");
  }

  @Test
  void tellsThatAHistoryCannotBePruned() {
    try (Fixture fixture = new Fixture(database, Map.of())) {
      fixture.register("a", "select 1", "");
    }
    Map<String, String> prunes = Map.of("HISTORY_RETENTION_DAYS", "90");
    String writes = READS + "; grant insert, update on all tables in schema longhaul to {}";
    JsonNode answer = examineAs(writes, "control", prunes);
    require(answer, "journal", "fail", "may not delete async_migration_history");
    answer =
        examineAs(
            writes + "; grant delete on longhaul.async_migration_history to {}", "control", prunes);
    require(answer, "journal", "ok", "version");
  }

  @Test
  void tellsWhatTheRunnerMayNot() {
    database.execute("create table t (n int); create table u (n int)");
    try (Fixture fixture = new Fixture(database, Map.of())) {
      fixture.register("a", "select 1", "");
    }
    JsonNode answer = examineAs("revoke create on schema public from public", "execute");
    require(answer, "runner's database", "ok", "as patient_");
    require(answer, "runner's ownership", "warn", "2 of 2", "postgres", "grant postgres to pat");
    require(answer, "runner's creation", "warn", "schema public", "grant create on schema public");
    require(answer, "runner's journal", "fail", "may not use the schema");
    require(answer, "runner's rights", "warn", "pg_read_all_stats");
    for (JsonNode check : answer.path("checks")) {
      assertThat(check.path("check").asText()).as("no other is looked at twice").startsWith("run");
    }

    String writes = READS + "; grant update on longhaul.async_migration to {}";
    require(
        examineAs(writes, "execute"),
        "runner's journal",
        "fail",
        "delete async_migration_range",
        "insert async_migration_skipped_row",
        "update async_migration_history (published_at)");
    answer =
        examineAs(
            READS
                + """
                ; grant update on longhaul.async_migration to {};
                grant insert, update on longhaul.async_migration_history to {};
                grant insert, update, delete on longhaul.async_migration_range to {};
                grant insert on longhaul.async_migration_skipped_row to {};
                grant create on schema public to {}; grant pg_read_all_stats to {};
                create table mine (n int); alter table mine owner to {}
                """,
            "execute");
    require(answer, "runner's journal", "ok", "version");
    require(answer, "runner's creation", "ok", "public");
    require(answer, "runner's rights", "ok");
  }

  @Test
  void tellsOfAnOldJournal() {
    try (Fixture fixture = new Fixture(database, Map.of())) {
      fixture.register("a", "select 1", "");
    }
    database.execute(
        "delete from longhaul.journal; insert into longhaul.journal (version) values (1)");
    require(examine(Map.of()), "journal", "warn", "version 1", "next call upgrades");
    require(
        examineAs(READS + "; grant insert, update on all tables in schema longhaul to {}"),
        "journal",
        "fail",
        "may not upgrade");
    assertThat(database.value("select max(version) from longhaul.journal")).isEqualTo("1");
  }

  @Test
  void tellsOfTransactionsThatABuildWouldWaitFor() throws Exception {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      String prepared = database.value("show max_prepared_transactions");
      if (!prepared.equals("0")) {
        connection.setAutoCommit(false);
        statement.execute("create table t (n int)");
        statement.execute("prepare transaction 'left'");
        connection.setAutoCommit(true);
        require(examine(Map.of()), "old transactions", "warn", "1 are prepared");
        statement.execute("rollback prepared 'left'");
      }
      require(examine(Map.of()), "old transactions", "ok");
    }
  }

  @Test
  void tellsOfASlotThatNobodyReads() {
    String slot = "left_" + ROLES.incrementAndGet();
    database.execute("select pg_create_physical_replication_slot('" + slot + "', true)");
    try {
      require(examine(Map.of()), "replication slots", "warn", slot, "pg_drop_replication_slot");
    } finally {
      database.execute("select pg_drop_replication_slot('" + slot + "')");
    }
  }

  @Test
  void tellsOfWhatDoesNotAnswer() {
    JsonNode answer =
        examine(
            Map.of(
                "DATABASE_TARGETS",
                "{\"down\": {\"url\": \"postgresql://a@127.0.0.1:1/b\"}, \"main\": {\"url\": \"%s\"}}"
                    .formatted(database.url()),
                "EVENT_BUS_NAME",
                "default",
                "AWS_ENDPOINT_URL_EVENTBRIDGE",
                "http://127.0.0.1:1"));
    require(answer, "database", "fail", "127.0.0.1:1 is not available");
    require(answer, "pooler", "ok");
    require(answer, "endpoint events", "fail", "does not answer", "EventBridgeEndpoint");
    require(answer, "endpoint sqs", "ok");
  }

  @Test
  void tellsOfAPooler() {
    assertThat(URI.create(database.url()).getPort()).isPositive();
    JsonNode answer = examine(Map.of("DATABASE_POOLED", "true"));
    require(answer, "pooler", "warn", "declared as pooled", "writer's own address");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    try (Fixture fixture = new Fixture(database, Map.of())) {
      Refused.by(() -> fixture.control("{\"action\": \"doctor\", \"migration_name\": \"a\"}"))
          .is("InvalidMigration", "migration_name");
      assertThat(
              fixture
                  .control("{\"action\": \"doctor\", \"target\": \"main\"}")
                  .path("checks")
                  .size())
          .isGreaterThan(5);
    }
  }
}
