package dev.longhaul.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.testing.Fixture;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExecutionTest {
  private final Fixture longhaul = new Fixture();

  @AfterEach
  void close() {
    longhaul.close();
  }

  @Test
  void runsAScriptAndRecordsEveryTransition() {
    longhaul.register(
        "tables", "create table a (n int); create table b (n int)", "drop table a, b");
    longhaul.executeAll();

    JsonNode status = longhaul.control("status", "tables");
    assertThat(status.path("status").asText()).isEqualTo("FINISHED");
    assertThat(status.path("attempt").asInt()).isEqualTo(1);
    assertThat(status.path("progress").path("done").asInt()).isEqualTo(2);
    assertThat(Fixture.notes(status)).isEmpty();
    assertThat(longhaul.pathOf("tables")).isEqualTo(List.of("STARTED", "IN PROGRESS", "FINISHED"));
    assertThat(
            longhaul.database.value("select count(*) from pg_tables where tablename in ('a', 'b')"))
        .isEqualTo("2");
  }

  @Test
  void buildsIndexesConcurrentlyStepByStep() {
    longhaul.register(
        "indexes",
        "create table t (n int, m int); create index concurrently t_n on t (n); create index"
            + " concurrently t_m on t (m)",
        "drop table t");
    longhaul.executeAll();

    assertThat(longhaul.status("indexes")).isEqualTo("FINISHED");
    assertThat(
            longhaul.database.value(
                "select bool_and(indisvalid) from pg_index where indrelid = 't'::regclass"))
        .isEqualTo("t");
  }

  @Test
  void recordsAnErrorWithItsPositionAndLeavesNothingOfTheScript() {
    longhaul.register("broken", "create table a (n int); insert into a values (1); selec 1", "");
    longhaul.executeAll();

    JsonNode error = longhaul.control("status", "broken").path("meta").path("error");
    assertThat(error.path("sqlstate").asText()).isEqualTo("42601");
    assertThat(error.path("statement_number").asInt()).isEqualTo(3);
    assertThat(error.path("position").asInt()).isEqualTo(1);
    assertThat(error.path("next").asText()).contains("longhaul retry broken");
    assertThat(longhaul.database.value("select to_regclass('a')")).isEqualTo("null");
  }
}
