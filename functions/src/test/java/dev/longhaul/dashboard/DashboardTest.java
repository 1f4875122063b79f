package dev.longhaul.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longhaul.migration.MigrationStatus;
import dev.longhaul.payload.JsonFunction;
import dev.longhaul.testing.Database;
import dev.longhaul.testing.Fixture;
import dev.longhaul.testing.Statuses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DashboardTest {
  private static final Pattern CALL =
      Pattern.compile(
          "<cwdb-action action=\"call\" display=\"popup\" endpoint=\"([^\"]+)\""
              + " confirmation=\"([^\"]+)\">([^<]+)</cwdb-action>");

  private final Fixture longhaul =
      new Fixture(Database.create(), Map.of("ALLOW_SCHEDULED_MIGRATIONS", "true"));

  @AfterEach
  void close() {
    longhaul.close();
  }

  private static String withContext(ObjectNode payload) {
    payload.putObject("widgetContext").put("theme", "dark").put("width", 500);
    return payload.toString();
  }

  private String page(ObjectNode payload) {
    JsonNode page = longhaul.invoke("dashboard", withContext(payload));
    assertThat(page.isTextual()).isTrue();
    return page.asText();
  }

  private String overview() {
    return page(JsonFunction.JSON.createObjectNode());
  }

  private record Call(String function, ObjectNode payload) {}

  private static List<Call> calls(String page) throws Exception {
    List<Call> calls = new ArrayList<>();
    Matcher matcher = CALL.matcher(page);
    while (matcher.find()) {
      String json = matcher.group(3).replace("&quot;", "\"").replace("&amp;", "&");
      calls.add(
          new Call(
              matcher.group(1).equals(Fixture.TRIGGER_ARN) ? "trigger" : "control",
              (ObjectNode) JsonFunction.JSON.readTree(json)));
    }
    return calls;
  }

  @ParameterizedTest
  @EnumSource(MigrationStatus.class)
  void everyButtonThatIsOfferedIsAccepted(MigrationStatus status) throws Exception {
    Statuses.bring(longhaul, "probe", status);
    assertThat(longhaul.status("probe")).isEqualTo(status.label());
    int offered = calls(page(WidgetRequest.detail("main", "probe"))).size();
    assertThat(offered).isPositive();
    for (int i = 0; i < offered; i++) {
      String name = "t" + i;
      Statuses.bring(longhaul, name, status);
      Call call = calls(page(WidgetRequest.detail("main", name))).get(i);

      String answer = longhaul.invoke(call.function(), withContext(call.payload())).asText();

      assertThat(answer).startsWith("<p class=\"lh-answer\">").contains(name);
    }
  }

  @Test
  void aRefusalIsASentenceToo() {
    Statuses.bring(longhaul, "done", MigrationStatus.FINISHED);
    ObjectNode pause =
        JsonFunction.JSON.createObjectNode().put("action", "pause").put("migration_name", "done");

    assertThat(longhaul.invoke("control", withContext(pause)).asText())
        .contains("lh-refusal", "Not done.", "only what is STARTED or IN PROGRESS can be paused");
    assertThat(longhaul.status("done")).isEqualTo("FINISHED");
  }

  @Test
  void hostileTextsStayTexts() {
    String name = "<script>alert(1)</script>\"'\u202e&" + "x".repeat(100);
    longhaul.register(
        Fixture.migration(
                name,
                "select '" + "<img src=x onerror=alert(2)>".repeat(400) + "'::int",
                "select '\u2066'")
            .put("execute_immediately", true)
            .toString());
    longhaul.executeUntil(name, "ERROR");

    for (String page : List.of(overview(), page(WidgetRequest.detail("main", name)))) {
      assertThat(page)
          .doesNotContain("<script", "<img", "\u202e", "\u2066")
          .contains("&lt;script&gt;alert(1)", "⟦U+202E⟧", "What to do: ");
      assertThat(page.length()).isLessThan(100_000);
    }
    assertThat(page(WidgetRequest.detail("main", name))).contains("&lt;img src=x");
  }

  @Test
  void tenThousandMigrationsStayASmallAndQuickPage() {
    longhaul.register("first", "select 1", "");
    longhaul.database.execute(
        """
        insert into longhaul.async_migration
          (name, status, sql_forwards, sql_backwards, checksum, max_attempts, steps_total, steps_done, meta,
           finished_at, next_look_at, changed_at)
        select 'app_' || lpad(i::text, 6, '0') || '_index_orders_by_customer', s.status,
          jsonb_build_array('create index concurrently i on orders (customer_id)'), '["drop index i"]', 'c', 10, 1,
          (s.status = 'FINISHED')::int,
          case when s.status = 'ERROR'
            then '{"error":{"sqlstate":"42601","message":"syntax error","next":"mend it"}}' else '{}' end::jsonb,
          case when s.status in ('FINISHED', 'ERROR') then now() end,
          case when s.status = 'STARTED' then now() end, now() - make_interval(secs => i)
        from generate_series(1, 10000) i,
          lateral (select case when i % 50 = 0 then 'ERROR' when i % 70 = 0 then 'STARTED'
            when i % 90 = 0 then 'SCHEDULED' else 'FINISHED' end) s (status)
        """);
    longhaul.database.execute("vacuum analyze longhaul.async_migration");
    List<Long> times = new ArrayList<>();
    int size = 0;
    for (int i = 0; i < 20; i++) {
      long start = System.nanoTime();
      size = overview().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
      times.add(Duration.ofNanos(System.nanoTime() - start).toMillis());
    }
    System.out.println("overview of 10,000: " + size + " bytes, ms " + times);

    assertThat(size).isLessThan(100_000);
    assertThat(times.stream().sorted().toList().get(times.size() / 2)).isLessThan(200);
  }

  @Test
  void describesItself() {
    assertThat(longhaul.invoke("dashboard", "{\"describe\":true}").path("markdown").asText())
        .contains("### Widget parameters", "**target**", "**migration_name**");
  }
}
