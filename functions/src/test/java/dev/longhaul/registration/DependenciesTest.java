package dev.longhaul.registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DependenciesTest {
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  private static ObjectNode migration(String name, String... dependsOn) {
    ObjectNode migration = Fixture.migration(name, "create table " + name + " (n int)", "");
    for (String dependency : dependsOn) {
      migration.withArray("depends_on").add(dependency);
    }
    return migration;
  }

  private static String call(ObjectNode... migrations) {
    return "{\"migrations\": " + List.of(migrations) + "}";
  }

  @Test
  void refusesDependenciesThatNobodyKnows() {
    Refused.by(() -> longhaul.register(migration("a", "x", "y").toString()))
        .is("InvalidMigration", "depends_on: \"x\", \"y\" are not registered in target \"main\"");
    Refused.by(() -> longhaul.register(call(migration("a"), migration("b", "a", "x"))))
        .is("InvalidMigration", "depends_on: \"x\" is not registered", "in the same call");
    assertThat(longhaul.registered()).isEmpty();
    assertThat(longhaul.queue.drain()).isEmpty();
  }

  @Test
  void refusesCircles() {
    Refused.by(() -> longhaul.register(call(migration("a", "b"), migration("b", "a"))))
        .is(
            "InvalidMigration",
            "depends_on: goes round in a circle: a → b → a",
            "take one link out");
    Refused.by(
            () ->
                longhaul.register(
                    call(migration("a", "b"), migration("b", "c"), migration("c", "a"))))
        .is("InvalidMigration", "a → b → c → a");
    Refused.by(
            () ->
                longhaul.register(
                    call(migration("x", "a"), migration("a", "b"), migration("b", "a"))))
        .is("InvalidMigration", "circle: a → b → a");
    assertThat(longhaul.registered()).isEmpty();
  }

  @Test
  void takesDependenciesInTheSameCallInAnyOrder() {
    longhaul.register(call(migration("c", "a", "b"), migration("b", "a", "a"), migration("a")));
    longhaul.executeUntil("c", "FINISHED");

    assertThat(
            longhaul.database.query(
                "select name from longhaul.async_migration order by finished_at"))
        .isEqualTo(List.of("a", "b", "c"));
  }

  @Test
  void takesTheDiamondThatIsNoCircle() {
    longhaul.register(
        call(migration("d", "b", "c"), migration("b", "a"), migration("c", "a"), migration("a")));

    assertThat(longhaul.registered()).isEqualTo(List.of("a", "b", "c", "d"));
  }

  @Test
  @Timeout(20)
  void takesAChainOfAThousandLinks() {
    List<ObjectNode> chain = new ArrayList<>();
    for (int i = 999; i > 0; i--) {
      chain.add(migration("m" + i, "m" + (i - 1)));
    }
    chain.add(migration("m0"));
    longhaul.register("{\"migrations\": " + chain + "}");

    assertThat(longhaul.registered()).hasSize(1000);
    chain.set(999, migration("m0", "m999"));
    Refused.by(() -> longhaul.register("{\"migrations\": " + chain + "}"))
        .is("InvalidMigration", "goes round in a circle");
  }

  @Test
  void doesNotReadDependenciesOfMigrationsThatAreKnownAlready() {
    longhaul.register(migration("a").toString());
    longhaul.register(migration("b", "a").toString());

    assertThat(longhaul.register(migration("a", "b").toString()).path("created").asBoolean())
        .isFalse();
    assertThat(
            longhaul.database.value(
                "select depends_on from longhaul.async_migration where name = 'a'"))
        .isEqualTo("[]");
  }
}
