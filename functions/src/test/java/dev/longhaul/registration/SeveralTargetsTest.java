package dev.longhaul.registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
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
}
