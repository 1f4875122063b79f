package dev.longhaul.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.TestBus;
import dev.longhaul.testing.TestBus.Fate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Every transition becomes an event, whatever the bus does.
class OutboxTest {
  private static final int MIGRATIONS = 500;

  private final TestBus bus = TestBus.start();
  private final Fixture fixture =
      new Fixture(
          Database.create(),
          Map.of(
              "EVENT_BUS_NAME", "default",
              "AWS_ENDPOINT_URL_EVENTBRIDGE", bus.endpoint(),
              "ALLOW_SCHEDULED_MIGRATIONS", "true"));

  @AfterEach
  void close() {
    fixture.close();
    bus.close();
  }

  private void registerAll() {
    ObjectNode payload = JsonFunction.JSON.createObjectNode();
    ArrayNode list = payload.putArray("migrations");
    IntStream.range(0, MIGRATIONS)
        .forEach(i -> list.add(Fixture.migration("m%03d".formatted(i), "select 1", "")));
    fixture.register(payload.toString());
  }

  private int unpublished() {
    return Integer.parseInt(
        fixture.database.value(
            "select count(*) from longhaul.async_migration_history where published_at is null"));
  }

  /// The bus is down while a thousand transitions happen, and then comes back by and by: requests
  /// fail, are taken in part, or their answer is lost.
  @Test
  void noneOfAThousandTransitionsIsLost() {
    bus.meets(request -> Fate.REFUSED);
    registerAll();
    fixture.trigger("{\"all\": true}");
    assertThat(bus.entries()).isEmpty();
    assertThat(unpublished()).isEqualTo(2 * MIGRATIONS);

    Fate[] recovery = {Fate.TAKEN, Fate.REFUSED, Fate.TAKEN, Fate.TAKEN_IN_PART, Fate.ANSWER_LOST};
    bus.meets(request -> request < 40 ? recovery[request % recovery.length] : Fate.TAKEN);
    int sweeps = 0;
    while (unpublished() > 0) {
      assertThat(sweeps++).as("sweeps").isLessThan(40);
      fixture.trigger("{}");
    }

    Map<Long, JsonNode> byId = new LinkedHashMap<>();
    List<Long> firsts = new ArrayList<>();
    for (JsonNode detail : bus.details()) {
      JsonNode earlier = byId.putIfAbsent(detail.path("id").asLong(), detail);
      if (earlier == null) {
        firsts.add(detail.path("id").asLong());
      } else {
        assertThat(detail).as("a copy").isEqualTo(earlier);
      }
    }
    assertThat(bus.details()).as("with copies").hasSizeGreaterThan(2 * MIGRATIONS);
    List<Long> history =
        fixture
            .database
            .query("select id from longhaul.async_migration_history order by id")
            .stream()
            .map(Long::valueOf)
            .toList();
    assertThat(history).hasSize(2 * MIGRATIONS);
    assertThat(firsts).as("each id once, in order").isEqualTo(history);
    Map<String, String> last = new HashMap<>();
    byId.values()
        .forEach(
            detail -> {
              String from = detail.path("from").asText();
              String name = detail.path("migration_name").asText();
              assertThat(from).isEqualTo(last.getOrDefault(name, "null"));
              last.put(name, detail.path("to").asText());
            });
    assertThat(last).hasSize(MIGRATIONS).containsValue("STARTED").doesNotContainValue("SCHEDULED");
  }

  /// The bus may refuse one event of a request and take those behind it. These then come once more,
  /// after the one that was refused, so that the last word on each migration is the latest.
  @Test
  void whatStoodBehindARefusedEventComesAgain() {
    bus.meets(_ -> Fate.REFUSED);
    registerAll();
    bus.meets(request -> request % 2 == 0 ? Fate.TAKEN_BUT_ONE : Fate.TAKEN);
    for (int sweeps = 0; unpublished() > 0; sweeps++) {
      assertThat(sweeps).as("sweeps").isLessThan(100);
      fixture.trigger("{}");
    }

    List<Long> delivered = new ArrayList<>();
    bus.details().forEach(detail -> delivered.add(detail.path("id").asLong()));
    List<Long> history =
        fixture
            .database
            .query("select id from longhaul.async_migration_history order by id")
            .stream()
            .map(Long::valueOf)
            .toList();
    assertThat(delivered).hasSizeGreaterThan(history.size()).containsSubsequence(history);
  }

  /// EventBridge refuses a request over 256 KB as a whole, and would for ever.
  @Test
  void anErrorOfAnyLengthIsPublished() {
    fixture.register(
        Fixture.migration(
                "talkative",
                "do $$ begin raise exception using message = repeat('€\"', 200000); end $$",
                "")
            .put("execute_immediately", true)
            .toString());
    fixture.executeUntil("talkative", "ERROR");
    assertThat(unpublished()).isZero();
    JsonNode failed = bus.details().getLast();
    assertThat(failed.path("to").asText()).isEqualTo("ERROR");
    assertThat(failed.path("reason").asText()).startsWith("P0001: ").hasSize(1000).endsWith("…");
  }
}
