package dev.longhaul.migration;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a statement is, as far as running it safely depends on that. Read from its first words;
/// what they do not tell (a procedure that commits, say) the server tells when the statement runs.
public sealed interface StatementKind {

  /// Moves rows. Waits for row locks only, which stall nobody's other rows.
  record Data() implements StatementKind {}

  /// `set`, `reset`: acts on the session, so that a later attempt has to repeat it.
  record Setting() implements StatementKind {}

  /// Everything else that may run in a transaction.
  record Definition() implements StatementKind {}

  /// `begin`, `commit`, … Never ours to run.
  record TransactionControl(String words) implements StatementKind {}

  /// @param table as written, resolved by the session's search path
  /// @param index without quotes; null where the statement leaves the name to PostgreSQL
  record CreateIndexConcurrently(@Nullable String index, String table, boolean ifNotExists)
      implements OutsideTransaction {}

  /// @param indexes as written
  record DropIndexConcurrently(List<String> indexes) implements OutsideTransaction {
    public DropIndexConcurrently {
      indexes = List.copyOf(indexes);
    }
  }

  /// @param object `index`, `table`, `schema`, `database` or `system`
  /// @param name as written
  record ReindexConcurrently(String object, String name) implements OutsideTransaction {}

  /// `vacuum`: to run it twice does no harm.
  ///
  /// @param isFull rewrites the table under a lock that stalls all others
  record Vacuum(boolean isFull) implements OutsideTransaction {}

  /// Refuses a transaction, and nothing here knows how to tell afterwards whether it happened.
  record Unverifiable(boolean waitsSafely) implements OutsideTransaction {}

  /// What cannot run inside a transaction (SQLSTATE 25001).
  sealed interface OutsideTransaction extends StatementKind
      permits CreateIndexConcurrently,
          DropIndexConcurrently,
          ReindexConcurrently,
          Vacuum,
          Unverifiable {}

  static StatementKind of(String statement) {
    return new StatementReader(SqlTokens.of(statement)).read();
  }
}
