package dev.longhaul.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Refused;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Of several targets one is down.
class SilentTargetTest {
  private final Database database = Database.create();
  private final Fixture fixture =
      new Fixture(
          database,
          Map.of(
              "DATABASE_TARGETS",
              "{\"down\": {\"url\": \"postgresql://a@127.0.0.1:1/b\"}, \"main\": {\"url\": \"%s\"}}"
                  .formatted(database.url())));

  @AfterEach
  void close() {
    fixture.close();
  }

  private static void requireSilent(JsonNode answer) {
    assertThat(answer.path("migrations")).hasSize(1);
    assertThat(answer.at("/migrations/0/migration_name").asText()).isEqualTo("a");
    assertThat(answer.path("silent")).hasSize(1);
    assertThat(answer.at("/silent/0/target").asText()).isEqualTo("down");
    assertThat(answer.at("/silent/0/reason").asText()).contains("is not available");
  }

  @Test
  void theOthersAreShownAndItIsNamed() {
    fixture.register("a", "select 1", "");
    requireSilent(fixture.control("{\"action\": \"list\", \"target\": \"*\"}"));
    requireSilent(
        fixture.control("{\"action\": \"status\", \"migration_name\": \"a\", \"target\": \"*\"}"));
  }

  @Test
  void whatNobodyElseKnowsMayBeThere() {
    fixture.register("a", "select 1", "");
    JsonNode answer =
        fixture.control("{\"action\": \"status\", \"migration_name\": \"b\", \"target\": \"*\"}");
    assertThat(answer.path("migrations")).isEmpty();
    assertThat(answer.at("/silent/0/target").asText()).isEqualTo("down");
    Refused.by(
            () ->
                fixture.control(
                    "{\"action\": \"status\", \"migration_name\": \"b\", \"target\": [\"main\"]}"))
        .is("UnknownMigration", "b");
    Refused.by(
            () ->
                fixture.control(
                    "{\"action\": \"status\", \"migration_name\": \"b\", \"target\": [\"down\"]}"))
        .is("TargetUnavailable", "down");
    Refused.by(() -> fixture.control("{\"action\": \"list\", \"target\": [\"down\"]}"))
        .is("TargetUnavailable", "down");
  }
}
