package dev.longhaul.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longhaul.cli.MigrationFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// What happens to the sample's migrations after they are registered. Every step follows from
/// statuses alone, so that a demo that was killed, or is started once more, goes on where things
/// are.
final class Scenario {
  static final String MEETS_LOCK = "0031_add_webhook_secret";
  static final String LOCKED_TABLE = "labelling.webhook";
  static final String DUPLICATE_KEY = "0033_unique_annotation";
  static final String IRREVERSIBLE = "0034_anonymise_inactive_accounts";
  static final String ROLLED_BACK = "0035_index_prediction_score";
  static final String APPLIED_AGAIN = "0036_annotation_drafts";
  static final String DUE = "0038_nightly_refresh";
  static final String BATCHED = "0040_price_usage";
  static final String BATCHED_TABLE = "labelling.usage";

  /// Deletes the later ones of repeated annotations.
  static final String REPAIR =
      """
      delete from labelling.annotation as later
      using labelling.annotation as earlier
      where later.task_id = earlier.task_id
        and later.account_id = earlier.account_id
        and earlier.id < later.id
        and not earlier.was_cancelled
        and not later.was_cancelled
      """;

  private static final String UNIQUE_VIOLATION = "23505";

  private final Map<String, List<String>> dependencies = new HashMap<>();

  Scenario(List<MigrationFile> migrations) {
    for (MigrationFile migration : migrations) {
      List<String> names = new ArrayList<>();
      JsonNode given = migration.payload().path("depends_on");
      given.forEach(name -> names.add(name.asText()));
      dependencies.put(migration.name(), List.copyOf(names));
    }
  }

  /// @param states in the order of registration
  /// @param wasRolledBack whether a migration's history knows of a rollback
  List<Step> next(Map<String, MigrationState> states, Predicate<String> wasRolledBack) {
    List<Step> steps = new ArrayList<>();
    List<String> toTrigger = new ArrayList<>();
    for (MigrationState state : states.values()) {
      switch (state.status()) {
        case MigrationState.SCHEDULED -> {
          switch (state.name()) {
            case MEETS_LOCK -> {
              if (isReady(states, MEETS_LOCK)) {
                steps.add(new Step.TriggerAgainstLock(MEETS_LOCK, LOCKED_TABLE));
              }
            }
            case DUE -> {
              if (isReady(states, DUE)) {
                steps.add(new Step.TriggerDue(DUE));
              }
            }
            default -> toTrigger.add(state.name());
          }
        }
        case MigrationState.IN_PROGRESS -> {
          if (state.name().equals(BATCHED) && state.rowsDone() > 0) {
            steps.add(new Step.WriteMeanwhile(BATCHED, BATCHED_TABLE));
          }
        }
        case MigrationState.FINISHED -> {
          switch (state.name()) {
            case IRREVERSIBLE -> steps.add(new Step.RollBackIrreversible(IRREVERSIBLE));
            case ROLLED_BACK -> steps.add(new Step.RollBack(ROLLED_BACK));
            case APPLIED_AGAIN -> {
              if (!wasRolledBack.test(APPLIED_AGAIN)) {
                steps.add(new Step.RollBack(APPLIED_AGAIN));
              }
            }
            default -> {}
          }
        }
        case MigrationState.ROLLED_BACK -> {
          if (state.name().equals(APPLIED_AGAIN)) {
            toTrigger.add(APPLIED_AGAIN);
          }
        }
        case MigrationState.ERROR -> {
          if (state.name().equals(DUPLICATE_KEY) && state.sqlState().equals(UNIQUE_VIOLATION)) {
            steps.add(new Step.RepairAndRetry(DUPLICATE_KEY, REPAIR));
          }
        }
        default -> {}
      }
    }
    if (!toTrigger.isEmpty()) {
      steps.add(new Step.Trigger(List.copyOf(toTrigger)));
    }
    return List.copyOf(steps);
  }

  /// Whether all that can still happen has happened: what has not ended waits for a migration that
  /// has ended otherwise than it should.
  boolean isSettled(Map<String, MigrationState> states) {
    return states.values().stream()
        .allMatch(state -> state.hasEnded() || waitsInVain(state, states, new HashSet<>()));
  }

  private boolean waitsInVain(
      MigrationState state, Map<String, MigrationState> states, Set<String> seen) {
    if (state.is(MigrationState.IN_PROGRESS) || !seen.add(state.name())) {
      return false;
    }
    for (String name : dependenciesOf(state.name())) {
      MigrationState dependency = states.get(name);
      boolean inVain =
          dependency == null
              || (dependency.hasEnded()
                  ? !dependency.is(MigrationState.FINISHED)
                  : waitsInVain(dependency, states, seen));
      if (inVain) {
        return true;
      }
    }
    return false;
  }

  private boolean isReady(Map<String, MigrationState> states, String name) {
    return dependenciesOf(name).stream()
        .map(states::get)
        .allMatch(dependency -> dependency != null && dependency.is(MigrationState.FINISHED));
  }

  private List<String> dependenciesOf(String name) {
    return dependencies.getOrDefault(name, List.of());
  }
}
