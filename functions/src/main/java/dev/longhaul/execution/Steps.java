package dev.longhaul.execution;

import dev.longhaul.journal.JournalEntry;
import dev.longhaul.migration.Placeholder;
import dev.longhaul.migration.StatementKind;
import dev.longhaul.migration.StatementKind.OutsideTransaction;
import dev.longhaul.migration.StatementKind.Unverifiable;
import java.util.List;

/// What of a script comes next, and how: as much as possible in one transaction, where all of it
/// can; else one statement at a time.
record Steps(JournalEntry entry) {
  sealed interface Step {}

  /// A person has said that the last statement is done.
  record Nothing() implements Step {}

  /// Up to statement `to`, exclusive and counted from 0, in one transaction.
  record Unit(int to) implements Step {}

  /// The next statement, outside of any transaction.
  record Bare(OutsideTransaction kind) implements Step {}

  /// The next statement, in batches.
  record Batched() implements Step {}

  Step next() {
    List<String> statements = entry.statements();
    int done = entry.steps().done();
    if (done == statements.size()) {
      return new Nothing();
    }
    if (isBatched(done)) {
      return new Batched();
    }
    if (kind(done) instanceof OutsideTransaction kind) {
      return new Bare(kind);
    }
    boolean allInOne = true;
    for (int i = 0; i < statements.size(); i++) {
      allInOne &= !(kind(i) instanceof OutsideTransaction) && !isBatched(i);
    }
    return new Unit(allInOne ? statements.size() : done + 1);
  }

  private boolean isBatched(int index) {
    return entry.migration().batch() != null && Placeholder.isIn(entry.statements().get(index));
  }

  private StatementKind kind(int index) {
    StatementKind kind = StatementKind.of(entry.statements().get(index));
    boolean refused = entry.steps().outsideTransaction().contains(index + 1);
    return refused && !(kind instanceof OutsideTransaction) ? new Unverifiable(false) : kind;
  }
}
