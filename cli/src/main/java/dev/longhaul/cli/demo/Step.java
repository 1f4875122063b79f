package dev.longhaul.cli.demo;

import java.util.List;

/// What the demo does next, beside waiting.
sealed interface Step {
  /// Calls TriggerFunction for these.
  record Trigger(List<String> names) implements Step {}

  /// Calls TriggerFunction for whatever is due, which the named migration is.
  record TriggerDue(String name) implements Step {}

  /// Triggers a migration while somebody's open transaction holds the table that it needs.
  record TriggerAgainstLock(String name, String table) implements Step {}

  /// Lets sessions write to the table that a batched migration is walking through.
  record WriteMeanwhile(String name, String table) implements Step {}

  /// Mends the data that a migration failed at, and retries it.
  record RepairAndRetry(String name, String repair) implements Step {}

  record RollBack(String name) implements Step {}

  /// Asks for a rollback that is to be refused: the migration has no way back.
  record RollBackIrreversible(String name) implements Step {}
}
