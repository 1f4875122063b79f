package dev.longhaul.registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SeveralTargetsTest {
  private final Database second = Database.create();
  private final Fixture longhaul = create(Database.create(), second.url());

  private static Fixture create(Database first, String second) {
    return new Fixture(
        first,
        Map.of(
            "DATABASE_TARGETS",
            "{\"main\": {\"url\": \"%s\"}, \"second\": {\"url\": \"%s\"}}"
                .formatted(first.url(), second)));
  }

  @AfterEach
  void close() {
    longhaul.close();
  }

  private static String call(ObjectNode... migrations) {
    return "{\"migrations\": " + List.of(migrations) + "}";
  }

  private static ObjectNode migration(String name, String target) {
    return Fixture.migration(name, "create table " + name + " (n int)", "").put("target", target);
  }

  private List<String> registeredInSecond() {
    return second.query("select name from longhaul.async_migration order by name");
  }

  @Test
  void keepsEachMigrationInItsOwnTarget() {
    longhaul.register(
        call(migration("m", "main"), migration("m", "second"), migration("n", "second")));
    longhaul.executeAll();

    assertThat(longhaul.registered()).isEqualTo(List.of("m"));
    assertThat(registeredInSecond()).isEqualTo(List.of("m", "n"));
    assertThat(longhaul.status("m")).isEqualTo("FINISHED");
    assertThat(second.value("select to_regclass('n')")).isEqualTo("n");
    assertThat(longhaul.database.value("select to_regclass('n')")).isEqualTo("null");
    assertThat(
            longhaul
                .control(
                    "{\"action\": \"status\", \"migration_name\": \"n\", \"target\": \"second\"}")
                .path("target")
                .asText())
        .isEqualTo("second");
  }

  @Test
  void writesNothingInEitherIfOneRefuses() {
    longhaul.register(migration("taken", "second").toString());
    ObjectNode changed = Fixture.migration("taken", "select 2", "").put("target", "second");

    Refused.by(
            () ->
                longhaul.register(call(migration("a", "main"), changed, migration("b", "second"))))
        .is("MigrationConflict", "\"taken\" is registered in target \"second\"");
    assertThat(longhaul.registered()).isEmpty();
    assertThat(registeredInSecond()).isEqualTo(List.of("taken"));
  }

  @Test
  void looksForDependenciesInTheSameTargetOnly() {
    ObjectNode dependent = migration("b", "second");
    dependent.putArray("depends_on").add("a");

    Refused.by(() -> longhaul.register(call(migration("a", "main"), dependent)))
        .is("InvalidMigration", "depends_on: \"a\" is not registered in target \"second\"");
    assertThat(longhaul.registered()).isEmpty();
  }

  @Test
  void writesNothingIfOneIsDown() {
    try (Fixture half = create(longhaul.database, "postgresql://postgres@127.0.0.1:1/x")) {
      Refused.by(() -> half.register(call(migration("a", "main"), migration("b", "second"))))
          .is("TargetUnavailable", "target \"second\"", "127.0.0.1:1", "try again");
      assertThat(longhaul.registered()).isEmpty();
      assertThat(half.register(migration("a", "main").toString()).path("created").asBoolean())
          .isTrue();
    }
  }

  @Test
  void refusesATargetThatIsNotConfigured() {
    Refused.by(() -> longhaul.register(migration("a", "third").toString()))
        .is("InvalidMigration", "target: \"third\" is not configured here", "[main, second]");
  }

  private static ObjectNode everywhere(String name) {
    return Fixture.migration(name, "create table " + name + " (n int)", "").put("target", "*");
  }

  @Test
  void registersTheSameInAListOfTargets() {
    ObjectNode migration = migration("m", "");
    migration.putArray("target").add("second").add("main").add("second");

    assertThat(longhaul.register(migration.toString()).toString())
        .isEqualTo(
            "{\"migrations\":[{\"migration_name\":\"m\",\"target\":\"second\",\"status\":\"STARTED\",\"created\":true},"
                + "{\"migration_name\":\"m\",\"target\":\"main\",\"status\":\"STARTED\",\"created\":true}]}");
    longhaul.executeAll();
    assertThat(longhaul.database.value("select to_regclass('m')")).isEqualTo("m");
    assertThat(second.value("select to_regclass('m')")).isEqualTo("m");

    JsonNode again = longhaul.register(call(everywhere("m"), everywhere("n")));
    assertThat(again.path("migrations")).hasSize(4);
    assertThat(again.at("/migrations/1/created").asBoolean(true)).isFalse();
    assertThat(again.at("/migrations/2/created").asBoolean()).isTrue();
    assertThat(registeredInSecond()).isEqualTo(List.of("m", "n"));
  }

  @Test
  void tellsOnceWhatIsWrongInAllTargets() {
    assertThat(
            Refused.by(() -> longhaul.register(everywhere("m").put("max_attempts", 0).toString())))
        .isEqualTo(
            new Refused(
                "InvalidMigration",
                "max_attempts: must be a whole number from 1 to 100, not the number 0"));
    ObjectNode unknown = everywhere("m").put("colour", "blue");
    unknown.putArray("target").add("main").add("third").add(7);
    Refused.by(() -> longhaul.register(unknown.toString()))
        .is(
            "InvalidMigration",
            "3 things are wrong",
            "target: \"third\" is not configured",
            "target[2]",
            "colour:");
    Refused.by(
            () -> {
              ObjectNode none = everywhere("m");
              none.putArray("target");
              longhaul.register(none.toString());
            })
        .is("InvalidMigration", "target: is an empty list");
    assertThat(longhaul.registered()).isEmpty();
  }

  @Test
  void checksAllTargetsBeforeItWritesInOne() {
    longhaul.register(migration("m", "second").toString());
    Refused.by(
            () ->
                longhaul.register(
                    Fixture.migration("m", "select 2", "").put("target", "*").toString()))
        .is("MigrationConflict", "target \"second\"");
    assertThat(longhaul.registered()).isEmpty();

    try (Fixture half = create(longhaul.database, "postgresql://postgres@127.0.0.1:1/x")) {
      Refused.by(() -> half.register(everywhere("n").toString()))
          .is("TargetUnavailable", "target \"second\"");
      assertThat(longhaul.registered()).isEmpty();
    }
  }

  /// The one failure that no order of things avoids: a commit after another database's.
  @Test
  void saysWhereItIsRegisteredIfACommitFails() {
    longhaul.control("{\"action\": \"list\"}");
    longhaul.database.execute(
        """
        create function fail() returns trigger language plpgsql as
          $$ begin raise 'disk full' using errcode = '53100'; end $$;
        create constraint trigger fail after insert on longhaul.async_migration
          deferrable initially deferred for each row execute function fail();
        """);

    Refused.by(() -> longhaul.register(everywhere("m").toString()))
        .is(
            "TargetUnavailable",
            "registered in \"second\", and not in \"main\" (SQLSTATE 53100)",
            "same call again");
    assertThat(longhaul.registered()).isEmpty();
    assertThat(registeredInSecond()).isEqualTo(List.of("m"));

    longhaul.database.execute("drop trigger fail on longhaul.async_migration");
    JsonNode again = longhaul.register(everywhere("m").toString());
    assertThat(again.at("/migrations/0/created").asBoolean()).isTrue();
    assertThat(again.at("/migrations/1/created").asBoolean(true)).isFalse();
    longhaul.executeAll();
    assertThat(second.value("select to_regclass('m')")).isEqualTo("m");
  }

  private List<String> listed(String pageEnd) {
    List<String> all = new ArrayList<>();
    ObjectNode request =
        JsonFunction.JSON
            .createObjectNode()
            .put("action", "list")
            .put("limit", 2)
            .put("target", "*");
    JsonNode page;
    do {
      page = longhaul.control(request.toString());
      page.path("migrations")
          .forEach(
              m -> all.add(m.path("target").asText() + "/" + m.path("migration_name").asText()));
      all.add(pageEnd);
      request.set("after", page.path("next"));
    } while (page.hasNonNull("next"));
    return all;
  }

  @Test
  void listsTargetAfterTargetInPages() {
    longhaul.register(call(everywhere("a"), everywhere("b"), migration("c", "second")));

    assertThat(listed("-"))
        .isEqualTo(List.of("main/a", "main/b", "-", "second/a", "second/b", "-", "second/c", "-"));
    Refused.by(
            () -> longhaul.control("{\"action\": \"list\", \"target\": \"*\", \"after\": \"a\"}"))
        .is("InvalidMigration", "after: is no");
  }

  @Test
  void showsAMigrationInAllTargetsThatHaveIt() {
    longhaul.register(migration("c", "second").toString());
    JsonNode shown =
        longhaul.control("{\"action\": \"status\", \"target\": \"*\", \"migration_name\": \"c\"}");

    assertThat(shown.path("migrations")).hasSize(1);
    assertThat(shown.at("/migrations/0/target").asText()).isEqualTo("second");
    Refused.by(
            () ->
                longhaul.control(
                    "{\"action\": \"status\", \"target\": \"*\", \"migration_name\": \"d\"}"))
        .is("UnknownMigration", "\"main\", \"second\"");
    Refused.by(
            () ->
                longhaul.control(
                    "{\"action\": \"pause\", \"target\": [\"main\"], \"migration_name\": \"c\"}"))
        .is("InvalidMigration", "target: must be a string");
  }

  @Test
  void triggersByNameInSeveralTargets() {
    longhaul.register(call(everywhere("a")));
    longhaul.control("{\"action\": \"cancel\", \"migration_name\": \"a\"}");
    longhaul.control("{\"action\": \"cancel\", \"migration_name\": \"a\", \"target\": \"second\"}");
    JsonNode answer =
        longhaul.trigger("{\"migration_names\": [\"a\"], \"target\": [\"main\", \"second\"]}");

    assertThat(answer.path("started")).hasSize(2);
    assertThat(longhaul.trigger("{\"all\": true, \"target\": \"*\"}").path("started")).isEmpty();
  }
}
