package dev.longhaul.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class ScenarioTest {
  private static final Scenario SCENARIO = new Scenario(Sample.load(10_000).migrations());
  private static final Map<String, String> END = ExpectedEndState.load(10_000).statuses();

  private final Map<String, MigrationState> states = new LinkedHashMap<>();

  @Test
  void triggersAllButTheTwoThatHaveTheirMoment() {
    all(MigrationState.SCHEDULED);
    assertThat(next()).singleElement().isInstanceOf(Step.Trigger.class);
    assertThat(next())
        .first()
        .extracting("names")
        .asInstanceOf(InstanceOfAssertFactories.list(String.class))
        .hasSize(38)
        .doesNotContain(Scenario.MEETS_LOCK, Scenario.DUE);
  }

  @Test
  void locksTheTableOnceItIsThere() {
    all(MigrationState.STARTED);
    put(Scenario.MEETS_LOCK, MigrationState.SCHEDULED);
    assertThat(next()).isEmpty();
    put("0001_create_schema", MigrationState.FINISHED);
    assertThat(next())
        .containsExactly(new Step.TriggerAgainstLock(Scenario.MEETS_LOCK, Scenario.LOCKED_TABLE));
  }

  @Test
  void asksForNothingAtTheEndExceptTheImpossible() {
    END.forEach(this::put);
    assertThat(SCENARIO.next(states, name -> true))
        .containsExactly(new Step.RollBackIrreversible(Scenario.IRREVERSIBLE));
    assertThat(SCENARIO.isSettled(states)).isTrue();
  }

  @Test
  void appliesAgainWhatItRolledBack() {
    END.forEach(this::put);
    assertThat(SCENARIO.next(states, name -> false))
        .contains(new Step.RollBack(Scenario.APPLIED_AGAIN));
    put(Scenario.APPLIED_AGAIN, MigrationState.ROLLED_BACK);
    assertThat(next()).contains(new Step.Trigger(List.of(Scenario.APPLIED_AGAIN)));
  }

  @Test
  void repairsOnlyWhatFailedAtADuplicateKey() {
    END.forEach(this::put);
    put(Scenario.DUPLICATE_KEY, MigrationState.ERROR, "42P07");
    assertThat(next()).doesNotHaveAnyElementsOfTypes(Step.RepairAndRetry.class);
    put(Scenario.DUPLICATE_KEY, MigrationState.ERROR, "23505");
    assertThat(next()).contains(new Step.RepairAndRetry(Scenario.DUPLICATE_KEY, Scenario.REPAIR));
  }

  @Test
  void isSettledWhenTheRestWaitsInVain() {
    END.forEach(this::put);
    put("0009_check_task_external_key", MigrationState.STARTED);
    put("0010_require_task_external_key", MigrationState.STARTED);
    assertThat(SCENARIO.isSettled(states)).isFalse();
    put("0008_fill_task_external_key", MigrationState.ERROR);
    assertThat(SCENARIO.isSettled(states)).isTrue();
    put("0010_require_task_external_key", MigrationState.IN_PROGRESS);
    assertThat(SCENARIO.isSettled(states)).isFalse();
  }

  private List<Step> next() {
    return SCENARIO.next(states, name -> true);
  }

  private void all(String status) {
    END.keySet().forEach(name -> put(name, status));
  }

  private void put(String name, String status) {
    put(name, status, "");
  }

  private void put(String name, String status, String sqlState) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (!sqlState.isEmpty()) {
      json.putObject("meta").putObject("error").put("sqlstate", sqlState);
    }
    states.put(name, new MigrationState(name, status, "forwards", 1, json, null));
  }
}
